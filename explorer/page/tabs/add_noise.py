"""Add noise: the forward process. One picture and one eps go to the browser, which mixes every x_t by itself."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

import gradio as gr

if TYPE_CHECKING:
    import plotly.graph_objects as go

from explorer.data import pictures
from explorer.demos import noising
from explorer.demos.two_ways import two_ways
from explorer.page import forms, picture_chooser
from explorer.page.endpoints import add_settings_endpoint
from explorer.page.events import LATEST, Updates, Values, told_to_viewer
from explorer.page.payloads.noising import alpha_bar_figure, desk_value, two_ways_value
from explorer.page.settings import AddNoise, NoiseImage
from explorer.page.states import state
from explorer.page.tab_part import PageContext, TabPart
from explorer.serving.request_log import Entry
from explorer.validation import SettingValue, checked
from explorer.widgets import MixingDesk, TwoWays
from explorer.widgets.desk import SHOWN

INTRO = (
    "**Drag t.** A digit fades into noise by a fixed rule: no network is at work here. *Until which t can you still "
    "read it?*"
)


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the tab out. Everything it shows first is there at once; what takes a moment waits for its turn."""
    first = AddNoise()
    gr.Markdown(INTRO, elem_classes="intro")
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            picture = pictures.digit(first.label, first.example)
            desk = MixingDesk(
                value=desk_value(noising.scene(picture, first.noise_seed, first.schedule), first.t),
                elem_id="desk",
            )
        with gr.Column(scale=3, min_width=300, elem_classes="aside", elem_id="alpha-bar-plot-aside"):
            chosen = picture_chooser.build("forward", context)
            with gr.Row():
                schedule = forms.control(AddNoise, "schedule", "forward", scale=3, min_width=200)
                T = forms.control(AddNoise, "T", "forward", scale=1, min_width=130)
            # plotly would be a sixth of a page's start: it comes when its place is seen
            curve = curves(first.schedule, first.T)
            plot = gr.Plot(value=curve, show_label=False, elem_id="alpha-bar-plot", visible=False)
    with gr.Accordion(
        "Long way = short way: t small steps, or one jump?", open=False, elem_id="two-ways-panel"
    ) as panel:
        walk = TwoWays(value=None, elem_id="two-ways")
    opened = state("two-ways-opened", value=False)
    start = state("desk-start", first.t)  # the t of the link
    inputs = {chosen.picture, chosen.noise_seed, schedule, T, start}

    fields = {"schedule": schedule, "T": T}

    def settings_of(data: Values) -> AddNoise:
        with told_to_viewer():
            return forms.read(AddNoise, fields, data)

    def show(data: Values) -> Updates:
        settings = settings_of(data)
        scene = noising.scene(data[chosen.picture], data[chosen.noise_seed], settings.schedule, settings.T)
        return {desk: desk_value(scene, data[start])}

    def change_schedule(data: Values) -> Updates:
        settings = settings_of(data)
        return show(data) | {plot: curves(settings.schedule, settings.T)}

    async def compare(data: Values) -> Updates:
        if not data[opened]:
            return {walk: gr.skip()}
        settings = settings_of(data)
        schedule = next(iter(noising.schedules(settings.schedule, settings.T).values()))
        found = await asyncio.to_thread(
            two_ways, data[chosen.picture], schedule, data[chosen.noise_seed], context.scheduler.films
        )
        return {walk: two_ways_value(found)}

    gr.on([chosen.picture.change, chosen.noise_seed.change], show, inputs, {desk}, **LATEST)
    gr.on([schedule.input, T.input], change_schedule, inputs, {desk, plot}, **LATEST)
    desk.plot_in_sight(None, None, plot, js=SHOWN, api_visibility="private")
    panel.expand(lambda: True, None, opened, **LATEST)
    panel.collapse(lambda: False, None, opened, **LATEST)
    gr.on(
        [opened.change, chosen.picture.change, chosen.noise_seed.change, schedule.input, T.input],
        compare,
        inputs | {opened},
        {walk},
        concurrency_limit=None,
        **LATEST,
    )
    add_settings_endpoint(NoiseImage, noise_image)

    def restore(values: dict[str, SettingValue]) -> Updates:
        asked = checked(AddNoise, values)
        scene = noising.scene(pictures.digit(asked.label, asked.example), asked.noise_seed, asked.schedule, asked.T)
        shown = {
            desk: desk_value(scene, asked.t),
            plot: curves(asked.schedule, asked.T),
            start: asked.t,
        }
        return chosen.restore(values) | shown

    return TabPart(chosen.controls | fields, restore, {desk, plot, start, *chosen.also})


@cache
def curves(kind: str, T: int) -> go.Figure:
    """The alpha_bar curve of a schedule, as a plotly figure; the dot stands at t = 0."""
    return alpha_bar_figure(noising.schedules(kind, T), 0)


async def noise_image(settings: NoiseImage, request: gr.Request) -> dict[str, Any]:
    """Noise a real digit: x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps.

    example: which digit of its class; noise_seed: fixes eps. Returns alpha_bar, and x_0, eps and x_t as 28 rows of 28
    numbers.
    """
    with Entry("noise_image", gr.Error):
        picture = pictures.digit(settings.label, settings.example)
        return noising.scene(picture, settings.noise_seed, settings.schedule).at(settings.t)
