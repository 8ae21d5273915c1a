"""Who trains, who waits, and for about how long."""

from __future__ import annotations

import time
from collections.abc import Callable

SLOWEST_PACE = 20.0  # seconds by the clock for one of training, in an estimate


class TrainingQueue:
    """Owners in their order; the first of them is training. All of it belongs to the event loop.

    A training's seconds are those in which it computes. Films, and other programs, compute in between: the pace is how
    many seconds by the clock one of training takes at the moment.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds: dict[str, float] = {}  # of training that each still needs, in their order
        self._pace = 1.0
        self._clock = clock
        self._told: float | None = None  # when the running one's progress was last told

    def __len__(self) -> int:
        return len(self._seconds)

    def join(self, owner: str, seconds: float) -> None:
        """The owner's training will take so many seconds of training. Nobody joins twice."""
        self._seconds[owner] = seconds

    def leave(self, owner: str) -> None:
        """The owner's training has ended, or need not begin. Nothing happens if it was never here."""
        if self._seconds and owner == next(iter(self._seconds)):
            self._told = None
        self._seconds.pop(owner, None)

    def ahead(self, owner: str) -> int:
        """How many are before this owner's."""
        return list(self._seconds).index(owner)

    def progress(self, seconds_left: float) -> None:
        """The running one still needs so many seconds of training."""
        now, first = self._clock(), next(iter(self._seconds), None)
        if first is None:
            return
        trained = self._seconds[first] - seconds_left
        if self._told is not None and trained > 0:
            pace = (now - self._told) / trained
            self._pace += 0.1 * (min(max(1.0, pace), SLOWEST_PACE) - self._pace)
        self._told = now
        self._seconds[first] = max(0.0, seconds_left)

    def wait(self, owner: str) -> float:
        """In about how many seconds by the clock this owner's training begins."""
        before = list(self._seconds.values())[: self.ahead(owner)]
        return self._pace * sum(before)
