"""Trainings of different viewers side by side: whose turn it is, who waits for a place, and when each will end."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from explorer.serving.forecast import Cost, forecast
from explorer.serving.scheduler import ComputeScheduler

LIVE = 32  # trainings that take turns, a class; they share their pictures, and hold 9 to 36 MB each beside
PACE_SECONDS = 2.5  # of training, over which the pace is averaged
SLOWEST_PACE = 20.0  # seconds by the clock for one of training, in an estimate


class TakesTurns(Protocol):
    """A training as far as its turns go. Asked from any thread, computed in the computing thread."""

    @property
    def seconds_left(self) -> float:
        """Of training that it still needs."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to compute."""

    def piece(self) -> bool:
        """Compute the next piece, some milliseconds of it; whether its turn is over with that. Raises nothing."""


class Standing(NamedTuple):
    """How a training stands among the others.

    ahead: how many have to end before it takes its turns, 0 for one that does; others: with how many it takes turns,
    now or then; begins, ends: in about how many seconds by the clock.
    """

    ahead: int
    others: int
    begins: float
    ends: float


class TrainingTurns:
    """Gives the computing thread the next piece of the training whose turn it is (scheduler.Worker).

    A turn lasts until there is something to tell, a quarter of a second of training: of twelve that take turns each is
    heard of every three seconds. Who is new comes first, then who has waited longest. At most `live` take turns, the
    others wait in their order until one ends.

    A training's seconds are those in which it computes. Other trainings, films and other programs compute in between:
    the pace is how many seconds by the clock one of training takes, whosever it is.
    """

    def __init__(
        self, scheduler: ComputeScheduler, live: int = LIVE, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._scheduler, self._live, self._clock = scheduler, live, clock
        self._served = False
        self._lock = threading.Lock()
        self._takers: list[TakesTurns] = []  # in the order in which they came
        self._last: dict[TakesTurns, int] = {}  # by who has had a turn: the number of the last one
        self._numbers = itertools.count(1)
        self._current: TakesTurns | None = None  # whose turn is not over
        self._pace = 1.0
        self._told: float | None = None  # until when training is accounted for, of the clock

    def __len__(self) -> int:
        return len(self._takers)

    @property
    def busy(self) -> bool:
        """Whether there is something to compute."""
        return bool(self._takers)  # without the lock: the scheduler asks while it holds its own

    def join(self, taker: TakesTurns) -> None:
        """It takes turns from now on, or waits for a place, until it has ended or leaves. Raises Closed."""
        with self._lock:
            self._takers.append(taker)
            served, self._served = self._served, True
        if not served:
            self._scheduler.serve_training(self)
        self._scheduler.wake()

    def leave(self, taker: TakesTurns) -> None:
        """Nobody wants it any longer. Nothing happens where it has ended."""
        with self._lock:
            self._remove(taker)

    def work(self) -> None:
        """The next piece of whose turn it is."""
        with self._lock:
            taker = self._next()
            self._current = taker
        if taker is None:
            return
        before = taker.seconds_left
        over = taker.piece()
        with self._lock:
            self._account(before - taker.seconds_left)
            if over:
                self._current, self._last[taker] = None, next(self._numbers)
            if taker.ended or taker not in self._takers:
                self._remove(taker)

    def standing(self, taker: TakesTurns) -> Standing:
        """How it stands. One that is no longer here is as good as at its end."""
        with self._lock:
            if taker not in self._takers:
                return Standing(0, 0, 0.0, 0.0)
            place, takers, pace = self._takers.index(taker), list(self._takers), self._pace
        its = forecast([], [Cost(1, other.seconds_left) for other in takers], self._live, 1 / pace)[place]
        return Standing(
            ahead=max(0, place + 1 - self._live),
            others=min(self._live, len(takers)) - 1,
            begins=its.begins,
            ends=its.ends,
        )

    def _next(self) -> TakesTurns | None:
        live = self._takers[: self._live]
        if not live:
            return None
        return min(live, key=lambda taker: (taker is not self._current, self._last.get(taker, 0)))

    def _remove(self, taker: TakesTurns) -> None:
        if taker in self._takers:
            self._takers.remove(taker)
        self._last.pop(taker, None)
        self._current = None if self._current is taker else self._current
        self._told = self._told if self._takers else None  # a pause between two trainings counts for nothing

    def _account(self, trained: float) -> None:
        """So many seconds of training were computed by now; what came in between counts for the pace."""
        now = self._clock()
        if self._told is not None and trained > 0:
            pace = min(max(1.0, (now - self._told) / trained), SLOWEST_PACE)
            self._pace += (1 - math.exp(-trained / PACE_SECONDS)) * (pace - self._pace)
        if self._told is None or trained > 0:
            self._told = now
