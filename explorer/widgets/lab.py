"""The training lab: the loss falls, and the same noise turns into better and better digits."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class TrainingLab(Widget):
    """A training run, streamed: progress, the loss curve, and a film of ten digits at each checkpoint.

    value (one update) = {
        "run": str,                     a new name starts afresh, one heard before goes on
        "about": str,                   its settings in words
        "turn": int,                    what comes late, after news of a higher turn, is left out
        "model": str,                   once it can be downloaded: its name for the server function `download`
        "T": int,
        "points": [[step, seconds, loss, *by_t], ...],   by_t: three, from little noise to much; None where not known
        "progress": float,              0 to 1
        "seconds_left": float,
        "images_seen": int,
        "images_per_second": float,
        "status": str,                  one sentence
        "running": bool,
        "own": bool,                    the viewer's own run, not one watched while waiting
        "checkpoints": [{"seconds": float, "step": int, "t": [int], "count": int, "n": int, "data": base64 of uint8
        (count, n, 28, 28)}, ...],
    }
    The page gives it `server_functions=[download]`: download(model) -> {"name": str, "data": base64} or {"problem":
    str}.
    A value {"resting": True, "checkpoints": [...]} is what random weights draw; it changes nothing once there was a
    run.
    """

    html = read_template("lab.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "lab.css")
    js = loader("lab.js")
