"""Long way = short way: many small steps beside one jump."""

from __future__ import annotations

from typing import Literal, TypedDict

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class Way(TypedDict):
    """One of the ways, at N stops."""

    name: Literal["steps", "jump"]
    pictures: str  # base64 of uint8 (N, 8, 28, 28), some of the copies
    mean: str  # base64 of uint8 (N, 28, 28), each pixel's mean over the copies
    variance: str  # the same for its variance, black 0 and white 2
    density: list[list[float]]  # (N, 35), the histogram of all pixels
    means: list[float]  # the mean of all pixels at each stop
    variances: list[float]  # the variance over the copies, averaged over the pixels


class TwoWaysValue(TypedDict):
    """Both ways."""

    t: list[int]  # the stops
    ways: list[Way]  # first the steps, then the jump
    formula: str  # what the variance should be: "1 − ᾱ", or "σ²" where nothing is shrunk
    expected: list[float]  # its value at each stop
    apart: list[float]  # mean distance of the pixels that the two ways lead to


class TwoWays(Widget):
    """64 copies of a picture, noised step by step and in one jump, at N stops: a TwoWaysValue."""

    html = read_template("two_ways.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "histogram.css", "two_ways.css")
    js = loader("two_ways.js")
