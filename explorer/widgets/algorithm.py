"""Pseudocode that runs line by line: what each line makes stands beside it."""

from __future__ import annotations

from typing import TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.modules import loader


class AlgorithmLine(TypedDict):
    """A line of pseudocode."""

    text: Told
    indent: int
    uses: list[str]  # some of "network", "data", "noise"


class AlgorithmMoment(TypedDict):
    """What one line made: the variables that it changed."""

    line: int  # which line was executed
    images: dict[str, str]  # base64 of uint8 (28, 28), by the variable's name
    numbers: dict[str, str]


class AlgorithmValue(TypedDict):
    """A procedure, and a run of it."""

    title: Told
    remark: Told  # one sentence under it
    lines: list[AlgorithmLine]
    moments: list[AlgorithmMoment]


class Algorithm(Widget):
    """One procedure, and a run of it that the viewer steps through: an AlgorithmValue."""

    html = read_template("algorithm.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "algorithm.css")
    js = loader("algorithm.js")
