"""Pseudocode that runs line by line: what each line makes stands beside it."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class Algorithm(Widget):
    """One procedure, and a run of it that the viewer steps through.

    value = {
        "title": str,
        "remark": str,                  one sentence under it
        "lines": [{"text": str, "indent": int, "uses": [str]}],     uses: some of "network", "data", "noise"
        "moments": [{
            "line": int,                which line was executed
            "images": {name: base64 of uint8 (28, 28)},             the variables that it changed
            "numbers": {name: str},
        }],
    }
    """

    html = read_template("algorithm.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "algorithm.css")
    js = loader("algorithm.js")
