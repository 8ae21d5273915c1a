"""A training on its way, wherever it is computed, and the place that is nearest: this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol, TypeVar

from explorer.lab.session import DrawnCheckpoint, Training, draw_checkpoint
from explorer.lab.turns import LIVE, Standing, TrainingTurns
from explorer.lab.worker import News, TrainingWorker
from explorer.serving.scheduler import ComputeScheduler

Make = Callable[[], Training]
Tell = Callable[[News], None]
Answer = TypeVar("Answer")


class Taken(NamedTuple):
    """A training as it stood at one moment, and what it drew then."""

    training: Training
    drawn: DrawnCheckpoint


class Course(Protocol):
    """A training from its beginning to its end. Asked in the event loop; begun once."""

    @property
    def training(self) -> Training | None:
        """Once it has begun."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to compute."""

    def begin(self) -> None:
        """It is wanted from now on. Raises Closed."""

    def leave(self) -> None:
        """Nobody wants it any longer. Nothing happens where it has ended."""

    def standing(self) -> Standing:
        """How it stands among the others."""

    async def taken(self, alone: Callable[[], bool]) -> Taken:
        """It as it stands, for one who stops. alone: is called at that very moment; whether nobody else wants it, so
        that it ends with that and need not be copied.
        """


class Place(Protocol):
    """Where trainings are computed."""

    def course(self, make: Make, seconds: float, tell: Tell) -> Course:
        """A training that can begin. make: gives it, in a thread that may compute; seconds: of training that it will
        take; tell: is given each update, in a thread that may compute a little, of which the last is `over`, or an
        exception in its place.
        """


class Computing:
    """The computing thread for what belongs to trainings, as coroutines have it done."""

    def __init__(self, scheduler: ComputeScheduler) -> None:
        self._scheduler = scheduler

    def __call__(self, work: Callable[[], Answer]) -> Awaitable[Answer]:
        """What `work` returns, computed in the computing thread, between two pieces of trainings."""
        return asyncio.to_thread(self._scheduler.training, work)


class Here:
    """Trainings in this process: they take turns in its computing thread."""

    def __init__(self, scheduler: ComputeScheduler, live: int = LIVE) -> None:
        """live: how many take turns at most."""
        self._turns, self._compute = TrainingTurns(scheduler, live), Computing(scheduler)

    def course(self, make: Make, seconds: float, tell: Tell) -> LocalCourse:
        """See Place."""
        return LocalCourse(self._turns, self._compute, TrainingWorker(make, seconds, tell))


class LocalCourse:
    """A training that takes turns in this process; see Course."""

    def __init__(self, turns: TrainingTurns, compute: Computing, worker: TrainingWorker) -> None:
        self._turns, self._compute, self._worker = turns, compute, worker

    @property
    def training(self) -> Training | None:
        """See Course."""
        return self._worker.training

    @property
    def ended(self) -> bool:
        """See Course."""
        return self._worker.ended

    def begin(self) -> None:
        """See Course."""
        self._turns.join(self._worker)

    def leave(self) -> None:
        """See Course."""
        self._turns.leave(self._worker)

    def standing(self) -> Standing:
        """See Course."""
        return self._turns.standing(self._worker)

    async def taken(self, alone: Callable[[], bool]) -> Taken:
        """See Course. Raises RuntimeError before it has begun."""
        return await self._compute(lambda: self._take(alone=alone()))

    def _take(self, *, alone: bool) -> Taken:
        if alone:
            self._turns.leave(self._worker)
        if self.training is None:
            raise RuntimeError("a training that has not begun has come to nothing")
        training = self.training if alone or self.ended else self.training.copy()
        return Taken(training, draw_checkpoint(training.model(), training.run.device))
