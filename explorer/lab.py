"""A small network trained before your eyes: the Train tab and `python -m explorer train` both run this."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch

from explorer import digits
from explorer.core.checkpoint import Model
from explorer.core.inference import FrozenNetwork
from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingDiverged, TrainingRun, TrainingSettings, TrainStep, train
from explorer.core.unet import UNetConfig
from explorer.pixels import to_pixels
from explorer.turns import Turns

NETWORK = UNetConfig(widths=(32, 64), depth=(1, 2), embedding=64, output="v")
SCHEDULE = NoiseSchedule("cosine", 1000)
UPDATE_SECONDS = 0.25  # between two updates of the page; also how soon a stop is noticed
CHECKPOINTS = 12  # sample sheets shown in one training
SHEET_STEPS = 20  # DDIM steps of a sample sheet: few, as they cost training time


@dataclass(frozen=True)
class Sheet:
    """What the averaged network draws at one moment: one picture a digit, from the same ten x_T each time."""

    step: int
    seconds: float
    pixels: np.ndarray  # (10, 28, 28) uint8


@dataclass(frozen=True)
class LabUpdate:
    """News since the last update. ahead: how many trainings are before this one (then nothing else has begun)."""

    steps: tuple[TrainStep, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    progress: float = 0.0
    seconds_left: float = 0.0
    images_per_second: float = 0.0
    ahead: int = 0
    problem: str = ""


def new_run(seed: int) -> TrainingRun:
    """The Train tab's network with fresh random weights, ready to train."""
    return TrainingRun(NETWORK, SCHEDULE, TrainingSettings(seed=seed))


def finished(run: TrainingRun) -> Model:
    """The run's averaged network as a model to keep, with the story of its training."""
    notes = {"steps": run.step, "images_seen": run.images_seen, "seconds": round(run.seconds, 2), "seed": run.settings.seed}
    return Model(run.average, run.schedule, notes)


def sheet(run: TrainingRun) -> Sheet:
    """Ten digits, 0 to 9, by the averaged network as it is now."""
    generators = [trajectory_generator(seed) for seed in range(10)]
    visited = timesteps(run.schedule.T, SHEET_STEPS)
    for step in samples(FrozenNetwork(run.average), run.schedule, generators, visited, label=torch.arange(10), sampler="ddim"):
        pass
    return Sheet(run.step, run.seconds, to_pixels(step.x_prev)[:, 0])


class Lab:
    """Trains for viewers, one at a time: the next waits and is told its place."""

    def __init__(self, turns: Turns | None = None) -> None:
        self._turns = turns or Turns()
        self._queue: list[int] = []  # tickets, the first of them is training
        self._tickets = count()
        self._lock = threading.Lock()

    def train(self, run: TrainingRun, seconds: float) -> Iterator[LabUpdate]:
        """Train `run` on the bundled digits until it has used `seconds`, with news every UPDATE_SECONDS.

        Closing this generator stops at the next update; the run keeps what it has learnt. A loss that is not a
        number ends it with a `problem` in the last update, the averaged weights being the last good ones.
        """
        with self._lock:
            ticket = next(self._tickets)
            self._queue.append(ticket)
        try:
            while (ahead := self._ahead(ticket)) > 0:
                yield LabUpdate(ahead=ahead)
                time.sleep(UPDATE_SECONDS)
            yield from self._train(run, seconds)
        finally:
            with self._lock:
                self._queue.remove(ticket)

    def _ahead(self, ticket: int) -> int:
        with self._lock:
            return self._queue.index(ticket)

    def _train(self, run: TrainingRun, seconds: float) -> Iterator[LabUpdate]:
        yield LabUpdate(sheets=(self._sheet(run),), seconds_left=seconds)
        data = digits.bundled()
        steps = train(run, data.images(), data.label_tensor(), seconds=seconds)
        next_sheet = seconds / CHECKPOINTS
        problem, over = "", False
        while not over:
            news: list[TrainStep] = []
            until = time.perf_counter() + UPDATE_SECONDS
            while time.perf_counter() < until and not over:
                try:
                    with self._turns.training():
                        step = next(steps, None)
                except TrainingDiverged as error:
                    problem, step = str(error), None
                over = step is None
                if step is not None:
                    news.append(step)
            sheets = ()
            if over or run.seconds >= next_sheet:
                next_sheet += seconds / CHECKPOINTS
                sheets = (self._sheet(run),)
            rate = run.images_seen / run.seconds if run.seconds else 0.0
            progress = min(1.0, run.seconds / seconds)
            yield LabUpdate(tuple(news), sheets, progress, max(0.0, seconds - run.seconds), rate, problem=problem)

    def _sheet(self, run: TrainingRun) -> Sheet:
        with self._turns.training():
            return sheet(run)
