"""A training that is watched: what there is to tell of it, and telling it while it runs."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.checkpoint import Model
from explorer.core.devices import CPU
from explorer.core.inference import FrozenNetwork
from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.core.sentences import Sentence, sentence_of
from explorer.core.training import TrainingDiverged, TrainingRun, TrainStep, train
from explorer.data.augment import augmented
from explorer.data.pictures import Picture
from explorer.data.pixels import to_pixels
from explorer.lab.experiment import ALL_CLASSES, FASHION, Experiment
from explorer.lab.reading import digits_read
from explorer.serving.model_store import learnt

UPDATE_SECONDS = 0.25  # of training, between two updates of the page
MAX_CHECKPOINTS = 12  # shown in one training, at most, beside the one before it
MAX_DRAWING_SHARE = 0.1  # of the training time may go into drawing checkpoints; on a busy machine there are fewer then
CHECKPOINT_STEPS = 20  # DDIM steps of a checkpoint's films: few, as they cost training time
OWN_DRAWINGS = "{0} own drawings"  # of a training's settings in words
BANDS = 3  # equal parts of 1..T over which the loss is also told


@dataclass(frozen=True)
class Point:
    """One optimizer step in the loss curve.

    by_t: the mean error in each of BANDS equal parts of 1..T, from little noise to much; None where the batch had no
    such t.
    """

    step: int
    seconds: float
    loss: float
    by_t: tuple[float | None, ...]


@dataclass(frozen=True)
class DrawnCheckpoint:
    """How the averaged network generates at one moment: a film of the digits 0 to 9, from the same ten x_T each time.

    frames: (CHECKPOINT_STEPS + 1, 10, 28, 28) uint8, from x_T to x_0; t: the timestep of each frame. asked: the digit
    that each was to be; read: what each looks most like in the end, empty for pictures that are no digits.
    """

    step: int
    seconds: float
    t: tuple[int, ...]
    frames: np.ndarray
    asked: tuple[int, ...] = ()
    read: tuple[int, ...] = ()


@dataclass(frozen=True)
class LabUpdate:
    """News of a training since its last update.

    run: which training it is; about: its settings in words; turn: rises with each thing that the viewer asks for, so
    that late news can be told from new ones; ahead: how many must end before the viewer's own takes turns, which has
    not begun then (the news are of the one that they watch meanwhile), and wait: in about how many seconds it will;
    others: with how many it takes turns, and clock_left: in about how many seconds by the clock it will have ended;
    joined: how many seconds it had been going on when the viewer pressed start, None where they began it; over: the
    viewer's own has ended with this.
    """

    steps: tuple[Point, ...] = ()
    checkpoints: tuple[DrawnCheckpoint, ...] = ()
    progress: float = 0.0
    seconds_left: float = 0.0
    images_seen: int = 0
    images_per_second: float = 0.0
    T: int = 0
    run: str = ""
    about: str = ""
    turn: int = 0
    ahead: int = 0
    wait: float = 0.0
    others: int = 0
    clock_left: float = 0.0
    joined: float | None = None
    over: bool = False
    problem: str = ""  # why it ended early
    note: str = ""  # to be said in place of how the training stands
    model: str = ""  # with the last update: the trained model's name in the ModelStore


@dataclass
class Training:
    """One training: its settings, its budget, the data if they are not the bundled digits, and how far it is."""

    experiment: Experiment
    seconds: float
    drawings: tuple[Picture, ...]
    run: TrainingRun
    points: list[Point] = field(default_factory=list)  # its whole loss curve, for a page that was loaded anew
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    stretch: str = field(default_factory=lambda: uuid.uuid4().hex)  # with its step: what its weights are

    @classmethod
    def fresh(
        cls,
        experiment: Experiment,
        seconds: float,
        drawings: tuple[Picture, ...] = (),
        device: torch.device = CPU,
    ) -> Training:
        """With random weights. drawings: labelled ones, to learn from in place of the bundled digits. device: where the
        network computes.
        """
        return cls(experiment, seconds, drawings, experiment.run(device))

    def copy(self) -> Training:
        """The same as it stands, to go on by itself."""
        run = self.experiment.run(self.run.device)
        run.load_state_dict(copy.deepcopy(self.run.state_dict()))  # an optimizer keeps the tensors that it is given
        return replace(self, run=run, points=list(self.points))

    def resumed(self, seconds: float) -> Training:
        """Itself, with a budget of so many seconds in all, on its way to other weights than those of its copies."""
        self.seconds, self.stretch = seconds, uuid.uuid4().hex
        return self

    def data(self) -> tuple[Tensor, Tensor]:
        """x_0 (N, 1, 28, 28) in [-1, 1], and labels (N,) int64."""
        return data_of(self.experiment, self.drawings)

    def model(self) -> Model:
        """What it has learnt so far."""
        model = self.experiment.model(self.run)
        return replace(model, notes=model.notes | {"classes": self.classes})

    @property
    def classes(self) -> tuple[int, ...]:
        """The digits that it learns."""
        return classes_of(self.experiment, self.drawings)

    @property
    def about(self) -> str:
        """Its settings in words: those that differ from the tab's first ones."""
        drawn = [Sentence(OWN_DRAWINGS, len(self.drawings))] if self.drawings else []
        usual = Sentence("{0} s", f"{self.seconds:g}"), Sentence("seed {0}", self.experiment.seed)
        return Sentence("{0}", (*usual, *drawn, *self.experiment.differences()))


