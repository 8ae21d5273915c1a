"""The training lab: the loss falls, and the same noise turns into better and better digits."""

from __future__ import annotations

from explorer.widgets.base import Widget, read, read_template


class TrainingLab(Widget):
    """A training run, streamed: progress, the loss curve, and the digits drawn at each checkpoint.

    value (one update) = {
        "run": str,                     a new run starts afresh
        "start": int,                   index of the first point in this update
        "points": [[step, seconds, loss], ...],
        "progress": float,              0 to 1
        "seconds_left": float,
        "images_seen": int,
        "images_per_second": float,
        "status": str,                  one sentence
        "running": bool,
        "samples_start": int,           index of the first checkpoint in this update
        "samples": [{"seconds": float, "step": int, "n": int, "data": base64 of uint8 (n, 28, 28)}, ...],
    }
    """

    html = read_template("lab.html")
    css = read_template("shared.css", "lab.css")
    js = read("shared.js", "lab.js")
