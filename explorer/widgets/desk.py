"""The mixing desk: signal * x_0 + noise * eps = x_t, mixed in the browser while the viewer drags t."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class MixingDesk(Widget):
    """Forward noising: one picture x_0, one noise eps, and every mixture of the two.

    value = {
        "T": int,
        "t": int,              where to start; a desk that is already open keeps its t, or its share of another T,
        unless this changes
        "x_0": str,            base64 of 784 little-endian float32 in [-1, 1]
        "eps": str,            the same for the noise, N(0, 1)
        "schedules": [         one; or two, which then race
            {"kind": str,
             "signal": [float],     sqrt(alpha_bar), T + 1 of them
             "noise": [float]}],    sqrt(1 - alpha_bar), T + 1 of them
        "label": int,          the digit; 10 where unknown
        "caption": str,        one line about the picture
        "warning": str,        what is wrong with these schedules; "" for nothing
        "strip": [int],        the filmstrip's t
        "link": {...},         of the picture and the noise, for the lesson bar
        "plot": str,           elem_id of the gr.Plot with the alpha_bar curves; the desk moves its dots
    }
    """

    html = read_template("desk.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "histogram.css", "desk.css")
    js = loader("desk.js")
