"""The mixing desk: signal * x_0 + noise * eps = x_t, mixed in the browser while the viewer drags t."""

from __future__ import annotations

from typing import Any, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.modules import loader

# What the listener of `plot_in_sight` does to the plot; no server needs to hear of it.
SHOWN = "() => ({ __type__: 'update', visible: true })"


class DeskSchedule(TypedDict):
    """One schedule's coefficients at t = 0 .. T."""

    kind: str
    signal: list[float]  # sqrt(alpha_bar)
    noise: list[float]  # sqrt(1 - alpha_bar)


class DeskValue(TypedDict):
    """All that the desk needs to show every x_t."""

    T: int
    t: int  # where to start; an open desk keeps its t, or its share of another T, unless this changes
    x_0: str  # base64 of 784 little-endian float32 in [-1, 1]
    eps: str  # the same for the noise, N(0, 1)
    schedules: list[DeskSchedule]  # one; or two, which then race
    label: int  # the digit; 10 where unknown
    caption: Told  # one line about the picture
    warning: Told  # what is wrong with these schedules; "" for nothing
    strip: list[int]  # the filmstrip's t
    link: dict[str, Any]  # of the picture and the noise, for the lesson bar
    plot: str  # elem_id of the gr.Plot with the alpha_bar curves; the desk moves its dots, and tells by its event
    # `plot_in_sight` when the column around it, PLOT-aside, comes in sight


class MixingDesk(Widget):
    """Forward noising: one picture x_0, one noise eps, and every mixture of the two: a DeskValue."""

    html = read_template("desk.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "histogram.css", "desk.css")
    js = loader("desk.js", ["plot_in_sight"])
