"""The device's runtime in node, called from Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.data.digits import Digits

HERE = Path(__file__).parent
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine"
)


@dataclass
class Guesses:
    """A file for the device, and what it is asked: x_t (n, 1, 28, 28), t (n,), label (n,); known, left_out: of a
    perfect guesser.
    """

    file: bytes
    x_t: torch.Tensor
    t: torch.Tensor
    label: torch.Tensor
    known: Digits | None = None
    left_out: int = -1


def guessed(folder: Path, asked: list[Guesses]) -> list[torch.Tensor | str]:
    """eps_hat of each, or the sentence why there is none."""
    jobs = []
    for number, guesses in enumerate(asked):
        job = {name: str(folder / f"{number}.{name}") for name in ("model", "x_t", "out")}
        Path(job["model"]).write_bytes(guesses.file)
        Path(job["x_t"]).write_bytes(guesses.x_t.numpy().tobytes())
        asks = {"t": guesses.t.tolist(), "label": guesses.label.tolist(), "left_out": guesses.left_out}
        if guesses.known is not None:
            (folder / f"{number}.ink").write_bytes(guesses.known.pixels.tobytes())
            asks |= {"ink": str(folder / f"{number}.ink"), "labels": guesses.known.labels.tolist()}
        jobs.append(job | asks)
    (folder / "jobs.json").write_text(json.dumps(jobs))
    command = ["node", str(HERE / "run_graph.js"), str(folder / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[torch.Tensor | str] = []
    for job, error, guesses in zip(jobs, json.loads(done.stdout), asked):
        if error is None:
            numbers = np.fromfile(job["out"], dtype=np.float32)
            answers.append(torch.from_numpy(numbers).reshape(guesses.x_t.shape))
        else:
            answers.append(error)
    return answers
