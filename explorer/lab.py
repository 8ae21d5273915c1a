"""A small network trained before your eyes: the Train tab and `python -m explorer train` both run this."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from explorer import digits
from explorer.core.checkpoint import Model
from explorer.core.inference import FrozenNetwork
from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingDiverged, TrainingRun, TrainingSettings, TrainStep, train
from explorer.core.unet import UNetConfig
from explorer.models import ModelStore
from explorer.pixels import to_pixels
from explorer.turns import Turns

NETWORK = UNetConfig(widths=(32, 64), depth=(1, 2), embedding=64, output="v")
SCHEDULE = NoiseSchedule("cosine", 1000)
UPDATE_SECONDS = 0.25  # between two updates of the page; also how soon a stop is noticed
CHECKPOINTS = 12  # sample sheets shown in one training
SHEET_STEPS = 20  # DDIM steps of a sample sheet: few, as they cost training time


class Busy(RuntimeError):
    """This training cannot start now; the message is one sentence for the viewer."""


@dataclass(frozen=True)
class Sheet:
    """What the averaged network draws at one moment: one picture a digit, from the same ten x_T each time."""

    step: int
    seconds: float
    pixels: np.ndarray  # (10, 28, 28) uint8


@dataclass(frozen=True)
class LabUpdate:
    """News of a training since its last update.

    run: which training of this server it is; ahead: how many are before the viewer's own, which has not begun then (the
    news are of the one that they watch meanwhile); over: the viewer's own has ended with this.
    """

    steps: tuple[TrainStep, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    progress: float = 0.0
    seconds_left: float = 0.0
    images_seen: int = 0
    images_per_second: float = 0.0
    run: int = 0
    ahead: int = 0
    over: bool = False
    problem: str = ""  # why it ended early
    model: str = ""  # with the last update: the trained model's name in the ModelStore


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
    for step in samples(FrozenNetwork(run.average, trace=False), run.schedule, generators, visited, label=torch.arange(10), sampler="ddim"):
        pass
    return Sheet(run.step, run.seconds, to_pixels(step.x_prev)[:, 0])


def updates(run: TrainingRun, seconds: float, turns: Turns, stop: threading.Event | None = None) -> Iterator[LabUpdate]:
    """Train `run` on the bundled digits until it has used `seconds`, with news every UPDATE_SECONDS.

    It ends early when `stop` is set, and where the loss is not a number: then with a `problem` in the last update, the
    averaged weights being the last good ones. The first and the last update hold a sample sheet.
    """
    data = digits.bundled()
    x_0, label = turns.training(data.images), data.label_tensor()
    steps = train(run, x_0, label, seconds=seconds)

    def draw() -> tuple[Sheet]:
        return (turns.training(lambda: sheet(run)),)

    yield LabUpdate(sheets=draw(), seconds_left=seconds)
    sheet_due = seconds / CHECKPOINTS
    problem, over = "", False
    while not over:
        news: list[TrainStep] = []
        until = time.perf_counter() + UPDATE_SECONDS
        while not over and time.perf_counter() < until:
            try:
                step = turns.training(lambda: next(steps, None))
            except TrainingDiverged as error:
                problem, step = str(error), None
            if step is not None:
                news.append(step)
            over = step is None or (stop is not None and stop.is_set())
        sheets = ()
        if over or run.seconds >= sheet_due:
            sheet_due += seconds / CHECKPOINTS
            sheets = draw()
        rate = run.images_seen / run.seconds if run.seconds else 0.0
        progress = min(1.0, run.seconds / seconds)
        left = max(0.0, seconds - run.seconds)
        yield LabUpdate(tuple(news), sheets, progress, left, run.images_seen, rate, over=over, problem=problem)


class Lab:
    """Trains for viewers, one at a time: the next is told its place, and watches the running one meanwhile."""

    def __init__(self, models: ModelStore, turns: Turns) -> None:
        self._models, self._turns = models, turns
        self._queue: list[str] = []  # owners, the first of them is training
        self._stops: dict[str, threading.Event] = {}
        self._run = 0  # the running training's number
        self._news: list[LabUpdate] = []  # and all that was said of it, for those who wait

    async def stream(self, seed: int, seconds: float, owner: str) -> AsyncIterator[LabUpdate]:
        """`updates` of a new run for one viewer, once it is their turn; until then those of the training that runs.

        owner: whose run it is. Raises Busy if this owner already trains or waits. Closing this generator ends the
        viewer's training within an update.
        """
        if owner in self._stops:
            raise Busy("your training is already running: stop it first")
        stop = self._stops[owner] = threading.Event()
        self._queue.append(owner)
        try:
            watched, seen = self._run, 0
            while (ahead := self._queue.index(owner)) > 0 and not stop.is_set():
                if watched != self._run:
                    watched, seen = self._run, 0
                for update in self._news[seen:]:
                    seen += 1
                    yield replace(update, ahead=ahead, over=False)
                await asyncio.sleep(UPDATE_SECONDS)
            if stop.is_set():
                yield LabUpdate(run=watched, over=True)
                return
            self._run += 1
            self._news = []
            run = await asyncio.to_thread(self._turns.training, lambda: new_run(seed))
            news = updates(run, seconds, self._turns, stop)
            while (update := await asyncio.to_thread(next, news, None)) is not None:
                self._news.append(replace(update, run=self._run))
                if update.over and run.step:
                    model = await asyncio.to_thread(self._turns.training, lambda: self._models.add(finished(run)))
                    update = replace(update, model=model)
                yield replace(update, run=self._run)
        finally:
            stop.set()
            self._queue.remove(owner)
            del self._stops[owner]

    @property
    def waiting(self) -> int:
        """How many trainings run or wait."""
        return len(self._queue)

    def stop(self, owner: str) -> None:
        """End the owner's training after its current step, with a last update. Nothing happens without one."""
        if owner in self._stops:
            self._stops[owner].set()
