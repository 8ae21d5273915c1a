"""Where films come from: the engine of this process and a cluster's client are used in the same way."""

from __future__ import annotations

from typing import Protocol

from explorer.core.sampling import Step
from explorer.serving.film_news import FilmStream
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import Guess, GuessRequest
from explorer.serving.model_store import ModelStore


class FilmSource(Protocol):
    """What the page asks of whoever computes."""

    models: ModelStore

    def stream(self, request: FilmRequest, owner: str) -> FilmStream:
        """See Engine.stream. Raises Refused or FilmFailed."""

    async def look(self, request: FilmRequest, t: int, owner: str) -> Step | None:
        """See Engine.look. Raises Refused or FilmFailed."""

    async def guess(self, request: GuessRequest) -> Guess:
        """See Engine.guess. Raises Refused or FilmFailed."""

    def stop(self, owner: str) -> None:
        """See Engine.stop."""

    def delay(self, request: FilmRequest, owner: str) -> float:
        """See Engine.delay."""

    def load(self) -> dict[str, float]:
        """See Engine.load."""

    def close(self) -> None:
        """End whatever computes."""
