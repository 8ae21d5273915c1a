"""Training on the device is training in torch: the same seed and pictures give the same losses and weights."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import torch

from explorer.core.precision import exact
from explorer.core.training import TrainingRun, TrainingSettings, train
from explorer.data import digits
from explorer.data.pixels import to_images
from explorer.device.training_export import export_training
from explorer.lab.experiment import network
from explorer.lab.recipe import SCHEDULE
from tests.device.node import HERE, needs_node

STEPS = 20


@needs_node
def test_twenty_steps_are_torchs_on_one_thread_and_on_three(tmp_path):
    """With as many pictures a step as in half a part of the gradient and more, so that one thread has a part of one."""
    settings = TrainingSettings(batch=20, seed=7, warmup=5)
    config = network("small")
    data = digits.bundled()
    x_0, label = to_images(data.pixels), data.label_tensor()
    run = TrainingRun(config, SCHEDULE, settings)
    with exact():
        losses = [step.loss for step in train(run, x_0, label, steps=STEPS)]
    (tmp_path / "file").write_bytes(export_training(config, SCHEDULE, settings))
    (tmp_path / "pictures").write_bytes(data.pixels.tobytes())
    (tmp_path / "labels").write_bytes(data.labels.astype(np.uint8).tobytes())
    weights = dict(run.average.named_parameters())
    fitted = {name: value for name, value in run.average.state_dict().items() if name not in weights}
    for name, value in fitted.items():
        (tmp_path / name).write_bytes(value.numpy().tobytes())
    files = {name: str(tmp_path / name) for name in ("file", "pictures", "labels")}
    jobs = []
    for threads in (1, 3):
        out = tmp_path / f"{threads} threads"
        out.mkdir()
        places = {"fitted": {name: str(tmp_path / name) for name in fitted}, "out": str(out)}
        jobs.append(files | places | {"seed": 7, "threads": threads, "steps": STEPS})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    command = ["node", str(HERE / "run_training.js"), str(tmp_path / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for job, found in zip(jobs, json.loads(done.stdout)):
        np.testing.assert_allclose(found, losses, rtol=1e-3)
        for name, weight in weights.items():
            ours = torch.from_numpy(np.fromfile(Path(job["out"]) / name, dtype=np.float32)).reshape(weight.shape)
            torch.testing.assert_close(ours, weight, rtol=1e-3, atol=1e-3)
