"""Long way = short way: many small steps beside one jump."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class TwoWays(Widget):
    """64 copies of a picture, noised step by step and in one jump, at N stops.

    value = {
        "t": [int],            the stops
        "ways": [              first the steps, then the jump
            {"name": "steps" or "jump",
             "pictures": str,       base64 of uint8 (N, 8, 28, 28), some of the copies
             "mean": str,           base64 of uint8 (N, 28, 28), each pixel's mean over the copies
             "variance": str,       the same for its variance, black 0 and white 2
             "density": [[float]],  (N, 35), the histogram of all pixels
             "means": [float],      the mean of all pixels at each stop
             "variances": [float]}],   the variance over the copies, averaged over the pixels
        "formula": str,        what the variance should be: "1 − ᾱ", or "σ²" where nothing is shrunk
        "expected": [float],   its value at each stop
        "apart": [float],      mean distance of the pixels that the two ways lead to
    }
    """

    html = read_template("two_ways.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "histogram.css", "two_ways.css")
    js = loader("two_ways.js")
