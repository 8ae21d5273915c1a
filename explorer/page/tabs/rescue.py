"""Rescue my digit, a part of Remove noise: noise a picture half-way, and let the network walk back from there."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from explorer.data import pictures
from explorer.page import film_requests, forms, picture_chooser
from explorer.page.computing import SERVER
from explorer.page.device_films import trouble_of
from explorer.page.endpoints import add_settings_endpoint
from explorer.page.events import RESTART, Values, told_to_viewer
from explorer.page.likeness import likeness
from explorer.page.payloads.futures import reading_of
from explorer.page.payloads.rescues import BETS
from explorer.page.rescue_film import Rescued, rescue_film
from explorer.page.settings import Rescue
from explorer.page.tab_part import PageContext, TabPart
from explorer.serving.film_request import noised
from explorer.serving.streams import finished
from explorer.widgets import Tiles
from explorer.widgets.tiles import TilesValue

INTRO = (
    "## Rescue my digit\nDraw a digit, drown it in noise up to t, and let the network walk back without telling it "
    "what it was. "
    "*Bet first: up to which t does your digit survive?*"
)


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the section out."""
    first, models = Rescue(), context.models
    gr.Markdown(INTRO)
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            tiles = Tiles(
                value=Rescued(pictures.digit(first.label, first.example), first.t, first.noise_seed).before(models),
                elem_id="rescue",
                server_functions=[likeness],
            )
            fields = forms.build(Rescue, "rescue")
            bet = gr.Radio(list(BETS), label="Your bet: the digit ...", elem_id="rescue-bet")
            go = gr.Button("Noise it and rescue it", variant="primary", elem_id="rescue-go")
        with gr.Column(scale=2, min_width=300, elem_classes="aside"):
            chosen = picture_chooser.build("rescue", context, drawing_first=True)
    inputs: set[gr.blocks.Block] = {chosen.picture, chosen.noise_seed, bet, context.compute, *fields.values()}

    def asked(data: Values) -> Rescued:
        return Rescued(data[chosen.picture], forms.read(Rescue, fields, data).t, data[chosen.noise_seed])

    def preview(data: Values) -> TilesValue:
        with told_to_viewer():
            return asked(data).before(models)

    async def run(data: Values, request: gr.Request) -> AsyncIterator[TilesValue]:
        with told_to_viewer():
            async for value in rescue_film(context, asked(data), data[bet], data[context.compute], request):
                yield value

    async def take_over(data: Values, event: gr.EventData, request: gr.Request) -> AsyncIterator[TilesValue]:
        """The viewer's device cannot compute a rescue that it was given: the server does."""
        with told_to_viewer():
            why = trouble_of(event._data)
            async for value in rescue_film(context, asked(data), data[bet], SERVER, request, why):
                yield value

    let_go = [field.release for field in fields.values() if isinstance(field, gr.Slider)]
    gr.on([chosen.picture.change, chosen.noise_seed.change, *let_go], preview, inputs, tiles, **RESTART)
    gr.on([go.click, context.bar.pressed("rescue_go")], run, inputs, tiles, **RESTART)
    tiles.take_over(take_over, inputs, tiles, **RESTART)

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
