"""Rescue my digit, a part of Remove noise: noise a picture half-way, and let the network walk back from there."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from explorer.data import pictures
from explorer.data.pictures import Picture
from explorer.page import film_requests, forms, picture_chooser
from explorer.page.endpoints import add_settings_endpoint
from explorer.page.events import RESTART, Values, told_to_viewer
from explorer.page.payloads.films import film_status
from explorer.page.payloads.futures import reading_of
from explorer.page.payloads.rescues import BETS, rescue_value, rescue_verdict
from explorer.page.settings import Rescue
from explorer.page.tab_part import PageContext, TabPart
from explorer.page.viewer import Viewer
from explorer.serving.film_news import Ended, Frames
from explorer.serving.film_request import noised
from explorer.serving.model_store import ModelStore
from explorer.serving.streams import finished
from explorer.widgets import Tiles
from explorer.widgets.tiles import TilesValue

INTRO = (
    "## Rescue my digit\nDraw a digit, drown it in noise up to t, and let the network walk back without telling it "
    "what it was. "
    "*Bet first: up to which t does your digit survive?*"
)
QUESTION = "Would you still know it? Place your bet, then let the network try."


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the section out."""
    first, models = Rescue(), context.models
    gr.Markdown(INTRO)
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            tiles = Tiles(
                value=before(pictures.digit(first.label, first.example), first.t, first.noise_seed, models),
                elem_id="rescue",
            )
            fields = forms.build(Rescue, "rescue")
            bet = gr.Radio(list(BETS), label="Your bet: the digit ...", elem_id="rescue-bet")
            go = gr.Button("Noise it and rescue it", variant="primary", elem_id="rescue-go")
        with gr.Column(scale=2, min_width=300, elem_classes="aside"):
            chosen = picture_chooser.build("rescue", context, drawing_first=True)
    inputs: set[gr.blocks.Block] = {chosen.picture, chosen.noise_seed, bet, *fields.values()}

    def preview(data: dict) -> TilesValue:
        with told_to_viewer():
            chosen_t = forms.read(Rescue, fields, data).t
            return before(data[chosen.picture], chosen_t, data[chosen.noise_seed], models)

    async def run(data: Values, request: gr.Request) -> AsyncIterator[TilesValue]:
        with told_to_viewer():
            original, settings = data[chosen.picture], forms.read(Rescue, fields, data)
            wanted, start, last = film_requests.rescue(original, settings.t, data[chosen.noise_seed]), None, None
            async for news in context.films.stream(wanted, Viewer.of(request).slot("rescue")):
                if isinstance(news, Frames):
                    start, last = news.pixels[0, 0, 0] if start is None else start, news.pixels[-1, 0, 0]
                if start is not None and last is not None:
                    whole = isinstance(news, Ended) and not news.stopped
                    sentence = rescue_verdict(original, last, data[bet]) if whole else film_status(news, wanted)
                    yield rescue_value(original, start, settings.t, last, sentence)

    let_go = [field.release for field in fields.values() if isinstance(field, gr.Slider)]
    gr.on([chosen.picture.change, chosen.noise_seed.change, *let_go], preview, inputs, tiles, **RESTART)
    gr.on([go.click, context.bar.pressed("rescue_go")], run, inputs, tiles, **RESTART)

    async def rescue(settings: Rescue, request: gr.Request) -> dict[str, Any]:
        """Noise a real digit to t, and let the pretrained network walk back without being told what it was.

        example: which digit of its class; noise_seed: fixes all noise. Returns original, noised and rescued, each 28
        rows of 28 grey levels 0 to 255, and read_as: the digits that original and rescued look like, by the vote of
        similar real digits.
        """
        original = pictures.digit(settings.label, settings.example)
        wanted = film_requests.rescue(original, settings.t, settings.noise_seed)
        film = context.films.stream(wanted, uuid.uuid4().hex)
        (rescued,) = await context.readers.answer(request.session_hash, finished(film))
        shown = {
            "original": original.pixels(),
            "noised": noised(wanted, models.pretrained_schedule()),
            "rescued": rescued,
        }
        return {name: pixels.tolist() for name, pixels in shown.items()} | {
            "read_as": reading_of(original.pixels(), rescued)
        }

    add_settings_endpoint(Rescue, rescue)
    return TabPart()


def before(original: Picture, t: int, noise_seed: int, models: ModelStore) -> TilesValue:
    """The tiles before the network has been asked: the picture, and what is left of it at t."""
    wanted = film_requests.rescue(original, t, noise_seed)
    return rescue_value(original, noised(wanted, models.pretrained_schedule()), t, None, QUESTION)
