"""The mixing desk: signal * x_0 + noise * eps = x_t, mixed in the browser while the viewer drags t."""

from __future__ import annotations

from explorer.widgets.base import Widget, read, read_template


class MixingDesk(Widget):
    """Forward noising: one picture x_0, one noise eps, and every mixture of the two.

    value = {
        "T": int,
        "t": int,              where to start; later values keep the viewer's own t ...
        "t_key": str,          ... unless this (optional) key, or T, has changed
        "x_0": str,            base64 of 784 little-endian float32 in [-1, 1]
        "eps": str,            the same for the noise, N(0, 1)
        "signal": [float],     sqrt(alpha_bar), T + 1 of them
        "noise": [float],      sqrt(1 - alpha_bar), T + 1 of them
        "label": int,          the digit; None or 10 where unknown
        "caption": str,        one line about the picture
        "strip": [int],        the filmstrip's t
        "group": str,          optional: desks of the same group move together
        "plot": str,           optional: elem_id of the gr.Plot with the alpha_bar curve ("" for none)
        "dot": int,            optional: which trace is the dot; negative counts from the end
    }
    """

    html = read_template("desk.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "desk.css")
    js = read("shared.js", "plot_dot.js", "desk.js")
