"""The map: 10,000 digits as dots on a plane, and over them the paths of the films that are on the page."""

from __future__ import annotations

from typing import Literal, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.modules import loader

MapView = Literal["closed", "film", "fork", "leaps", "futures", "lab", "crowd"]


class CrowdNews(TypedDict):
    """Some of a crowd's pictures, each from its noise to its end; a first value may have none."""

    run: str  # a new run starts a new crowd
    total: int  # pictures of the whole crowd
    groups: list[int]  # numbers of the groups of pictures that these are, rising; group K begins with picture K * each
    each: int  # pictures in a group
    t: list[int]  # the timestep of each frame
    places: str  # base64 of int16 (pictures, frames, 2), of x0_hat, and of x_0 at the end
    read: list[int]  # what digit each of these pictures ends in
    status: Told
    done: bool


class MapValue(TypedDict, total=False):
    """Where the map lies, and what can be drawn on it."""

    address: str  # the folder of its files, from the page's root on
    tab: str  # of the page, for the link
    views: list[MapView]  # that there are here, but "closed"
    view: MapView  # to show now
    crowd: CrowdNews


class MapFile(TypedDict):
    """What lies at address/map.json: the dots, in rows of `chunk` neighbours, and the plane."""

    n: int
    chunk: int  # digits in each file address/digits-K.bin, uint8 (chunk, 28, 28), K from 0 on
    places: str  # base64 of int16 (n, 2), in units of 1 / unit
    unit: int
    labels: str  # base64 of uint8 (n,)
    numbers: str  # base64 of uint16 (n,), of the bundled digits
    axes: str  # base64 of float32 (784, 2): place = sum over the pixels, from -1 to 1, of pixel * axis, minus offset
    offset: list[float]
    told: float  # share of the digits that are nearest to the mean of their own label
    variance: float  # share of the digits' variance that lies in the plane


class DigitMap(Widget):
    """The plane, in a part that opens: MapValues. What a film's player shows, the browser itself finds the place of.

    It asks for a crowd by the event `crowd`, and to end it by `halt`.
    """

    html = read_template("map.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "map.css")
    js = loader("map.js", ("crowd", "halt"))
