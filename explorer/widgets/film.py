"""The film of the reverse process: frames arrive while they are computed, and play as they come."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.device_job import DeviceJob
from explorer.widgets.modules import loader

Strip = Literal["x_t", "x0_hat", "eps_hat"]


class FilmRest(TypedDict, total=False):
    """What stands there before the first frame."""

    run: str  # absent in the first value of all
    n: int  # pictures, 1 to 16
    strips: list[Strip]
    T: int
    resting: Told  # for the time before the first frame
    stop_at: int  # the t at which the first film is to stop
    begin: Literal["when seen", "now"]  # it asks for a film when it is first seen, or at once
    wish: int  # another number each time that it is to begin now
    learnt: list[int]  # as in FilmValue, and the next two
    drawer: Told
    tag: str


class FilmValue(TypedDict):
    """News of a film: some frames, or how it stands."""

    run: str  # a new run starts a new film
    start: int  # number of the first of these frames
    count: int  # of these frames; 0 for news without pictures
    total: int  # frames of the finished film; 0 in news without pictures
    n: int  # pictures, 1 to 16
    w: Literal[28]
    h: Literal[28]
    strips: list[Strip]
    t: list[int]  # the timestep of each of these frames
    data: str  # base64 of uint8 (count, strips, n, h, w)
    places: NotRequired[str]  # base64 of int16 (count, n, 2): where x0_hat lies on the map, if it is none of the strips
    done: bool  # no more frames will come, whether finished or stopped
    status: Told
    seconds: float  # computing time so far
    labels: list[int]  # the digits asked for; 10 is any digit
    learnt: NotRequired[list[int]]  # all that the network has learnt, where it was asked for something else
    drawer: NotRequired[Told]  # who draws, where it is not the pretrained network
    tag: NotRequired[str]  # the same for files: small letters and digits
    by_device: NotRequired[bool]  # whether its viewer's device computes it
    device: NotRequired[DeviceJob]  # it is to begin with this
    settings: NotRequired[dict[str, Any]]  # what the film was made with; the events carry it back


class TakeOver(TypedDict):
    """What the event take_over carries: the job's `again`, and why the device cannot go on."""

    settings: dict[str, Any]
    trouble: str
    t: NotRequired[int]  # of a fork, with the picture: as in FilmQuestion
    picture: NotRequired[int]


class FilmQuestion(TypedDict):
    """What the player's events carry, about the picture on its screen."""

    settings: dict[str, Any]
    t: int
    picture: int  # its number, from 0
    trouble: NotRequired[str]  # why its device cannot answer, which has computed the film


class FilmPlayer(Widget):
    """The reverse process, from noise to digit: FilmRest, then FilmValues, of which the browser keeps all frames.

    It asks for a film by the event `begin`, and by `take_over`, with a TakeOver, for one that its device cannot make.
    Of a film with settings it asks the server by two more, `rest` (the clock has stopped at a picture) and `fork`; both
    carry a FilmQuestion. The page gives it `server_functions=[likeness]`: see Likeness.
    """

    html = read_template("film.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "film.css")
    js = loader("film.js", ("begin", "rest", "fork", "take_over"))
