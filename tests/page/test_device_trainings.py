"""Trainings on viewers' devices: what a device is given, and what is made of what it has learnt."""

from __future__ import annotations

import asyncio
import base64

import numpy as np
import pytest
import torch

from explorer.core import checkpoint
from explorer.core.training import train
from explorer.data import digits, pictures
from explorer.device.export import export
from explorer.lab.experiment import Experiment
from explorer.lab.session import Training
from explorer.lab.trainings import TrainingRefused
from explorer.page.device_models import DeviceModels
from explorer.page.device_trainings import LOST, DeviceTrainings, Given, data_file
from explorer.serving.model_store import ModelStore

SMALL = Experiment(size="small", batch=8, classes=(3, 8))


@pytest.fixture(scope="module")
def given():
    """A training that a viewer's device was given: the trainings, the job, the training."""
    models = ModelStore()
    trainings = DeviceTrainings(models, DeviceModels(models, export))
    one = Given(SMALL, 20)
    return trainings, asyncio.run(trainings.job(one, "me")), one.training()


def told(training, run=None, **more):
    """What the device tells of this run's averaged weights."""
    weights = [weight.detach().numpy().ravel() for weight in (run or training.run).average.parameters()]
    numbers = base64.b64encode(np.concatenate(weights).astype("<f4").tobytes()).decode()
    return {"run": training.name, "step": 3, "seconds": 1.5, "weights": numbers} | more


def test_what_a_device_is_given(given):
    """Addresses of its own for the graph, the network and the pictures, the number of these, and what it draws."""
    trainings, job, training = given
    count = sum(len(digits.clear().of_class(digit)) for digit in (3, 8))
    assert job["pictures"] == count and not job["floats"] and job["labels"] == [3, 8] * 5 and job["T"] == 1000
    assert len({job["training"], job["model"], job["data"]}) == 3
    assert trainings.trains("me") and not trainings.trains("somebody")
    again = asyncio.run(trainings.job(Given(SMALL, 30), "somebody"))
    assert [again[part] for part in ("training", "model", "data")] == [job["training"], job["model"], job["data"]]
    assert not trainings.gives(Experiment(size="large"))


def test_the_pictures_travel_with_what_is_fitted_to_them():
    """Labels, grey levels, and the closed form of the best linear guess, as a training here would have it; drawings as
    the numbers that they are.
    """
    training = Training.fresh(SMALL, 20)
    x_0, label = training.data()
    run = SMALL.run()
    for _ in train(run, x_0, label, steps=1):
        pass
    content = data_file(training)
    n = len(label)
    assert (np.frombuffer(content, np.uint8, n) == label.numpy()).all()
    grey = np.frombuffer(content, np.uint8, n * 784, n).reshape(n, 784)
    assert (grey == digits.clear().pixels[np.isin(digits.clear().labels, (3, 8))].reshape(n, 784)).all()
    fitted = np.frombuffer(content[n + n * 784 :], "<f4")
    weights = {name for name, _ in run.average.named_parameters()}
    ours = torch.cat([v.flatten() for name, v in run.average.state_dict().items() if name not in weights])
    np.testing.assert_allclose(fitted, ours.numpy(), rtol=1e-4, atol=1e-5)
    drawn = Training.fresh(SMALL, 20, (pictures.digit(3, 0),))
    floats = np.frombuffer(data_file(drawn), "<f4", 784, len(drawn.data()[1]))
    assert (floats == pictures.digit(3, 0).image().numpy().ravel()).all()


def test_what_it_has_learnt_is_a_model(given):
    """The same weights, under the name that a training here would give them, with the story of the training."""
    trainings, _, training = given
    run = SMALL.run()
    for _ in train(run, *training.data(), steps=3):
        pass
    update = trainings.learnt("me", told(training, run))
    assert update.over and update.run == training.name and 0 < update.progress < 1 and not update.problem
    model = checkpoint.from_bytes(trainings._models.get(update.model).file)
    for ours, theirs in zip(model.network.parameters(), run.average.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert model.notes["steps"] == 3 and tuple(model.notes["classes"]) == (3, 8)
    broken = trainings.learnt("me", told(training, run, broke="nan"))
    assert "the loss became nan at step 4" in broken.problem


@pytest.mark.parametrize(
    "more",
    [
        {"run": "another"}, {"step": "many"}, {"step": -1}, {"seconds": float("nan")}, {"seconds": 10**400},
        {"weights": ""}, {"weights": "é"}, {"weights": None}, {"weights": "AAAA"},
        {"weights": base64.b64encode(np.full(5, np.nan, "<f4").tobytes()).decode()},
    ],
)  # fmt: skip
def test_what_did_not_arrive_whole_is_refused(given, more):
    trainings, _, training = given
    with pytest.raises(TrainingRefused, match=LOST):
        trainings.learnt("me", told(training) | more)
    with pytest.raises(TrainingRefused):
        trainings.learnt("nobody", told(training))
