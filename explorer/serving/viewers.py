"""Whose film it is: an owner has one at a time, and a new one replaces the old."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Generic, Protocol, TypeVar

from explorer.serving.bell import Bell

SETTLE_SECONDS = 0.05  # between the end of an owner's film and the first frame of their next


class Watched(Protocol):
    """A film as its owner knows it. left: its stream has ended."""

    left: asyncio.Event

    def cancel(self) -> None:
        """Nobody looks any longer: end it."""

    def stop(self) -> None:
        """Its owner asks to end it where it is. From any thread."""


class Watching:
    """A film that is computed elsewhere, as its viewer's side knows it. Whoever runs it ends it once it is `over`.

    Made in the event loop. cancelled, stopped: see Film; they are only ever set to True. changed: rings when one is.
    """

    def __init__(self) -> None:
        self.left, self.changed = asyncio.Event(), Bell()
        self.cancelled = self.stopped = False

    @property
    def over(self) -> bool:
        """Whether its viewer has stopped or left."""
        return self.cancelled or self.stopped

    def cancel(self) -> None:
        """Nobody looks any longer."""
        self.cancelled = True
        self.changed.ring()

    def stop(self) -> None:
        """Its owner asks to end it where it is."""
        self.stopped = True
        self.changed.ring()


class FilmGroup(Watching):
    """Films that their owner watches side by side, as one thing that begins and ends."""


Kind = TypeVar("Kind", bound=Watched)


class FilmsByViewer(Generic[Kind]):
    """The films that are being watched, by owner."""

    def __init__(self) -> None:
        self._films: dict[str, Kind] = {}

    def __len__(self) -> int:
        return len(self._films)

    @asynccontextmanager
    async def turn(self, owner: str, begin: Callable[[], Kind]) -> AsyncIterator[Kind]:
        """The owner's new film, in place of the one they had, from its beginning until they have seen enough of it."""
        while (before := self._films.pop(owner, None)) is not None:
            # let its stream end first: Gradio repeats a stream's last value at its end, over whatever came in between
            before.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(before.left.wait(), timeout=1.0)
            await asyncio.sleep(SETTLE_SECONDS)
        film = self._films[owner] = begin()
        try:
            yield film
        finally:
            film.cancel()
            film.left.set()
            if self._films.get(owner) is film:
                del self._films[owner]

    def held_by(self, owner: str) -> Kind | None:
        """The film that this owner has now."""
        return self._films.get(owner)

    def stop(self, owner: str) -> None:
        """Ask that the owner's film ends where it is. Nothing happens without one."""
        film = self._films.get(owner)
        if film is not None:
            film.stop()
