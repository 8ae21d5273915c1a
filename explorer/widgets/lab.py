"""The training lab: the loss falls, and the same noise turns into better and better digits."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.device_job import TrainingJob, TrainingOrder
from explorer.widgets.modules import loader


class LabCheckpoint(TypedDict):
    """A film of ten digits, from the same ten x_T each time."""

    seconds: float  # of training before it
    step: int
    t: list[int]
    count: int
    n: int
    asked: list[int]  # the digit that each was to be
    read: list[int]  # what each is read as in the end; empty where they are no digits, or nobody reads them
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
    device: NotRequired[TrainingJob]  # the viewer's device is to do it
    order: NotRequired[TrainingOrder]  # or to do this with the one it has


class Trained(TypedDict):
    """What the event `trained` carries: a training on the viewer's device has ended or was stopped."""

    run: str
    step: int
    seconds: float  # of training
    weights: str  # base64 of little-endian float32: the averaged ones, in the order in which the network has them
    broke: NotRequired[str]  # the loss, where it is no longer a number


class TrainingGivenBack(TypedDict):
    """What the event `take_over` carries: the device cannot go on, and why."""

    trouble: str


class LabFile(TypedDict, total=False):
    """A file for the browser to save; or the problem with it, and nothing else."""

    name: str
    data: str  # base64
    problem: Told


class TrainingLab(Widget):
    """A training run: LabResting, then LabValues. Progress, the loss curve, and a film of ten digits at each
    checkpoint.

    The page gives it `server_functions=[download]`: download(model) -> LabFile. It hands over what the viewer's device
    has trained by the event `trained`, with Trained, and a training that the device cannot do by `take_over`.
    """

    html = read_template("lab.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "lab.css")
    js = loader("lab.js", ("trained", "take_over"))
