"""What goes into a training and comes out of it: files, drawings, other data."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch
from safetensors.torch import save

from explorer.core import checkpoint
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainStep
from explorer.data import pictures
from explorer.data.augment import augmented
from explorer.lab import experiment
from explorer.lab.experiment import Experiment
from explorer.lab.session import point
from explorer.lab.trainings import TrainingRefused
from tests.lab.hearing import hear
from tests.lab.test_trainings import new_run
from tests.tiny import tiny_model

pytestmark = pytest.mark.usefixtures("small_network")


def test_loss_by_t_is_the_mean_in_each_third():
    step = TrainStep(1, 6, 0.1, 0.5, torch.tensor([1, 3, 4, 6, 6]), torch.tensor([0.2, 0.4, 1.0, 2.0, 4.0]), 0.1, 0.0)
    assert point(step, T=9).by_t == (pytest.approx(0.3), pytest.approx(7 / 3), None)
    assert point(TrainStep(1, 1, 0.1, 0.5, torch.tensor([9]), torch.tensor([0.5]), 0.1, 0.0), T=9).by_t == (
        None,
        None,
        0.5,
    )


def test_random_weights_are_drawn_once(lab):
    async def twice():
        return await lab.untrained(), await lab.untrained()

    first, second = asyncio.run(twice())
    assert first is second and first.step == 0 and len(first.t) == len(first.frames) == 21


def test_a_model_goes_out_as_a_file_and_comes_back(lab, tmp_path):
    """The same model under the same name, drawing the same digits; who loads one has no run of their own any more."""
    end = asyncio.run(hear(lab.start(Experiment(), 0.5, "me")))[-1]
    path = tmp_path / "mine.safetensors"
    path.write_bytes(lab.file(end.model))
    loaded = asyncio.run(lab.load(str(path), "me"))
    assert loaded.model == end.model and loaded.over and loaded.turn > end.turn and loaded.run != end.run
    assert (loaded.checkpoints[0].frames == end.checkpoints[0].frames).all() and loaded.checkpoints[
        0
    ].step == end.checkpoints[0].step
    with pytest.raises(TrainingRefused, match="press start"):
        lab.go_on(10, "me")


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {"classes": [11]},
        {"classes": "many"},
        {"steps": "many", "seconds": None},
        {"steps": 10**400, "seconds": -1.0},
        {"steps": [1], "seconds": float("nan")},
    ],
)
def test_a_files_notes_may_hold_anything(lab, tmp_path, notes):
    checkpoint.save(
        checkpoint.Model(new_run(0).average, NoiseSchedule("linear", 50), notes), tmp_path / "odd.safetensors"
    )
    drawn = asyncio.run(lab.load(str(tmp_path / "odd.safetensors"), "me")).checkpoints[0]
    assert drawn.step == drawn.seconds == 0 and drawn.t[0] == 50


def test_files_that_cannot_be_used_get_a_sentence_and_change_nothing(lab, tmp_path):
    asyncio.run(hear(lab.start(Experiment(), 0.3, "me")))
    whole = checkpoint.to_bytes(tiny_model())
    for name, content in {
        "text": b"hello",
        "truncated": whole[: len(whole) // 2],
        "foreign": save({"a": torch.zeros(1)}),
        "empty": b"",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(TrainingRefused, match="this"):
            asyncio.run(lab.load(str(path), "me"))
    assert lab.kept == 1
    with pytest.raises(TrainingRefused, match="no longer held"):
        lab.file("nothing")


def drawings():
    return tuple(pictures.digit(label, example) for label, example in ((3, 0), (8, 0), (3, 1)))


def test_own_drawings_are_learnt_from(lab):
    """Only their digits are drawn, and the page is told what it watches; going back keeps the drawings."""
    end = asyncio.run(hear(lab.start(Experiment(batch=8), 0.4, "me", drawings())))[-1]
    assert "3 own drawings" in end.about and "batch 8" in end.about
    assert lab._kept["me"].classes == (3, 8)
    assert asyncio.run(lab.rewind("me")).about == end.about


def test_data_that_cannot_be_had_get_a_sentence(lab, monkeypatch):
    """Fashion-MNIST without a network: refused before it takes anybody's turn, and the viewer's kept run stays."""

    def missing():
        assert lab.waiting == 0
        raise FileNotFoundError("Fashion-MNIST is not on this server")

    asyncio.run(hear(lab.start(Experiment(batch=8), 0.2, "me")))
    kept = lab._kept["me"]
    monkeypatch.setattr(experiment.digits, "fashion_mnist", missing)
    with pytest.raises(TrainingRefused, match="not on this server"):
        asyncio.run(hear(lab.start(Experiment(dataset="Fashion-MNIST"), 5, "me")))
    assert lab.waiting == 0 and lab._kept["me"] is kept


def test_another_data_set_is_learnt_from(lab, monkeypatch):
    clothes = experiment.digits.Digits(np.zeros((4, 28, 28), np.uint8), np.array([0, 1, 2, 3]))
    monkeypatch.setattr(experiment.digits, "fashion_mnist", lambda: clothes)
    end = asyncio.run(hear(lab.start(Experiment(dataset="Fashion-MNIST", batch=8), 0.3, "me")))[-1]
    assert "Fashion-MNIST" in end.about and lab._kept["me"].model().notes["dataset"] == "Fashion-MNIST"
    x_0, label = lab._kept["me"].data()
    assert (x_0 == -1).all() and label.tolist() == [0, 1, 2, 3]


def test_drawings_become_many_like_them():
    """First the drawings themselves, then variants in turn: near to their own, not the same, with their labels; the
    seed decides.
    """
    x_0, label = augmented(drawings(), seed=0)
    assert x_0.shape == (3 + 1200, 1, 28, 28) and label.tolist() == [3, 8, 3] * 401
    assert all(torch.equal(x_0[i], drawing.image()) for i, drawing in enumerate(drawings()))
    assert x_0.min() >= -1 and x_0.max() <= 1
    variants = x_0[3:].reshape(400, 3, -1)
    change = (variants - x_0[:3].reshape(1, 3, -1)).square().mean(dim=-1)
    apart = (x_0[0] - x_0[1]).square().mean()
    assert (change > 0).all() and change.mean() < apart
    assert torch.equal(augmented(drawings(), seed=0)[0], x_0) and not torch.equal(augmented(drawings(), seed=1)[0], x_0)
    with pytest.raises(ValueError, match="no drawing"):
        augmented((), seed=0)


def test_few_classes_draw_only_those(lab):
    news = asyncio.run(hear(lab.start(Experiment(classes=(3,), T=50, schedule="linear"), 0.3, "me")))
    assert "only 3" in news[0].about and news[0].T == 50 and news[0].checkpoints[0].t[0] == 50
    assert lab._kept["me"].model().notes["classes"] == (3,)
