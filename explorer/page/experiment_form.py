"""The Train tab's accordion of experiments: what can be changed, what to expect of it, and a bet to make."""

from __future__ import annotations

from dataclasses import dataclass, replace

import gradio as gr

from explorer.core.sentences import Sentence
from explorer.data import pictures
from explorer.data.pictures import Picture
from explorer.lab.experiment import ALL_CLASSES, Experiment
from explorer.page import forms
from explorer.page.belongings import Belongings
from explorer.page.events import QUIET, Updates, Values, told_to_viewer
from explorer.page.forms import Fields
from explorer.page.payloads.texts import told
from explorer.page.states import state
from explorer.validation import InvalidSetting, checked
from explorer.widgets import DrawingPad, Words
from explorer.widgets.words import WordsValue

DRAWN = "my drawings"
MAX_DRAWINGS = 60
ENOUGH = Sentence("{0} drawings are enough", MAX_DRAWINGS)
NO_DRAWING = "there is no drawing to learn from: open Experiments, draw a digit, and add it"


@dataclass(frozen=True)
class Experiments:
    """The controls by the settings' names, of which "dataset" also offers the viewer's drawings."""

    fields: Fields
    drawings: gr.State  # tuple of labelled Pictures
    count: Words  # which there are, in words

    def inputs(self) -> set[gr.blocks.Block]:
        """The components that a handler needs for `read`."""
        return {*self.fields.values(), self.drawings}

    def learn_from(self, drawings: tuple[Picture, ...]) -> Updates:
        """The form with these drawings in place of the viewer's own."""
        return {self.drawings: drawings, self.count: count_of(drawings), self.fields["dataset"]: DRAWN}

    def read(self, values: Values) -> tuple[Experiment, tuple[Picture, ...]]:
        """The experiment and the drawings to learn from. Raises InvalidSetting, also where there are no drawings though
        they are asked for.
        """
        said = {name: values[field] for name, field in self.fields.items()}
        if said["dataset"] != DRAWN:
            return checked(Experiment, said), ()
        del said["dataset"]
        experiment = checked(Experiment, said)
        if not values[self.drawings]:
            raise InvalidSetting(NO_DRAWING)
        return experiment, tuple(values[self.drawings])


def build(belongings: Belongings) -> Experiments:
    """Lay out the seed, and the accordion of all else. Drawings are among the viewer's `belongings`."""
    fields = forms.build(Experiment, "train")
    with gr.Accordion("Experiments", open=False, elem_id="train-experiments"):
        gr.Markdown("Change one thing, keep the seed, train again, and compare the two runs below the loss.")
        fields |= forms.build(Experiment, "train", "experiments")
        fields["dataset"] = forms.control(Experiment, "dataset", "train", more=[DRAWN])
        with gr.Accordion("Draw digits to learn from", open=False, elem_id="train-draw"):
            drawings, count = _drawings(belongings)
    return Experiments(fields, drawings, count)


def _drawings(belongings: Belongings) -> tuple[gr.State, Words]:
    drawings = state("train-drawings", ())
    pad = DrawingPad(elem_id="train-pad")
    label = gr.Radio([(str(d), d) for d in ALL_CLASSES], value=3, label="This is a", elem_id="train-drawn-label")
    with gr.Row():
        add = gr.Button("Add this drawing", size="md", elem_id="train-add", min_width=80)
        clear = gr.Button("Remove all", size="md", elem_id="train-remove", min_width=80)
    count = Words(value=count_of(()), elem_id="train-drawn")

    def add_drawing(values: dict) -> dict:
        with told_to_viewer():
            digit = checked(Experiment, {"classes": [values[label]]}).classes[0]
            if len(values[drawings]) >= MAX_DRAWINGS:
                raise InvalidSetting(ENOUGH)
            more = (*values[drawings], replace(pictures.drawn(values[pad]), label=digit))
        return {drawings: more, count: count_of(more), pad: None}

    add.click(add_drawing, {pad, label, drawings}, [drawings, count, pad], **QUIET)
    clear.click(lambda: ((), count_of(())), None, [drawings, count], **QUIET)
    belongings.follow(
        "drawings to learn from", drawings, lambda own: {drawings: own, count: count_of(own)}, also=[count]
    )
    return drawings, count


def count_of(drawings: tuple[Picture, ...]) -> WordsValue:
    """Which drawings there are, in words."""
    if not drawings:
        return {"sentence": "No drawings yet: about a dozen are enough."}
    return {"sentence": told(Sentence("{0} so far: {1}.", len(drawings), tuple(drawing.label for drawing in drawings)))}
