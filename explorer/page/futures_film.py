"""The fork in the road, as its player sees it: the futures of one x_t, by the server or the viewer's device."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import numpy as np

from explorer.core.sentences import joined
from explorer.page import film_requests
from explorer.page.device_films import handed_over
from explorer.page.payloads.device_jobs import Wanted
from explorer.page.payloads.films import film_value
from explorer.page.payloads.futures import fork_status, fork_verdict
from explorer.page.tab_part import PageContext
from explorer.page.viewer import Viewer
from explorer.serving.film_news import Ended, Frames
from explorer.serving.film_request import FilmRequest
from explorer.widgets.film import FilmRest, FilmValue, Strip

FORK_STRIPS: tuple[Strip, ...] = ("x_t", "x0_hat")
NO_FORK = (
    "DDIM with eta = 0 adds no fresh noise, so all futures of this picture are the same one. Choose DDPM, or a larger "
    "eta, and fork again."
)


async def fork_film(
    context: PageContext,
    original: FilmRequest,
    t: int,
    asked: Any,  # noqa: ANN401 # as it came from the browser, where it has been checked by now
    wish: str,
    request: gr.Request,
    why: str = "",
) -> AsyncIterator[FilmRest | FilmValue]:
    """The player's values for the futures of the original's x_t; of those for the viewer's device, the job.

    asked: the question, with which the device gives them back; wish: who is to compute; why: said before all else.
    """
    fork, name = film_requests.fork(original, t), uuid.uuid4().hex[:8]
    if not fork.random:
        yield {"run": name, "n": film_requests.FORKS, "strips": list(FORK_STRIPS), "T": t, "resting": NO_FORK}
        return
    owner, wanted = Viewer.of(request).slot("fork"), Wanted(FORK_STRIPS, ending={"kind": "fork", "t": t})
    again = {name: asked[name] for name in ("settings", "t", "picture")}
    job = await context.devices.job(fork, wish, request, owner, again, wanted)
    last: np.ndarray | None = None
    async for news in handed_over() if job else context.films.stream(fork, owner):
        last = news.pixels[-1, 0] if isinstance(news, Frames) else last
        ended = last if isinstance(news, Ended) and not news.stopped else None
        status = fork_status(news, fork) if ended is None else fork_verdict(fork, ended)
        yield film_value(news, fork, name, FORK_STRIPS, status=joined(why, status), device=job)
