"""The Train tab's accordion of experiments: what can be changed, what to expect of it, and a bet to make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from explorer.core.sentences import Sentence
from explorer.data import pictures
from explorer.lab.experiment import EXPERIMENT, FASHION, MNIST
from explorer.page.belongings import Belongings
from explorer.page.events import QUIET, told_to_viewer
from explorer.page.payloads.texts import told
from explorer.validation import InvalidSetting, checked
from explorer.widgets import DrawingPad, Words
from explorer.widgets.words import WordsValue

DRAWN = "my drawings"
MAX_DRAWINGS = 60
CLEAR_PAD = "() => document.querySelector('#train-pad [data-part=clear]').click()"
BETS = {
    "classes": (
        "With one digit alone there is no doubt which to draw. Bet: will a network that sees only 3s draw them "
        "sooner? And what of 3 and 8?"
    ),
    "schedule": (
        "How fast the digit drowns in noise: linear spends many steps on almost pure noise. Bet: which schedule gives "
        "the lower loss, and which the better digits?"
    ),
    "T": (
        "How many steps the noise has. A short linear schedule stops before all is noise. Bet: can T = 10 draw a digit?"
    ),
    "size": (
        "More weights can learn more, and take longer for each image. Bet: which size wins in 20 seconds, and which "
        "in 120?"
    ),
    "learning_rate": (
        "How far each step goes. Too low: nothing moves. Too high: the loss jumps or breaks. Bet: at which rate does "
        "it break?"
    ),
    "batch": (
        "Images in a step: small batches make many unsteady steps, large ones few steady ones. Bet: 8 or 256 for the "
        "same seconds?"
    ),
}
DATA = (
    "Fashion-MNIST is clothes: 0 to 9 are T-shirt, trousers, pullover, dress, coat, sandal, shirt, sneaker, bag and "
    "boot; it is downloaded once. "
    "Of drawings a dozen are enough: each is turned, scaled and moved a little in a hundred ways. Bet: which are "
    "harder than digits? Will it draw like you?"
)


@dataclass(frozen=True)
class Experiments:
    """The controls by the settings' names, and what the network learns from."""

    fields: dict[str, Any]
    data: gr.Radio
    drawings: gr.State  # tuple of labelled Pictures

    def inputs(self) -> set:
        """The components that a handler needs for `settings`."""
        return {*self.fields.values(), self.data, self.drawings}

    def settings(self, values: dict) -> tuple[dict[str, Any], tuple]:
        """The settings and the drawings to learn from. Raises InvalidSetting, also where there are no drawings though
        they are asked for.
        """
        own, fields = values[self.data] == DRAWN, {name: values[component] for name, component in self.fields.items()}
        settings = checked(EXPERIMENT, fields if own else fields | {"dataset": values[self.data]})
        if not own:
            return settings, ()
        if not values[self.drawings]:
            raise InvalidSetting("there is no drawing to learn from: open Experiments, draw a digit, and add it")
        return settings, tuple(values[self.drawings])


def build(seed: gr.Number, belongings: Belongings) -> Experiments:
    """Lay the accordion out; `seed` stands elsewhere in the tab. Drawings are among the viewer's `belongings`."""
    first = checked(EXPERIMENT, {})
    with gr.Accordion("Experiments", open=False, elem_id="train-experiments"):
        gr.Markdown("Change one thing, keep the seed, train again, and compare the two runs below the loss.")
        fields = {
            "classes": gr.CheckboxGroup(
                [(str(d), d) for d in EXPERIMENT["classes"].options],
                value=list(first["classes"]),
                label="Digits to learn",
                info=BETS["classes"],
                elem_id="train-classes",
            ),
            "schedule": gr.Radio(
                list(EXPERIMENT["schedule"].options),
                value=first["schedule"],
                label="Schedule",
                info=BETS["schedule"],
                elem_id="train-schedule",
            ),
            "T": gr.Slider(
                EXPERIMENT["T"].low,
                EXPERIMENT["T"].high,
                first["T"],
                step=10,
                label="T",
                info=BETS["T"],
                elem_id="train-T",
            ),
            "size": gr.Radio(
                list(EXPERIMENT["size"].options),
                value=first["size"],
                label="Size of the network",
                info=BETS["size"],
                elem_id="train-size",
            ),
            "learning_rate": gr.Number(
                first["learning_rate"], label="Learning rate", info=BETS["learning_rate"], elem_id="train-learning-rate"
            ),
            "batch": gr.Number(
                first["batch"], label="Batch size", precision=0, info=BETS["batch"], elem_id="train-batch"
            ),
            "seed": seed,
        }
        data = gr.Radio(
            [("MNIST's digits", MNIST), ("Fashion-MNIST", FASHION), DRAWN],
            value=MNIST,
            label="Learn from",
            info=DATA,
            elem_id="train-data",
        )
        with gr.Accordion("Draw digits to learn from", open=False, elem_id="train-draw"):
            drawings = _drawings(belongings)
    return Experiments(fields, data, drawings)


def _drawings(belongings: Belongings) -> gr.State:
    drawings = gr.State(())
    pad = DrawingPad(elem_id="train-pad")
    label = gr.Radio(
        [(str(d), d) for d in EXPERIMENT["classes"].options], value=3, label="This is a", elem_id="train-drawn-label"
    )
    with gr.Row():
        add = gr.Button("Add this drawing", size="md", elem_id="train-add", min_width=80)
        clear = gr.Button("Remove all", size="md", elem_id="train-remove", min_width=80)
    count = Words(value=_count(()), elem_id="train-drawn")

    def add_drawing(values: dict) -> dict:
        with told_to_viewer():
            digit = EXPERIMENT["classes"].check([values[label]])[0]
            if len(values[drawings]) >= MAX_DRAWINGS:
                raise InvalidSetting(Sentence("{0} drawings are enough", MAX_DRAWINGS))
            more = (*values[drawings], replace(pictures.drawn(values[pad]), label=digit))
        return {drawings: more, count: _count(more)}

    add.click(add_drawing, {pad, label, drawings}, [drawings, count], **QUIET).success(None, None, None, js=CLEAR_PAD)
    clear.click(lambda: ((), _count(())), None, [drawings, count], **QUIET)
    belongings.follow("drawings to learn from", drawings, lambda own: {drawings: own, count: _count(own)}, also=[count])
    return drawings


def _count(drawings: tuple) -> WordsValue:
    if not drawings:
        return {"sentence": "No drawings yet: about a dozen are enough."}
    return {"sentence": told(Sentence("{0} so far: {1}.", len(drawings), tuple(drawing.label for drawing in drawings)))}
