"""The drawing pad: a digit of one's own, by mouse, finger, pen or keyboard."""

from __future__ import annotations

from typing import Any

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class DrawingPad(Widget):
    """A black square to draw on in white, as MNIST's digits are. Its `change` event comes a moment after each stroke.

    value (from the browser; explorer/data/mnist_style.py reads it) = {
        "pixels": str,         base64 of side * side grey levels, 0 the ground and 255 the ink, row by row
        "side": int,
    }
    or None while nothing is drawn. A None that comes from Python clears the pad.
    """

    html = read_template("pad.html")
    css = read_template("shared.css", "pad.css")
    js = loader("pad.js")

    def preprocess(self, payload: Any) -> Any:
        """What was drawn, or None."""
        return payload or None  # Gradio sends an empty text for null
