"""The mixing desk, the curves beside it, and the long way and the short way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from explorer.data.pixels import to_base64, to_pixels
from explorer.demos.noising import Rule, Scene, warning_unless_noise
from explorer.demos.two_ways import LongAndShortWay, Way
from explorer.page.payloads.texts import told
from explorer.widgets import desk, two_ways

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK, ACCENT, GRID = "#8a8f98", "#f97316", "rgba(138, 143, 152, 0.25)"  # readable on light and on dark


def desk_value(scene: Scene, t: int) -> desk.DeskValue:
    """What the mixing desk needs to show every x_t by itself: x_0 and eps, and the two coefficient tables of each
    schedule.

    t: where the desk starts; one that is already open stays where it is, unless this is another t than before.
    """
    T = next(iter(scene.schedules.values())).T
    return {
        "T": T,
        "t": t,
        "x_0": to_base64(scene.picture.image().numpy()),
        "eps": to_base64(scene.eps.numpy()),
        "schedules": [
            {
                "kind": kind,
                "signal": schedule.signal.tolist(),
                "noise": schedule.noise.tolist(),
            }
            for kind, schedule in scene.schedules.items()
        ],
        "label": scene.picture.label,
        "caption": told(scene.picture.caption),
        "warning": told(warning_unless_noise(scene.schedules)),
        "strip": [round(T * k / 10) for k in range(11)],
        "plot": "alpha-bar-plot",
        "link": scene.link,
    }


VARIANCES = ("1 − ᾱ", "σ²")  # of x_t over the copies: where the picture is shrunk, and where nothing is


def two_ways_value(found: LongAndShortWay) -> two_ways.TwoWaysValue:
    """Both ways at each stop: pictures as grey levels, a variance of 0 black and of 2 white, and the figures."""

    def way(name: Literal["steps", "jump"], way: Way) -> two_ways.Way:
        return {
            "name": name,
            "pictures": to_base64(to_pixels(torch.from_numpy(way.pictures))),
            "mean": to_base64(to_pixels(torch.from_numpy(way.mean))),
            "variance": to_base64(to_pixels(torch.from_numpy(way.variance - 1))),
            "density": way.density.round(4).tolist(),
            "means": way.mean.mean(axis=(1, 2)).round(3).tolist(),
            "variances": way.variance.mean(axis=(1, 2)).round(3).tolist(),
        }

    apart = np.abs(found.steps.pictures - found.jump.pictures).mean(axis=(1, 2, 3))
    return {
        "t": list(found.t),
        "ways": [way("steps", found.steps), way("jump", found.jump)],
        "formula": VARIANCES[0] if found.expected_variance[-1] <= 1 else VARIANCES[1],
        "expected": found.expected_variance.round(3).tolist(),
        "apart": apart.round(2).tolist(),
    }


def alpha_bar_figure(schedules: dict[str, Rule], t: int) -> go.Figure:
    """alpha_bar over t for each schedule, then a dot at t for each of them, as the last traces (the desk moves these in
    the browser).
    """
    import plotly.graph_objects as go  # here, so that importing this module stays cheap

    figure, T = go.Figure(), next(iter(schedules.values())).T
    for (kind, schedule), dash in zip(schedules.items(), ("solid", "dash")):
        alpha_bar = [round(a, 5) for a in schedule.signal.square().tolist()]
        figure.add_scatter(
            x=list(range(T + 1)),
            y=alpha_bar,
            mode="lines",
            line={"color": INK, "width": 3, "dash": dash},
            name=kind,
            hovertemplate=f"{kind}, t = %{{x}}<br>ᾱ = %{{y:.4f}}<extra></extra>",
        )
    for kind, schedule in schedules.items():
        dot = {"color": ACCENT, "size": 16, "line": {"color": "white", "width": 2}}
        figure.add_scatter(
            x=[t],
            y=[float(schedule.signal[t].square())],
            mode="markers",
            marker=dot,
            name=f"{kind} now",
            showlegend=False,
            hoverinfo="skip",
        )
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "fixedrange": True, "color": INK}
    figure.update_layout(
        xaxis={**axis, "title": "t", "range": [-0.02 * T, 1.02 * T]},
        yaxis={**axis, "range": [-0.04, 1.06]},
        title={"text": "ᾱ: how much of the picture is left", "x": 0.03, "y": 0.95, "font": {"size": 15}},
        showlegend=len(schedules) > 1,
        legend={"x": 1, "y": 1, "xanchor": "right"},
        height=240,
        margin={"l": 44, "r": 16, "t": 36, "b": 40},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 14},
    )
    return figure
