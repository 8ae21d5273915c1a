"""An uploaded picture beside what was made of it: choose the part, swap black and white."""

from __future__ import annotations

from typing import TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.modules import loader


class UploadValue(TypedDict):
    """What was uploaded, and what was made of it."""

    picture: str  # base64 of a JPEG, or "" for the picture that is already there
    made: str  # base64 of 28 * 28 grey levels, or "" where there is no digit
    dark: bool  # whether the ink that was found is darker than its ground
    sentence: Told  # what there is to say about it


class UploadedPicture(Widget):
    """A picture that a viewer has uploaded, with a part of it to choose, and the digit that was made of it: an
    UploadValue, or None, which shows nothing.

    It asks the server by one event, `choose`. What was chosen stands in its data-choice, as JSON for
    explorer/data/uploads.py: {"part": [left, top, right, bottom], "ink": "", "dark" or "light"}.
    """

    html = read_template("upload.html")
    css = read_template("shared.css", "upload.css")
    js = loader("upload.js", ("choose",))
