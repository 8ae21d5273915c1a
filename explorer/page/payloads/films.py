"""From tensors and engine news to what the page shows: the players' payloads and the plotly figures."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer.core.schedule import NoiseSchedule
from explorer.data.pixels import to_base64, to_pixels
from explorer.demos.noising import Scene, warning_unless_noise
from explorer.demos.two_ways import LongAndShortWay, Way
from explorer.serving.film import STRIPS
from explorer.serving.film_news import Ended, FilmNews, Frames, Queued
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import BOUNDS, TIMES, Guess

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK, ACCENT, GRID = "#8a8f98", "#f97316", "rgba(138, 143, 152, 0.25)"  # readable on light and on dark


def desk_value(scene: Scene, t: int) -> dict[str, Any]:
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
                "signal": schedule.alpha_bar.sqrt().tolist(),
                "noise": (1 - schedule.alpha_bar).sqrt().tolist(),
            }
            for kind, schedule in scene.schedules.items()
        ],
        "label": scene.picture.label,
        "caption": scene.picture.caption,
        "warning": warning_unless_noise(scene.schedules),
        "strip": [round(T * k / 10) for k in range(11)],
        "plot": "alpha-bar-plot",
        "link": scene.link,
    }


def two_ways_value(found: LongAndShortWay) -> dict[str, Any]:
    """Both ways at each stop: pictures as grey levels, a variance of 0 black and of 2 white, and the figures."""

    def way(name: str, way: Way) -> dict[str, Any]:
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
        "expected": found.expected_variance.round(3).tolist(),
        "apart": apart.round(2).tolist(),
    }


def guess_value(scene: Scene, label: int, start: int, guess: Guess | None = None) -> dict[str, Any]:
    """The guessing game of a scene at guess.TIMES, with the network's answers once there are any.

    label: what the network is told, 10 for nothing; start: the t to begin with.
    """
    alpha_bar = (
        next(iter(scene.schedules.values())).alpha_bar[list(TIMES)].numpy() if guess is None else guess.alpha_bar
    )
    value = {
        "key": f"{zlib.crc32(scene.picture.grey):x}-{scene.noise_seed}-{label}",
        "t": list(TIMES),
        "start": min(range(len(TIMES)), key=lambda i: abs(TIMES[i] - start)),
        "T": TIMES[-1],
        "signal": np.sqrt(alpha_bar).tolist(),
        "noise": np.sqrt(1 - alpha_bar).tolist(),
        "x_0": to_base64(scene.picture.image().numpy()),
        "eps": to_base64(scene.eps.numpy()),
        "bounds": list(BOUNDS),
        "caption": scene.picture.caption,
        "link": scene.link,
    }
    if guess is not None:
        value |= {
            "eps_hat": to_base64(guess.eps_hat[0]),
            "error": guess.error[0].tolist(),
            "x0_error": guess.x0_error[0].tolist(),
        }
    return value


def film_value(
    news: FilmNews, request: FilmRequest, run: str, strips: tuple[str, ...] = STRIPS, **more: Any
) -> dict[str, Any]:
    """A film's news for the player: only the strips that it shows, as base64 of uint8 (frames, strips, pictures, 28,
    28).

    more: further entries of the player's value, or others in place of these.
    """
    shown = [STRIPS.index(name) for name in strips]
    return {
        "run": run,
        "n": request.pictures,
        "w": 28,
        "h": 28,
        "strips": list(strips),
        **frames_value(news, shown),
        "done": isinstance(news, Ended),
        "status": film_status(news, request),
        "seconds": round(seconds_of(news), 2),
        "labels": list(request.labels),
        **more,
    }


def frames_value(news: FilmNews, strips: list[int]) -> dict[str, Any]:
    """The frames among the news, with these strips; none in news of another kind."""
    if not isinstance(news, Frames):
        return {"start": 0, "count": 0, "total": 0, "t": [], "data": ""}
    return {
        "start": news.start,
        "count": len(news.t),
        "total": news.total,
        "t": list(news.t),
        "data": to_base64(news.pixels[:, strips]),
    }


def seconds_of(news: FilmNews) -> float:
    """The seconds since the film's first step."""
    return 0.0 if isinstance(news, Queued) else news.seconds


def film_status(news: FilmNews, request: FilmRequest) -> str:
    """One sentence on how the film stands."""
    match news:
        case Queued(ahead=ahead) if ahead:
            begins, ends = max(1, round(news.wait)), max(1, round(news.ends))
            others = "1 other" if ahead == 1 else f"{ahead} others"
            return (
                f"The server is busy: your film begins in about {begins} s, after {others}, and ends in about {ends} s."
            )
        case Ended(stopped=True):
            return "Stopped here. What has been made can still be scrubbed."
        case Ended():
            evaluations = "1 network evaluation" if request.steps == 1 else f"{request.steps} network evaluations"
            return f"Done: {evaluations} a picture, {news.seconds:.1f} s."
        case _:
            return "The network is computing, step by step."


def alpha_bar_figure(schedules: dict[str, NoiseSchedule], t: int) -> go.Figure:
    """alpha_bar over t for each schedule, then a dot at t for each of them, as the last traces (the desk moves these in
    the browser).
    """
    import plotly.graph_objects as go  # here, so that importing this module stays cheap

    figure, T = go.Figure(), next(iter(schedules.values())).T
    for (kind, schedule), dash in zip(schedules.items(), ("solid", "dash")):
        alpha_bar = [round(a, 5) for a in schedule.alpha_bar.tolist()]
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
            y=[float(schedule.alpha_bar[t])],
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
