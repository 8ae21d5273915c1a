"""When a film that waits will begin, and when it will have ended: what its viewer is told."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

AVERAGED_SECONDS = 2.0  # about how far back the speed is averaged


class Speed:
    """Rows a second by the clock, so that what a training takes beside the films is counted too.

    Written by the computing thread alone.
    """

    def __init__(self) -> None:
        self._rows, self._seconds = 100.0, 0.1  # soon outweighed by what is measured
        self._until: float | None = None

    @property
    def rows_per_second(self) -> float:
        """The average of the last seconds in which there was work."""
        return self._rows / self._seconds

    def note(self, rows: int, began: float, ended: float) -> None:
        """So many rows were computed; began, ended: seconds of one clock."""
        took = ended - (began if self._until is None else self._until)
        kept = math.exp(-took / AVERAGED_SECONDS)
        self._rows, self._seconds = kept * self._rows + rows, kept * self._seconds + took
        self._until = ended

    def rest(self) -> None:
        """There is no work: the time until there is some counts for nothing."""
        self._until = None


class Costly(Protocol):
    """A film, as far as its costs go."""

    @property
    def pictures(self) -> int:
        """Rows that it takes of what is computed at the same time."""

    @property
    def rows_to_come(self) -> float:
        """Trajectory-steps until its end."""


class Cost(NamedTuple):
    """A film that nobody has asked for yet, as a Costly."""

    pictures: int
    rows_to_come: float


class Forecast(NamedTuple):
    """ahead: how many films will have ended when it begins; begins, ends: about how many seconds until then."""

    ahead: int
    begins: float
    ends: float


def forecast(
    computed: Sequence[Costly], waiting: Sequence[Costly], capacity: int, rows_per_second: float
) -> list[Forecast]:
    """For each of `waiting`, which come in this order.

    The computed ones, of at most `capacity` pictures together, share the rows evenly: while n are computed, each gets
    rows_per_second / n. Whoever comes later or leaves early is not foreseen.
    """
    seconds = had = 0.0  # now, and the rows that each of the computed ones has had since the beginning
    ended, room = 0, capacity - sum(film.pictures for film in computed)
    # (the rows that all will have had when it ends, its place among the waiting or a negative number, its pictures)
    running = [(float(film.rows_to_come), -1 - i, film.pictures) for i, film in enumerate(computed)]
    heapq.heapify(running)
    begins: list[tuple[int, float]] = []
    ends = [0.0] * len(waiting)

    def until_one_ends() -> int:
        """Go on to the end of the next one; returns the room that it leaves."""
        nonlocal seconds, had, ended
        end, number, pictures = heapq.heappop(running)
        seconds += (end - had) * (len(running) + 1) / rows_per_second
        had, ended = end, ended + 1
        if number >= 0:
            ends[number] = seconds
        return pictures

    for number, film in enumerate(waiting):
        while running and film.pictures > room:
            room += until_one_ends()
        begins.append((ended, seconds))
        heapq.heappush(running, (had + film.rows_to_come, number, film.pictures))
        room -= film.pictures
    while running:
        until_one_ends()
    return [Forecast(ahead, begin, end) for (ahead, begin), end in zip(begins, ends)]


def delay(
    computed: Sequence[Costly], waiting: Sequence[Costly], newcomer: Costly, capacity: int, speed: Speed
) -> float:
    """How many seconds later a newcomer would end, for all who are here before; arguments as in `forecast`."""
    rate = speed.rows_per_second
    *_, its = forecast(computed, [*waiting, newcomer], capacity, rate)
    return max(0.0, its.ends - newcomer.rows_to_come / rate)
