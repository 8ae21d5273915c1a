"""What an engine answers to requests from elsewhere, always as a stream."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Callable
from typing import Any

from explorer.core.sampling import Step
from explorer.serving.engine import Engine
from explorer.serving.film_news import FilmStream, Snapshot
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import Guess, GuessRequest


class Answers:
    """Every request is its own owner here: who watches what is known where the viewers are.

    kinds: who answers to a question, by its name as it travels.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.kinds: dict[str, Callable[..., AsyncGenerator[Any, None]]] = {
            "film": self.film,
            "look": self.look,
            "guess": self.guess,
        }

    def film(self, request: FilmRequest, after: Snapshot | None) -> FilmStream:
        """See Engine.stream."""
        return self._engine.stream(request, uuid.uuid4().hex, after)

    async def look(self, request: FilmRequest, t: int) -> AsyncGenerator[Step | None, None]:
        """See Engine.look; one answer."""
        yield await self._engine.look(request, t, uuid.uuid4().hex)

    async def guess(self, request: GuessRequest) -> AsyncGenerator[Guess, None]:
        """See Engine.guess; one answer."""
        yield await self._engine.guess(request)

    def to(self, what: str, *question: object) -> AsyncGenerator[Any, None]:
        """The answers to a question of this kind. Raises KeyError for one that is not known."""
        return self.kinds[what](*question)

    async def hear(self, note: object) -> None:
        """What is told to all replicas, for the one that it concerns. Nothing here."""
