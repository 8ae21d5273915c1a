"""A small network trained before your eyes: the Train tab and `python -m explorer train` both run this."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

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
CHECKPOINTS = 12  # shown in one training, at most, beside the one before it
MOST_DRAWING = 0.1  # of the training time may go into drawing checkpoints; on a busy machine there are fewer then
CHECKPOINT_STEPS = 20  # DDIM steps of a checkpoint's films: few, as they cost training time
BANDS = 3  # equal parts of 1..T over which the loss is also told


@dataclass(frozen=True)
class Point:
    """One optimizer step in the loss curve.

    by_t: the mean error in each of BANDS equal parts of 1..T, from little noise to much; None where the batch had no such t.
    """

    step: int
    seconds: float
    loss: float
    by_t: tuple[float | None, ...]


@dataclass(frozen=True)
class Checkpoint:
    """How the averaged network generates at one moment: a film of the digits 0 to 9, from the same ten x_T each time.

    frames: (CHECKPOINT_STEPS + 1, 10, 28, 28) uint8, from x_T to x_0; t: the timestep of each frame.
    """

    step: int
    seconds: float
    t: tuple[int, ...]
    frames: np.ndarray


@dataclass(frozen=True)
class LabUpdate:
    """News of a training since its last update.

    run: which training it is; about: its settings in words; turn: rises with each thing that the viewer asks for, so that
    late news can be told from new ones; ahead: how many are before the viewer's own, which has not begun then (the news
    are of the one that they watch meanwhile); over: the viewer's own has ended with this.
    """

    steps: tuple[Point, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    progress: float = 0.0
    seconds_left: float = 0.0
    images_seen: int = 0
    images_per_second: float = 0.0
    T: int = 0
    run: str = ""
    about: str = ""
    turn: int = 0
    ahead: int = 0
    over: bool = False
    problem: str = ""  # why it ended early
    note: str = ""  # to be said in place of how the training stands
    model: str = ""  # with the last update: the trained model's name in the ModelStore


def new_run(seed: int) -> TrainingRun:
    """The Train tab's network with fresh random weights, ready to train."""
    return TrainingRun(NETWORK, SCHEDULE, TrainingSettings(seed=seed))


def finished(run: TrainingRun) -> Model:
    """The run's averaged network as a model to keep, with the story of its training."""
    notes = {"steps": run.step, "images_seen": run.images_seen, "seconds": round(run.seconds, 2), "seed": run.settings.seed}
    return Model(run.average, run.schedule, notes)


def checkpoint(model: Model) -> Checkpoint:
    """Ten digits, 0 to 9, by the model as it is now; when that is, its notes tell."""
    generators = [trajectory_generator(seed) for seed in range(10)]
    visited = timesteps(model.schedule.T, min(CHECKPOINT_STEPS, model.schedule.T))
    film = list(samples(FrozenNetwork(model.network, trace=False), model.schedule, generators, visited, label=torch.arange(10), sampler="ddim"))
    x = torch.stack([*(step.x_t for step in film), film[-1].x_prev])
    return Checkpoint(model.notes["steps"], model.notes["seconds"], (*(int(step.t) for step in film), 0), to_pixels(x)[:, :, 0])


def point(step: TrainStep, T: int) -> Point:
    """A training step for the loss curve."""
    band = ((step.t.numpy() - 1) * BANDS) // T
    count, total = np.bincount(band, minlength=BANDS), np.bincount(band, step.errors.numpy(), minlength=BANDS)
    return Point(step.step, step.seconds, step.loss, tuple(float(s / n) if n else None for s, n in zip(total, count)))


def updates(run: TrainingRun, seconds: float, turns: Turns, stop: threading.Event | None = None) -> Iterator[LabUpdate]:
    """Train `run` on the bundled digits until it has used `seconds` in all, with news every UPDATE_SECONDS.

    A run that has begun already goes on where it was. It ends early when `stop` is set, and where the loss is not a number: then
    with a `problem` in the last update, the averaged weights being the last good ones. The first update of a fresh run
    and the last one hold a checkpoint.
    """
    data = digits.bundled()
    x_0, label = turns.training(data.images), data.label_tensor()
    steps = train(run, x_0, label, seconds=seconds)

    every, due = seconds / CHECKPOINTS, 0.0

    def draw() -> tuple[Checkpoint]:
        nonlocal due
        began = time.perf_counter()
        drawn = turns.training(lambda: checkpoint(finished(run)))
        cost = time.perf_counter() - began
        due = max(every * (run.seconds // every + 1), run.seconds + cost / MOST_DRAWING)
        return (drawn,)

    if run.step == 0:
        yield update_of(run, seconds, checkpoints=draw())
    problem, over = "", False
    while not over:
        news: list[Point] = []
        until = time.perf_counter() + UPDATE_SECONDS
        while not over and time.perf_counter() < until:
            try:
                step = turns.training(lambda: next(steps, None))
            except TrainingDiverged as error:
                problem, step = str(error), None
            if step is not None:
                news.append(point(step, run.schedule.T))
            over = step is None or (stop is not None and stop.is_set())
        checkpoints = draw() if over or run.seconds >= due else ()
        yield update_of(run, seconds, steps=tuple(news), checkpoints=checkpoints, over=over, problem=problem)


def update_of(run: TrainingRun, seconds: float, **news) -> LabUpdate:
    """An update with `news`, and how the run stands within its `seconds`."""
    return LabUpdate(
        progress=min(1.0, run.seconds / seconds),
        seconds_left=max(0.0, seconds - run.seconds),
        images_seen=run.images_seen,
        images_per_second=run.images_seen / run.seconds if run.seconds else 0.0,
        T=run.schedule.T,
        **news,
    )
