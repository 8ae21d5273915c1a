"""A training as work for the computing thread, and what there is to tell of it as a stream of updates."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator

from explorer.lab.session import LabUpdate, Training, pieces
from explorer.lab.turns import TrainingTurns
from explorer.serving.scheduler import ComputeScheduler

News = LabUpdate | Exception  # an update, or what the training broke off with; either may be the last


class TrainingWorker:
    """A training that takes turns with others (turns.TakesTurns). Made anywhere; what it computes, `make` and `tell`
    are called in the computing thread.
    """

    def __init__(self, make: Callable[[], Training], seconds: float, tell: Callable[[News], None]) -> None:
        """make: called for its first piece, gives the training; seconds: of training that it will take; tell: is given
        each update, of which the last one is `over`, or an exception in its place.
        """
        self._make, self._seconds, self._tell = make, seconds, tell
        self._pieces = self._all()
        self.training: Training | None = None
        self.ended = False

    @property
    def seconds_left(self) -> float:
        """Of training that it still needs."""
        training = self.training
        return self._seconds if training is None else max(0.0, training.seconds - training.run.seconds)

    def piece(self) -> bool:
        """The next one; whether there was something to tell."""
        try:
            told = next(self._pieces, None)
            if told is not None:
                self._tell(told)
        except Exception as error:  # belongs to whoever wanted the training
            self.ended = True
            self._tell(error)
        return self.ended or told is not None

    def _all(self) -> Iterator[LabUpdate | None]:
        self.training = self._make()
        yield None
        for told in pieces(self.training):
            self.ended = told is not None and told.over
            yield told


def updates(training: Training, scheduler: ComputeScheduler) -> Iterator[LabUpdate]:
    """The training's updates, see `pieces`, for a thread that may wait for them. Closing this ends the training."""
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    turns = TrainingTurns(scheduler)
    worker = TrainingWorker(lambda: training, training.seconds, news.put)
    turns.join(worker)
    try:
        over = False
        while not over:
            told = news.get()
            if isinstance(told, Exception):
                raise told
            yield told
            over = told.over
    finally:
        turns.leave(worker)
