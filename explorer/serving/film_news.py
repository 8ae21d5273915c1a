"""What a viewer's stream of a film yields: it waits, frames of it are there, it has ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Snapshot:
    """Where a film stands after some of its steps: with its request, all that it takes to go on elsewhere. x_t: float32
    (rows, 1, 28, 28).
    """

    steps: int
    x_t: np.ndarray


@dataclass(frozen=True)
class Queued:
    """The film has not begun.

    ahead: how many films will have ended when this one begins, 0 where it begins now; wait, ends: about how many
    seconds until it begins, and until it has ended.
    """

    ahead: int
    wait: float
    ends: float


@dataclass(frozen=True)
class Frames:
    """Consecutive frames of the film, at least one.

    start: the first one's number; t: each one's timestep; pixels: uint8 (frames, strips, pictures, 28, 28), the strips
    being film.STRIPS; total: frames of the whole film; seconds: since its first step; snapshot: no frame from before it
    is missing in these and those that came first.
    """

    start: int
    t: tuple[int, ...]
    pixels: np.ndarray
    total: int
    seconds: float
    snapshot: Snapshot | None = None

    @property
    def end(self) -> int:
        """The number after its last frame's."""
        return self.start + len(self.t)

    def since(self, number: int) -> Frames | None:
        """The same without its frames before this one; None where none is left."""
        seen = max(0, number - self.start)
        if seen >= len(self.t):
            return None
        return replace(self, start=self.start + seen, t=self.t[seen:], pixels=self.pixels[seen:])


@dataclass(frozen=True)
class Ended:
    """The last news: there will be no more frames. seconds: since the film's first step; stopped: by its viewer, before
    its last picture.
    """

    seconds: float
    stopped: bool


FilmNews = Queued | Frames | Ended  # plain data, small, picklable
FilmStream = AsyncGenerator[FilmNews, None]
