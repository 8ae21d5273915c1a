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
    """Every request is its own owner here: who watches what is known where the viewers are."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def film(self, request: FilmRequest, after: Snapshot | None) -> FilmStream:
        """See Engine.stream."""
        return self._engine.stream(request, uuid.uuid4().hex, after)

    async def look(self, request: FilmRequest, t: int) -> AsyncGenerator[Step | None, None]:
        """See Engine.look; one answer."""
        yield await self._engine.look(request, t, uuid.uuid4().hex)

    async def guess(self, request: GuessRequest) -> AsyncGenerator[Guess, None]:
        """See Engine.guess; one answer."""
        yield await self._engine.guess(request)

    def to(self, what: str, request: FilmRequest | GuessRequest, *rest: object) -> AsyncGenerator[Any, None]:
        """The answers to a question by its name, as it travels: film, look or guess. Raises KeyError for another."""
        kinds: dict[str, Callable[..., AsyncGenerator[Any, None]]] = {
            "film": self.film,
            "look": self.look,
            "guess": self.guess,
        }
        return kinds[what](request, *rest)