def data_of(experiment: Experiment, drawings: Sequence[Picture]) -> tuple[Tensor, Tensor]:
    """What is learnt from with these settings, see Training.data: the drawings, if there are some."""
    return augmented(drawings, experiment.seed) if drawings else experiment.data()


def classes_of(experiment: Experiment, drawings: Sequence[Picture]) -> tuple[int, ...]:
    """The digits that are learnt with these settings: those of the drawings, if there are some."""
    return tuple(sorted({drawing.label for drawing in drawings})) or experiment.classes


def with_story(model: Model) -> Model:
    """The model with notes on its training as a run's has them: a file's may hold anything."""
    told = {name: model.notes.get(name) for name in ("steps", "seconds")}
    notes = {name: value if isinstance(value, int | float) and 0 <= value < 1e9 else 0 for name, value in told.items()}
    return replace(model, notes=notes | {"classes": learnt(model)})


def draw_checkpoint(model: Model, device: torch.device = CPU) -> DrawnCheckpoint:
    """Ten digits of its classes in turn, by the model as it is now; its notes tell the classes, and when that is."""
    classes = model.notes.get("classes", ALL_CLASSES)
    label = torch.tensor([classes[i % len(classes)] for i in range(10)])
    generators = [trajectory_generator(seed) for seed in range(10)]
    visited = timesteps(model.schedule.T, min(CHECKPOINT_STEPS, model.schedule.T))
    film = list(
        samples(
            FrozenNetwork(model.network, trace=False, device=device),
            model.schedule,
            generators,
            visited,
            label=label,
            sampler="ddim",
        )
    )
    x = torch.stack([*(step.x_t for step in film), film[-1].x_prev])
    frames = to_pixels(x)[:, :, 0]
    read = () if model.notes.get("dataset") == FASHION else digits_read(frames[-1])
    t = (*(int(step.t) for step in film), 0)
    return DrawnCheckpoint(model.notes["steps"], model.notes["seconds"], t, frames, tuple(label.tolist()), read)


def point(step: TrainStep, T: int) -> Point:
    """A training step for the loss curve."""
    band = ((step.t.numpy() - 1) * BANDS) // T
    count, total = np.bincount(band, minlength=BANDS), np.bincount(band, step.errors.numpy(), minlength=BANDS)
    return Point(step.step, step.seconds, step.loss, tuple(float(s / n) if n else None for s, n in zip(total, count)))


def pieces(training: Training) -> Iterator[LabUpdate | None]:
    """Train until it has used its seconds: each `next` computes one piece, and gives an update or, mostly, None.

    There is news every UPDATE_SECONDS of training. A training that has begun already goes on where it was. It ends
    early where the loss is not a number: then with a `problem` in the last update, the averaged weights being the last
    good ones. The first update of a fresh one and the last one hold a checkpoint, and the last one alone is `over`.
    """
    run, seconds = training.run, training.seconds
    steps = train(run, *training.data(), seconds=seconds)
    yield None
    if run.step == 0:
        yield update_of(training, checkpoints=(draw_checkpoint(training.model(), training.run.device),))
    every = seconds / MAX_CHECKPOINTS
    due = every * (run.seconds // every + 1)
    news: list[Point] = []
    problem, over, told = "", False, run.seconds
    while not over:
        try:
            step = next(steps, None)
        except TrainingDiverged as error:
            problem, step = sentence_of(error), None
        if step is not None:
            news.append(point(step, run.schedule.T))
            training.points.append(news[-1])
        over = step is None
        if not over and run.seconds < told + UPDATE_SECONDS:
            yield None
            continue
        checkpoints: tuple[DrawnCheckpoint, ...] = ()
        if over or run.seconds >= due:
            yield None  # a step and a checkpoint in one piece would let the films wait for both
            began = time.perf_counter()
            checkpoints = (draw_checkpoint(training.model(), training.run.device),)
            cost = time.perf_counter() - began
            due = max(every * (run.seconds // every + 1), run.seconds + cost / MAX_DRAWING_SHARE)
        yield update_of(training, steps=tuple(news), checkpoints=checkpoints, over=over, problem=problem)
        news, told = [], run.seconds


def merged(news: Sequence[LabUpdate]) -> LabUpdate:
    """Several updates of one training as one, for who comes late or hears slowly; there must be some."""
    steps = tuple(point for update in news for point in update.steps)
    checkpoints = tuple(drawn for update in news for drawn in update.checkpoints)
    return replace(news[-1], steps=steps, checkpoints=checkpoints)


def update_of(training: Training, **news: Any) -> LabUpdate:  # noqa: ANN401 # LabUpdate's fields
    """An update with `news`, and how the training stands within its seconds."""
    run, seconds = training.run, training.seconds
    return LabUpdate(
        progress=min(1.0, run.seconds / seconds),
        seconds_left=max(0.0, seconds - run.seconds),
        images_seen=run.images_seen,
        images_per_second=run.images_seen / run.seconds if run.seconds else 0.0,
        T=run.schedule.T,
        run=training.name,
        about=training.about,
        **news,
    )
