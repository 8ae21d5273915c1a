"""What a viewer's device is given to compute. All numbers come from the core: the device knows no formula."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from explorer.widgets.base import Told
from explorer.widgets.tile import Tile


class Plane(TypedDict):
    """The plane of the map, as in MapFile."""

    axes: str  # base64 of float32 (784, 2)
    offset: list[float]
    unit: int


class FilmEnding(TypedDict):
    """What a film of futures comes to, beside its pictures."""

    kind: Literal["fork", "futures"]
    t: int  # where they part
    into: NotRequired[str]  # the id of the Tiles that show what many futures come to
    tiles: NotRequired[list[Tile]]  # of these, before any picture: x_t, the average, the one guess
    sentence: NotRequired[Told]  # of these, until all have ended


class DeviceJob(TypedDict):
    """A film, as widgets/device/tasks.js is given it."""

    model: str  # address of the exported network, from the page's root on
    strips: list[str]  # what its frames show, of STRIPS
    n: int  # pictures
    sampler: str
    table: dict[str, Any]  # of its steps: a SamplerTable, see explorer/device/tables.py, with these packed
    seeds: list[int]  # of the trajectories; one where the film is of futures
    labels: list[int]  # as many
    x_0: str  # the pictures to start from, base64 of uint8 (seeds, 28, 28); "" where it starts from noise
    fork_seeds: list[int]  # of the futures, which part at the step `first`; none where it is not of futures
    first: int  # number of the step that is the first frame
    stride: int  # every stride-th step from there on is a frame
    total: int  # frames
    plane: NotRequired[Plane]  # where the places of x0_hat are wanted, as its pictures are not shown
    ending: NotRequired[FilmEnding]
    done: NotRequired[str]  # what is said when it has ended, of guesses and seconds, where no network has guessed
    patient: NotRequired[bool]  # it waits while anything else is computed, and no step of it is asked for
    again: dict[str, Any]  # what the server is asked by the event take_over, if the device cannot go on


class LookJob(TypedDict):
    """One step of one of a film's pictures."""

    model: str
    film: DeviceJob
    number: int  # of the task that has computed the film, whose x_t the worker may still have
    t: int
    picture: int


class GuessJob(TypedDict):
    """Guesses of one noise, mixed into one picture at N timesteps."""

    model: str
    t: list[int]
    label: int  # 10 for any digit
    x_0: str  # base64 of 784 little-endian float32
    eps: str  # the same
    signal: list[float]  # sqrt(alpha_bar) at each t
    noise: list[float]  # sqrt(1 - alpha_bar) at each t
    left_out: NotRequired[int]  # the number of the digit that the perfect guesser shall not know
    to_x_0: list[list[float]]  # at each t, what x_t and eps_hat count in x0_hat, which is not clipped


class RescueJob(TypedDict):
    """A picture on its way back."""

    film: DeviceJob
    bet: bool | None  # whether it was that the digit survives


class TrainingJob(TypedDict):
    """A training, as widgets/lab_device.js is given it."""

    training: str  # address of the exported training, from the page's root on; see explorer/device/training_export.py
    model: str  # address of the network that draws, whose weights are replaced by the trained ones
    reader: str  # address of the network that reads what is drawn; "" where these are no digits
    data: str  # address of the labels, one byte each, the pictures, and what is fitted to them, as float32
    pictures: int  # how many
    floats: bool  # whether they are little-endian float32 from -1 to 1, and not grey levels
    seed: int
    seconds: int
    T: int
    table: dict[str, Any]  # of the films that it draws, as in DeviceJob
    labels: list[int]  # of their pictures; each has its number as its seed
    checkpoints: int  # as many are drawn, at most
    drawing_share: float  # and so much of the time may go into them
    least: float  # images a second that it must learn from in its first second; the server trains where it does not


class TrainingOrder(TypedDict):
    """What is to be done with the training that the viewer's device holds."""

    what: Literal["go on", "rewind"]
    seconds: int
