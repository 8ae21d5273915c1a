"""The training lab: the loss falls, and the same noise turns into better and better digits."""

from __future__ import annotations

from typing import Literal, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.modules import loader


class LabCheckpoint(TypedDict):
    """A film of ten digits, from the same ten x_T each time."""

    seconds: float  # of training before it
    step: int
    t: list[int]
    count: int
    n: int
    asked: list[int]  # the digit that each was to be
    read: list[int]  # what each is read as in the end; empty where they are no digits
    data: str  # base64 of uint8 (count, n, 28, 28)


class LabResting(TypedDict):
    """What random weights draw; it changes nothing once there was a run."""

    resting: Literal[True]
    checkpoints: list[LabCheckpoint]


class LabValue(TypedDict):
    """News of a training."""

    run: str  # a new name starts afresh, one heard before goes on
    about: Told  # its settings in words
    turn: int  # what comes late, after news of a higher turn, is left out
    model: str  # once it can be downloaded: its name for the server function `download`
    T: int
    points: list[list[float | None]]  # [step, seconds, loss, *by_t]; by_t: from little noise to much, None if not known
    progress: float  # 0 to 1
    seconds_left: float  # of training
    clock_left: float  # by the clock: longer, where it takes turns
    images_seen: int
    images_per_second: float
    status: Told
    running: bool
    own: bool  # the viewer's own run, not one watched while waiting
    checkpoints: list[LabCheckpoint]


class LabFile(TypedDict, total=False):
    """A file for the browser to save; or the problem with it, and nothing else."""

    name: str
    data: str  # base64
    problem: Told


class TrainingLab(Widget):
    """A training run: LabResting, then LabValues. Progress, the loss curve, and a film of ten digits at each
    checkpoint.

    The page gives it `server_functions=[download]`: download(model) -> LabFile.
    """

    html = read_template("lab.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "lab.css")
    js = loader("lab.js")
