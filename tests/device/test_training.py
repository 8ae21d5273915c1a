"""Training on the device is training in torch: the same seed and pictures give the same losses and weights."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.core.precision import exact
from explorer.core.training import TrainingRun, TrainingSettings, learning_rate, train
from explorer.data import digits
from explorer.data.pixels import to_images
from explorer.device.training_export import export_training, fall, fitted
from explorer.lab.experiment import network
from explorer.lab.recipe import SCHEDULE
from tests.device.node import HERE, needs_node

STEPS = 20
CONFIG = network("small")
SETTINGS = TrainingSettings(batch=20, seed=7, warmup=5)


@cache
def exported() -> bytes:
    return export_training(CONFIG, SCHEDULE, SETTINGS)


def files_of() -> dict[str, bytes]:
    """A training of the bundled digits, as the device gets it."""
    data = digits.bundled()
    pictures, labels = data.pixels.tobytes(), data.labels.astype(np.uint8).tobytes()
    own = fitted(CONFIG, SCHEDULE, *bundled())
    return {"file": exported(), "pictures": pictures, "labels": labels, "fitted": own}


@cache
def bundled() -> tuple[Tensor, Tensor]:
    data = digits.bundled()
    return to_images(data.pixels), data.label_tensor()


@dataclass
class Trained:
    """Of a training on the device: its losses, why it broke off, and the averaged weights by name."""

    losses: list[float]
    broken: str | None
    averages: dict[str, Tensor] = field(default_factory=dict)


def trained(folder: Path, jobs: list[dict], numbers: bytes | None = None) -> list[Trained]:
    """jobs: threads, steps and pause. numbers: what is said to be fitted to the pictures, in place of what is."""
    files = files_of() | ({} if numbers is None else {"fitted": numbers})
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for number, job in enumerate(jobs):
        job |= {name: str(folder / name) for name in files} | {"seed": SETTINGS.seed, "out": str(folder / f"{number}")}
        Path(job["out"]).mkdir()
    (folder / "jobs.json").write_text(json.dumps(jobs))
    command = ["node", str(HERE / "run_training.js"), str(folder / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = [Trained(**told) for told in json.loads(done.stdout)]
    for job, each in zip(jobs, found):
        for file in Path(job["out"]).iterdir():
            each.averages[file.name] = torch.from_numpy(np.fromfile(file, dtype=np.float32))
    return found


@needs_node
def test_twenty_steps_are_torchs_on_one_thread_and_on_three(tmp_path):
    """A batch of 20 is two whole parts of the gradient and half a one."""
    run = TrainingRun(CONFIG, SCHEDULE, SETTINGS)
    with exact():
        losses = [step.loss for step in train(run, *bundled(), steps=STEPS)]
    jobs = [{"threads": threads, "steps": STEPS} for threads in (1, 3)]
    for found in trained(tmp_path, jobs):
        np.testing.assert_allclose(found.losses, losses, rtol=1e-3)
        for name, weight in run.average.named_parameters():
            torch.testing.assert_close(found.averages[name].reshape(weight.shape), weight, rtol=1e-3, atol=1e-3)


@needs_node
def test_a_training_that_pauses_goes_on_as_if_it_had_not(tmp_path):
    """To the last bit, in another training that has its state. With more threads than there are parts of a batch."""
    jobs = [{"threads": 4, "steps": 6}, {"threads": 4, "steps": 6, "pause": 2}]
    through, paused = trained(tmp_path, jobs)
    assert len(through.losses) == 6 and paused.losses == through.losses
    assert all(torch.equal(weight, paused.averages[name]) for name, weight in through.averages.items())


@needs_node
def test_a_training_that_breaks_keeps_its_averaged_weights_which_begin_as_torchs(tmp_path):
    """Something broken is fitted to the pictures, so the first loss is no number, and no step is made."""
    count = len(fitted(CONFIG, SCHEDULE, *bundled())) // 4
    (found,) = trained(tmp_path, [{"threads": 2, "steps": 3}], np.full(count, np.nan, np.float32).tobytes())
    assert found.losses == [] and found.broken == "the loss became NaN at step 1"
    for name, weight in TrainingRun(CONFIG, SCHEDULE, SETTINGS).network.named_parameters():
        torch.testing.assert_close(found.averages[name].reshape(weight.shape), weight, rtol=0, atol=1e-5)


@pytest.mark.parametrize("settings", [TrainingSettings(), TrainingSettings(warmup=0, final_rate=0.5)])
def test_the_rate_is_what_it_rises_to_times_what_is_left_of_it(settings):
    """As the file has it, in two tables."""
    left = fall(settings)
    for step in (0, 7, 10_000):
        for k in (0, 250, 1000):
            rate = learning_rate(settings, step, 0) * left[k]
            assert rate == pytest.approx(learning_rate(settings, step, k / 1000))
