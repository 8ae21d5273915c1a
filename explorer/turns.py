"""Who computes now. Films and trainings share a few cores: side by side their threads would fight over each core, so they take turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

IDLE_SECONDS = 0.02  # films that have not asked for this long are not waited for

MOST_CREDIT = 0.1  # seconds: a training that was not there has earned no more than this


class Turns:
    """One computation at a time, and of two busy parties each gets half of the time.

    Films are computed in short ticks, a training in longer steps. After each of its steps the training lets the films
    compute for as long as that step took, unless there is nothing to film.
    """

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._held = False
        self._films_waiting = self._trainings_waiting = 0
        self._films_last = float("-inf")  # when a film's turn last ended
        self._owed = 0.0  # seconds that the training owes to the films; below 0, the films to it

    @contextmanager
    def films(self) -> Iterator[None]:
        """Hold this for one tick of the engine."""
        with self._free:
            self._films_waiting += 1
            self._free.wait_for(lambda: not self._held and not (self._trainings_waiting and self._owed <= 0))
            self._films_waiting -= 1
            self._held = True
        began = time.perf_counter()
        try:
            yield
        finally:
            with self._free:
                self._films_last = time.perf_counter()
                self._owed = max(-MOST_CREDIT, self._owed - (self._films_last - began))
                self._held = False
                self._free.notify_all()

    @contextmanager
    def training(self) -> Iterator[None]:
        """Hold this for one step of a training."""
        with self._free:
            self._trainings_waiting += 1
            while self._held or not (self._owed <= 0 or self._no_films()):
                self._free.wait(IDLE_SECONDS)
            self._trainings_waiting -= 1
            self._held = True
        began = time.perf_counter()
        try:
            yield
        finally:
            with self._free:
                self._owed = min(self._owed, 0.0) + time.perf_counter() - began
                self._held = False
                self._free.notify_all()

    def _no_films(self) -> bool:
        return not self._films_waiting and time.perf_counter() - self._films_last > IDLE_SECONDS
