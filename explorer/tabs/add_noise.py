"""Add noise: the forward process. One digit and one eps go to the browser, which mixes every x_t by itself."""

from __future__ import annotations

from functools import cache
from typing import Any

import gradio as gr

from explorer import digits, forward
from explorer.render import alpha_bar_figure, desk_value
from explorer.state import ADD_NOISE, InvalidSetting, checked
from explorer.widgets import MixingDesk

INTRO = "**Drag t.** A digit fades into noise by a fixed rule: no network is at work here. *Until which t can you still read it?*"


def build() -> None:
    """Lay the tab out. Everything it shows first is there at once."""
    first = checked(ADD_NOISE, {})
    gr.Markdown(INTRO)
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            desk = MixingDesk(value=scene(first), elem_id="desk")
        with gr.Column(scale=3, min_width=300):
            label = gr.Radio([(str(d), d) for d in range(digits.CLASSES)], value=first["label"], label="Digit", elem_id="forward-label")
            with gr.Row():
                other = gr.Button("Another example", size="md", elem_id="forward-other", min_width=80)
                reshuffle = gr.Button("Reshuffle the noise", size="md", elem_id="forward-reshuffle", min_width=80)
            schedule = gr.Radio(["linear", "cosine"], value=first["schedule"], label="Schedule", elem_id="forward-schedule")
            plot = gr.Plot(value=curve(first["schedule"], first["t"]), show_label=False, elem_id="alpha-bar-plot")
    example, noise_seed = gr.State(first["example"]), gr.State(first["noise_seed"])
    inputs = {label, schedule, example, noise_seed}

    def values(data: dict) -> dict[str, Any]:
        return {"label": data[label], "schedule": data[schedule], "example": data[example], "noise_seed": data[noise_seed]}

    def show(data: dict) -> dict[str, Any]:
        return safe_scene(values(data))

    def next_example(data: dict):
        settings = values(data) | {"example": (data[example] + 1) % ADD_NOISE["example"].high}
        return {desk: safe_scene(settings), example: settings["example"]}

    def next_noise(data: dict):
        settings = values(data) | {"noise_seed": (data[noise_seed] + 1) % ADD_NOISE["noise_seed"].high}
        return {desk: safe_scene(settings), noise_seed: settings["noise_seed"]}

    def change_schedule(data: dict):
        settings = values(data)
        return {desk: safe_scene(settings), plot: curve(settings["schedule"], ADD_NOISE["t"].default)}

    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    label.input(show, inputs, desk, **quiet)
    other.click(next_example, inputs, {desk, example}, **quiet)
    reshuffle.click(next_noise, inputs, {desk, noise_seed}, **quiet)
    schedule.input(change_schedule, inputs, {desk, plot}, **quiet)
    gr.api(noise_image, api_name="noise_image")


def scene(settings: dict[str, Any]) -> dict[str, Any]:
    """The desk's payload for checked settings."""
    scene = forward.scene(settings["label"], settings["example"], settings["noise_seed"], settings["schedule"])
    caption = f"a real {scene.label}, MNIST test digit number {scene.number}"
    return desk_value(scene.x_0, scene.eps, scene.schedule, t=settings["t"], label=scene.label, caption=caption)


def safe_scene(values: dict[str, Any]) -> dict[str, Any]:
    """The desk's payload for values that nobody has checked yet; a bad one becomes a sentence on the page."""
    try:
        return scene(checked(ADD_NOISE, values))
    except InvalidSetting as error:
        raise gr.Error(str(error), print_exception=False) from None


@cache
def curve(schedule: str, t: int):
    return alpha_bar_figure(forward.schedule(schedule), t)


def noise_image(label: int = 7, t: int = 300, example: int = 0, noise_seed: int = 0, schedule: str = "linear") -> dict:
    """Noise a real digit: x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps.

    label: 0 to 9; example: which digit of that class; t: 0 to 1000; noise_seed: fixes eps; schedule: linear or cosine.
    Returns alpha_bar, and x_0, eps and x_t as 28 rows of 28 numbers.
    """
    try:
        settings = checked(ADD_NOISE, {"label": label, "t": t, "example": example, "noise_seed": noise_seed, "schedule": schedule})
    except InvalidSetting as error:
        raise gr.Error(str(error), print_exception=False) from None
    scene = forward.scene(settings["label"], settings["example"], settings["noise_seed"], settings["schedule"])
    return scene.at(settings["t"])
