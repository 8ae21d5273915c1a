"""Uploading a picture: a part of the picture chooser that shows what was made of it, and lets the viewer choose."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import gradio as gr

from explorer.data import pictures, uploads
from explorer.data.mnist_style import BadPicture, Made
from explorer.data.picture_files import SUFFIXES
from explorer.data.pixels import to_base64
from explorer.data.uploads import Choice, Uploads
from explorer.page.events import LATEST, Updates, told_to_viewer
from explorer.page.languages import language_of, said
from explorer.page.payloads.texts import sentence_of
from explorer.page.states import state
from explorer.widgets import UploadedPicture
from explorer.widgets.base import told_in
from explorer.widgets.upload import UploadValue

PLAIN = "Not what you meant? Drag over the part with your digit, or swap black and white."
SEVERAL = "There seem to be several digits: drag over the part with yours."
NOTHING = "No digit was found here: drag over another part, or swap black and white."
READERS = 4  # pictures of different viewers that are read at the same time


@dataclass(frozen=True)
class UploadPart:
    """The button, what is shown of the picture, and the path of its file on the server, "" while there is none."""

    button: gr.UploadButton
    shown: UploadedPicture
    path: gr.State
    uploads: Uploads = field(default_factory=Uploads)

    def listen(self, picture: gr.State, cleared: Iterable[gr.blocks.Block]) -> None:
        """From now on, what is made of an upload, or of a part of it, goes to `picture`; what is `cleared` then chooses
        no other.
        """
        nothing_else = dict.fromkeys(cleared)

        def found(made: Made | None) -> Updates:
            if made is None:  # the picture that was there stays
                return {picture: gr.skip()}
            return {picture: pictures.found(made.pixels)} | nothing_else

        def receive(path: object, request: gr.Request) -> Updates:
            made, choice = None, Choice()
            with told_to_viewer():
                image = self.uploads.picture(path)
            try:
                made = choice.of(image)
            except BadPicture as error:
                gr.Warning(said(sentence_of(error), language_of(request)))
            return {self.path: path, self.shown: uploaded_value(made, choice, uploads.shown(image))} | found(made)

        def choose(path: str, told: object) -> Updates:
            made = None
            with told_to_viewer():
                choice, image = Choice.checked(told), self.uploads.picture(path)
            with suppress(BadPicture):  # the sentence beside the picture says so
                made = choice.of(image)
            return {self.shown: uploaded_value(made, choice)} | found(made)

        changed = [self.path, self.shown, picture, *nothing_else]
        self.button.upload(receive, self.button, changed, **LATEST, concurrency_limit=READERS)
        told = f"(path) => [path, {told_in(str(self.shown.elem_id), 'choice')}]"
        self.shown.choose(choose, [self.path, self.shown], changed, js=told, **LATEST, concurrency_limit=READERS)


def build(prefix: str) -> UploadPart:
    """Lay the button and the picture out; `prefix` begins their ids."""
    button = gr.UploadButton(
        "Upload a picture", type="filepath", file_types=list(SUFFIXES), size="md", elem_id=f"{prefix}-upload"
    )
    return UploadPart(button, UploadedPicture(elem_id=f"{prefix}-uploaded"), state(f"{prefix}-path", ""))


def uploaded_value(made: Made | None, choice: Choice, picture: str = "") -> UploadValue:
    """The value of widgets/upload.py.

    made: None where there is no digit; picture: as uploads.shown makes it, "" for the one that is there.
    """
    if made is None:
        return {"picture": picture, "made": "", "dark": choice.dark is not False, "sentence": NOTHING}
    sentence = SEVERAL if made.others else PLAIN
    return {"picture": picture, "made": to_base64(made.pixels), "dark": made.dark, "sentence": sentence}
