"""From the news of a training to what its display shows."""

from __future__ import annotations

import base64

from explorer.core.sentences import Sentence, joined
from explorer.data.pixels import to_base64
from explorer.lab.session import DrawnCheckpoint, LabUpdate, Point
from explorer.page.payloads.texts import told
from explorer.widgets.lab import LabCheckpoint, LabFile, LabResting, LabValue

JOINED = (
    "This training began {0} s ago when you pressed start, with the same settings: it is yours too. Another seed makes "
    "one of your own."
)


def lab_value(update: LabUpdate, why: str = "") -> LabValue:
    """News of a training for its display, see widgets/lab.py. why: said before how it stands."""
    return {
        "run": update.run,
        "turn": update.turn,
        "about": told(update.about),
        "model": update.model,
        "T": update.T,
        "points": [_point(point) for point in update.steps],
        "progress": round(update.progress, 4),
        "seconds_left": round(update.seconds_left, 1),
        "clock_left": round(update.clock_left, 1),
        "images_seen": update.images_seen,
        "images_per_second": round(update.images_per_second, 1),
        "status": told(joined(why, lab_status(update))),
        "running": not update.over,
        "own": update.ahead == 0,
        "checkpoints": [_checkpoint(checkpoint) for checkpoint in update.checkpoints],
    }


def resting_value(checkpoint: DrawnCheckpoint) -> LabResting:
    """What random weights draw, for a page whose viewer has trained nothing yet."""
    return {"resting": True, "checkpoints": [_checkpoint(checkpoint)]}


def lab_status(update: LabUpdate) -> str:
    """One sentence on how the training stands."""
    if update.note:
        return update.note
    if update.problem:
        return Sentence("Ended early: {0}. The last good weights are kept.", update.problem)
    if update.ahead:
        return Sentence(
            "As many trainings as this server takes are running: {0} must end before yours, which starts by itself in "
            "about {1} s. Meanwhile you watch one of them.",
            update.ahead,
            max(1, round(update.wait)),
        )
    if not update.run:
        return Sentence(
            "Your training takes turns with {0} more on this server: its first comes in a moment.", update.others
        )
    if update.over and update.progress < 1:
        return "Stopped. Go on continues from here, Rewind returns to the initial weights."
    if update.over:
        return (
            "Training has ended. Watch it generate, look back with the two sliders, or train again with another seed."
        )
    if update.steps:
        return joined(
            Sentence("Training: {0} images a second.", round(update.images_per_second)),
            Sentence("It takes turns with {0} more on this server.", update.others) if update.others else "",
            "" if update.joined is None else Sentence(JOINED, max(1, round(update.joined))),
        )
    return "Random weights: this is what they draw."


def _point(point: Point) -> list[float | None]:
    return [
        point.step,
        round(point.seconds, 3),
        round(point.loss, 5),
        *(None if band is None else round(band, 5) for band in point.by_t),
    ]


def _checkpoint(checkpoint: DrawnCheckpoint) -> LabCheckpoint:
    frames, n = checkpoint.frames.shape[:2]
    return {
        "seconds": round(checkpoint.seconds, 1),
        "step": checkpoint.step,
        "t": list(checkpoint.t),
        "count": frames,
        "n": n,
        "asked": list(checkpoint.asked),
        "read": list(checkpoint.read),
        "data": to_base64(checkpoint.frames),
    }


def file_value(data: bytes) -> LabFile:
    """A file for the browser to save."""
    return {"name": "ddpm-explorer.safetensors", "data": base64.b64encode(data).decode("ascii")}
