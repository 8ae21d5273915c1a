"""What travels between a page and the replica that trains for it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import torch

from explorer.core.devices import CPU
from explorer.core.training import TrainingRun
from explorer.data.pictures import Picture
from explorer.lab.experiment import Experiment
from explorer.lab.session import DrawnCheckpoint, LabUpdate, Point, Training
from explorer.lab.turns import Standing


@dataclass(frozen=True)
class Order:
    """A training to be done, from where it stands. name: see Training; state: see `packed`, None for fresh weights."""

    name: str
    experiment: Experiment
    seconds: float
    drawings: tuple[Picture, ...]
    state: bytes | None

    def training(self, device: torch.device = CPU) -> Training:
        """The training as it stands, to be gone on with on this device."""
        fresh = Training.fresh(self.experiment, self.seconds, self.drawings, device)
        fresh.name = self.name
        if self.state is not None:
            unpack(self.state, fresh.run)
        return fresh


@dataclass(frozen=True)
class Told:
    """News of a training on its way.

    standing: how it stands where it is computed; update: None where there is only that, or an answer to who asked for
    the state; state: where it can be gone on from, with each checkpoint and for who asked; points: for who asked, the
    loss curve since the last checkpoint; drawn: what it draws, for who asked.
    """

    standing: Standing
    update: LabUpdate | None = None
    state: bytes | None = None
    points: tuple[Point, ...] = ()
    drawn: DrawnCheckpoint | None = None


def packed(run: TrainingRun) -> bytes:
    """All that training changes, as bytes: who goes on from there makes the same steps."""
    file = io.BytesIO()
    torch.save(run.state_dict(), file)
    return file.getvalue()


def unpack(state: bytes, run: TrainingRun) -> None:
    """Take a run of the same settings to where `packed` was taken."""
    run.load_state_dict(torch.load(io.BytesIO(state), map_location=CPU, weights_only=True))
