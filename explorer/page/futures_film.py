"""The fork in the road, as its player sees it: the futures of one x_t, while they are computed."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import numpy as np

from explorer.page import film_requests
from explorer.page.payloads.films import film_value
from explorer.page.payloads.futures import fork_status, fork_verdict
from explorer.serving.film_news import Ended, Frames
from explorer.serving.film_request import FilmRequest
from explorer.serving.film_source import FilmSource
from explorer.widgets.film import FilmRest, FilmValue, Strip

FORK_STRIPS: tuple[Strip, ...] = ("x_t", "x0_hat")
NO_FORK = (
    "DDIM with eta = 0 adds no fresh noise, so all futures of this picture are the same one. Choose DDPM, or a larger "
    "eta, and fork again."
)


async def fork_film(
    engine: FilmSource, original: FilmRequest, t: int, owner: str
) -> AsyncIterator[FilmRest | FilmValue]:
    """The player's values for the futures of the original's x_t."""
    request, name = film_requests.fork(original, t), uuid.uuid4().hex[:8]
    if not request.random:
        yield {"run": name, "n": film_requests.FORKS, "strips": list(FORK_STRIPS), "T": t, "resting": NO_FORK}
        return
    last: np.ndarray | None = None
    async for news in engine.stream(request, owner):
        last = news.pixels[-1, 0] if isinstance(news, Frames) else last
        ended = last if isinstance(news, Ended) and not news.stopped else None
        yield film_value(
            news,
            request,
            name,
            FORK_STRIPS,
            status=fork_status(news, request) if ended is None else fork_verdict(request, ended),
        )
