"""A rescue, as its tiles show it: computed by the server, or by the viewer's device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import gradio as gr

from explorer.core.sentences import joined
from explorer.data.pictures import Picture
from explorer.page import film_requests
from explorer.page.payloads.device_jobs import Wanted
from explorer.page.payloads.films import film_status
from explorer.page.payloads.rescues import rescue_on_device, rescue_value, rescue_verdict
from explorer.page.tab_part import PageContext
from explorer.page.viewer import Viewer
from explorer.serving.film_news import Ended, Frames
from explorer.serving.film_request import FilmRequest, noised
from explorer.serving.model_store import ModelStore
from explorer.widgets.tiles import TilesValue

QUESTION = "Would you still know it? Place your bet, then let the network try."
WANTED = Wanted(("x_t",))


@dataclass(frozen=True)
class Rescued:
    """What is to be rescued: a picture with the noise of a seed, at t."""

    original: Picture
    t: int
    noise_seed: int

    @property
    def request(self) -> FilmRequest:
        """Its film."""
        return film_requests.rescue(self.original, self.t, self.noise_seed)

    def before(self, models: ModelStore) -> TilesValue:
        """The tiles before the network has been asked: the picture, and what is left of it at t."""
        left = noised(self.request, models.pretrained_schedule())
        return rescue_value(self.original, left, self.t, None, QUESTION)


async def rescue_film(
    context: PageContext, rescued: Rescued, bet: str | None, wish: str, request: gr.Request, why: str = ""
) -> AsyncIterator[TilesValue]:
    """The tiles while it is computed; where the viewer's device does that, the job alone.

    bet: one of rescues.BETS; wish: who is to compute; why: said before all else.
    """
    wanted, owner = rescued.request, Viewer.of(request).slot("rescue")
    job = await context.devices.job(wanted, wish, request, owner, {}, WANTED)
    if job is not None:
        yield rescue_on_device(rescued.before(context.models), job, bet)
        return
    start = last = None
    async for news in context.films.stream(wanted, owner):
        if isinstance(news, Frames):
            start, last = news.pixels[0, 0, 0] if start is None else start, news.pixels[-1, 0, 0]
        if start is not None and last is not None:
            whole = isinstance(news, Ended) and not news.stopped
            sentence = rescue_verdict(rescued.original, last, bet) if whole else film_status(news, wanted)
            yield rescue_value(rescued.original, start, rescued.t, last, joined(why, sentence))
