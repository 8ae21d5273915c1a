"""The picture chooser: a part of the page that every tab lays out which noises a picture."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from explorer.data import digits, pictures
from explorer.data.pictures import NO_DIGITS
from explorer.page import uploading
from explorer.page.events import LATEST, Updates, told_to_viewer
from explorer.page.settings import EXAMPLE, NOISE_SEED, NoisyDigit
from explorer.page.states import state
from explorer.page.tab_part import PageContext
from explorer.validation import SettingValue, checked
from explorer.widgets import DrawingPad, UploadedPicture


@dataclass(frozen=True)
class Chooser:
    """What a tab listens to: picture, which holds a Picture, and noise_seed, a whole number, have a `change` event.

    example: which of its class a real digit is; uploaded: the picture that was uploaded last, while it is the one that
    is shown. controls, restore, also: as in TabPart.
    """

    picture: gr.State
    noise_seed: gr.State
    example: gr.State
    uploaded: UploadedPicture
    controls: dict[str, gr.blocks.Block]

    @property
    def also(self) -> set:
        """What `restore` changes."""
        return {self.picture, self.noise_seed, self.example, self.uploaded}

    def restore(self, values: dict[str, SettingValue]) -> Updates:
        """For a link's values: the digit and the noise that they name."""
        asked = checked(NoisyDigit, {name: values[name] for name in ("label", "example", "noise_seed")})
        return {
            self.picture: pictures.digit(asked.label, asked.example),
            self.noise_seed: asked.noise_seed,
            self.example: asked.example,
            self.uploaded: None,
        }


def build(prefix: str, context: PageContext, *, drawing_first: bool = False) -> Chooser:
    """Lay the chooser out; `prefix` begins the ids of its controls. A picture of the viewer's own is one of their
    `belongings`. drawing_first: with the pad open.
    """
    first, belongings, key = NoisyDigit(), context.belongings, context.bar.pressed
    picture, noise_seed = (
        state(f"{prefix}-picture", pictures.digit(first.label, first.example)),
        state(f"{prefix}-noise-seed", first.noise_seed),
    )
    example = state(f"{prefix}-example", first.example)
    label = gr.Radio(
        [(str(d), d) for d in range(digits.CLASSES)], value=first.label, label="Digit", elem_id=f"{prefix}-label"
    )
    with gr.Row():
        other = gr.Button("Another example", size="md", elem_id=f"{prefix}-other", min_width=80)
        reshuffle = gr.Button("Reshuffle noise", size="md", elem_id=f"{prefix}-reshuffle", min_width=80)
    with gr.Accordion(
        "Draw or upload your own, or take no digit", open=drawing_first, elem_id=f"{prefix}-own"
    ) as own_picture:
        pad = DrawingPad(elem_id=f"{prefix}-pad")
        upload = uploading.build(prefix)
        no_digit = gr.Radio(
            list(NO_DIGITS), value=None, label="Or something that is no digit", elem_id=f"{prefix}-no-digit"
        )

    def by_class(data: dict) -> dict:
        with told_to_viewer():
            shown = checked(NoisyDigit, {"label": data[label]}).label
        return {picture: pictures.digit(shown, 0), example: 0, no_digit: None, upload.shown: None}

    def next_example(data: dict) -> dict:
        chosen = first.label if data[label] is None else data[label]
        with told_to_viewer():
            settings = checked(NoisyDigit, {"label": chosen, "example": (data[example] + 1) % EXAMPLE.high})
        return {
            picture: pictures.digit(settings.label, settings.example),
            example: settings.example,
            label: settings.label,
            no_digit: None,
            upload.shown: None,
        }

    def drawing(value: object) -> dict:
        if not value:  # the pad was cleared: what was shown stays
            return {picture: gr.skip()}
        with told_to_viewer():
            return {picture: pictures.drawn(value), label: None, no_digit: None, upload.shown: None}

    def strange(name: object) -> dict:
        with told_to_viewer():
            return {picture: pictures.no_digit(name), label: None, upload.shown: None}

    def next_noise(seed: int) -> int:
        return (seed + 1) % NOISE_SEED.high

    label.input(by_class, {label}, [picture, example, no_digit, upload.shown], **LATEST)
    others = [other.click, key(f"{prefix}_other")]
    gr.on(others, next_example, {label, example}, [picture, example, label, no_digit, upload.shown], **LATEST)
    pad.change(drawing, pad, [picture, label, no_digit, upload.shown], **LATEST)
    upload.listen(picture, [label, no_digit])
    no_digit.input(strange, no_digit, [picture, label, upload.shown], **LATEST)
    gr.on([reshuffle.click, key(f"{prefix}_reshuffle")], next_noise, noise_seed, noise_seed, **LATEST)
    belongings.follow(
        f"{prefix} picture",
        picture,
        lambda own: {picture: own, label: None},
        is_own=lambda shown: shown.example is None,
        also=[label],
        of_the_view=True,
    )
    controls = {"label": label, "example": other, "noise_seed": reshuffle, "own": own_picture}
    return Chooser(picture, noise_seed, example, upload.shown, controls)
