"""The drawing pad: a digit of one's own, by mouse, finger, pen or keyboard."""

from __future__ import annotations

from typing import Any

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class DrawingPad(Widget):
    """A black square to draw on in white, as MNIST's digits are. Its `change` event comes a moment after each stroke.

    value (from the browser; explorer/data/strokes.py makes a picture of it) = {
        "pen": float,               the width of the strokes
        "strokes": [[[x, y]]],      the points of each, (0, 0) the top left corner
    }
    in shares of the pad's side, or None while nothing is drawn. A None that comes from Python clears the pad.
    """

    html = read_template("pad.html")
    css = read_template("shared.css", "pad.css")
    js = loader("pad.js")

    def preprocess(self, payload: Any) -> Any:  # noqa: ANN401 # as Gradio has it
        """What was drawn, or None."""
        return payload or None  # Gradio sends an empty text for null
