"""The picture chooser: a part of the page that every tab lays out which noises a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from explorer.data import digits, pictures
from explorer.data.mnist_style import BadPicture
from explorer.data.pictures import NO_DIGITS, Picture
from explorer.page.settings import PICTURE
from explorer.validation import InvalidSetting, checked
from explorer.widgets import DrawingPad


@dataclass(frozen=True)
class Chooser:
    """What a tab listens to: both have a `change` event. picture holds a Picture, noise_seed a whole number.

    controls, restore, also: as in Linked.
    """

    picture: gr.State
    noise_seed: gr.State
    controls: dict[str, Any]
    also: set

    def restore(self, values: dict[str, Any]) -> dict:
        """For a link's values: the digit and the noise that they name."""
        shown = pictures.digit(values["label"], values["example"])
        return {self.picture: shown, self.noise_seed: values["noise_seed"]} | dict.fromkeys(
            self.also - {self.picture, self.noise_seed}, values["example"]
        )


def build(prefix: str, drawing_first: bool = False) -> Chooser:
    """Lay the chooser out; `prefix` begins the ids of its controls. drawing_first: with the pad open."""
    first = checked(PICTURE, {})
    picture, noise_seed = gr.State(pictures.digit(first["label"], first["example"])), gr.State(first["noise_seed"])
    example = gr.State(first["example"])
    label = gr.Radio(
        [(str(d), d) for d in range(digits.CLASSES)], value=first["label"], label="Digit", elem_id=f"{prefix}-label"
    )
    with gr.Row():
        other = gr.Button("Another example", size="md", elem_id=f"{prefix}-other", min_width=80)
        reshuffle = gr.Button("Reshuffle noise", size="md", elem_id=f"{prefix}-reshuffle", min_width=80)
    with gr.Accordion(
        "Draw or upload your own, or take no digit", open=drawing_first, elem_id=f"{prefix}-own"
    ) as own_picture:
        pad = DrawingPad(elem_id=f"{prefix}-pad")
        upload = gr.UploadButton("Upload a picture", type="filepath", size="md", elem_id=f"{prefix}-upload")
        no_digit = gr.Radio(
            list(NO_DIGITS), value=None, label="Or something that is no digit", elem_id=f"{prefix}-no-digit"
        )

    def by_class(data: dict) -> dict:
        settings = answer(lambda: checked(PICTURE, {"label": data[label], "example": 0}))
        return {picture: pictures.digit(settings["label"], 0), example: 0, no_digit: None}

    def next_example(data: dict) -> dict:
        chosen = first["label"] if data[label] is None else data[label]
        settings = answer(
            lambda: checked(PICTURE, {"label": chosen, "example": (data[example] + 1) % PICTURE["example"].high})
        )
        return {
            picture: pictures.digit(settings["label"], settings["example"]),
            example: settings["example"],
            label: settings["label"],
            no_digit: None,
        }

    def own(make: Callable[[Any], Picture]) -> Callable[[Any], dict]:
        return lambda value: {picture: answer(lambda: make(value)), label: None, no_digit: None}

    def drawing(value: Any) -> dict:
        return own(pictures.drawn)(value) if value else {picture: gr.skip()}  # cleared: what was shown stays

    def strange(name: Any) -> dict:
        return {picture: answer(lambda: pictures.no_digit(name)), label: None}

    def next_noise(seed: int) -> int:
        return (seed + 1) % PICTURE["noise_seed"].high

    quiet = {"trigger_mode": "always_last", "show_progress": "hidden", "api_visibility": "private"}
    label.input(by_class, {label}, {picture, example, no_digit}, **quiet)
    other.click(next_example, {label, example}, {picture, example, label, no_digit}, **quiet)
    pad.change(drawing, pad, {picture, label, no_digit}, **quiet)
    upload.upload(own(pictures.uploaded), upload, {picture, label, no_digit}, **quiet)
    no_digit.input(strange, no_digit, {picture, label}, **quiet)
    reshuffle.click(next_noise, noise_seed, noise_seed, **quiet)
    controls = {"label": label, "example": other, "noise_seed": reshuffle, "own": own_picture}
    return Chooser(picture, noise_seed, controls, {picture, noise_seed, example})


def answer(make: Callable[[], Any]) -> Any:
    """What `make` returns; where the viewer's value cannot be used, its sentence appears on the page."""
    try:
        return make()
    except (BadPicture, InvalidSetting) as error:
        raise gr.Error(str(error), print_exception=False) from None
