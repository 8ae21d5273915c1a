"""Add noise: the forward process. One picture and one eps go to the browser, which mixes every x_t by itself."""

from __future__ import annotations

from functools import cache
from typing import Any

import gradio as gr

from explorer import chooser, forward, pictures
from explorer.render import alpha_bar_figure, desk_value
from explorer.state import ADD_NOISE, NOISE_IMAGE, PICTURE, InvalidSetting, checked
from explorer.widgets import MixingDesk

INTRO = "**Drag t.** A digit fades into noise by a fixed rule: no network is at work here. *Until which t can you still read it?*"


def build() -> None:
    """Lay the tab out. Everything it shows first is there at once."""
    first = checked(ADD_NOISE | PICTURE, {})
    gr.Markdown(INTRO)
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            picture = pictures.digit(first["label"], first["example"])
            desk = MixingDesk(value=desk_value(forward.scene(picture, first["noise_seed"], first["schedule"]), first["t"]), elem_id="desk")
        with gr.Column(scale=3, min_width=300):
            chosen = chooser.build("forward")
            with gr.Row():
                schedule = gr.Radio(list(ADD_NOISE["schedule"].options), value=first["schedule"], label="Schedule", elem_id="forward-schedule", scale=3, min_width=200)
                T = gr.Dropdown(list(ADD_NOISE["T"].options), value=first["T"], label="T", elem_id="forward-T", scale=1, min_width=90)
            plot = gr.Plot(value=curves(first["schedule"], first["T"]), show_label=False, elem_id="alpha-bar-plot")
    inputs = {chosen.picture, chosen.noise_seed, schedule, T}

    def settings_of(data: dict) -> dict[str, Any]:
        return chooser.answer(lambda: checked(ADD_NOISE, {"schedule": data[schedule], "T": data[T]}))

    def show(data: dict) -> dict[str, Any]:
        settings = settings_of(data)
        scene = forward.scene(data[chosen.picture], data[chosen.noise_seed], settings["schedule"], settings["T"])
        return {desk: desk_value(scene, settings["t"])}

    def change_schedule(data: dict) -> dict[str, Any]:
        settings = settings_of(data)
        return show(data) | {plot: curves(settings["schedule"], settings["T"])}

    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    gr.on([chosen.picture.change, chosen.noise_seed.change], show, inputs, {desk}, **quiet)
    gr.on([schedule.input, T.input], change_schedule, inputs, {desk, plot}, **quiet)
    gr.api(noise_image, api_name="noise_image")


@cache
def curves(kind: str, T: int):
    return alpha_bar_figure(forward.schedules(kind, T), 0)


def noise_image(label: int = 7, t: int = 300, example: int = 0, noise_seed: int = 0, schedule: str = "linear") -> dict:
    """Noise a real digit: x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps.

    label: 0 to 9; example: which digit of that class; t: 0 to 1000; noise_seed: fixes eps; schedule: linear or cosine.
    Returns alpha_bar, and x_0, eps and x_t as 28 rows of 28 numbers.
    """
    try:
        settings = checked(NOISE_IMAGE, {"label": label, "t": t, "example": example, "noise_seed": noise_seed, "schedule": schedule})
    except InvalidSetting as error:
        raise gr.Error(str(error), print_exception=False) from None
    picture = pictures.digit(settings["label"], settings["example"])
    return forward.scene(picture, settings["noise_seed"], settings["schedule"]).at(settings["t"])
