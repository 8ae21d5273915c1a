"""The race of the samplers: the same noise turned into digits by few and by many evaluations, side by side."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.device_job import DeviceJob
from explorer.widgets.modules import loader


class LeapsEnd(TypedDict):
    """What a column ends in."""

    t: int
    data: str  # base64 of uint8 (n, 28, 28)
    places: str  # base64 of int16 (n, 2), as in LeapsNews
    seconds: float


class LeapsNews(TypedDict):
    """News of one column."""

    column: int
    count: int  # frames in it
    start: int  # as in FilmValue
    total: int
    t: list[int]
    data: str  # base64 of uint8 (count, n, 28, 28), x_t
    places: NotRequired[str]  # base64 of int16 (count, n, 2): where x0_hat lies on the map
    done: bool  # no more frames of this column will come
    seconds: float  # computing time of this column so far


class LeapsValue(TypedDict):
    """News of the columns, those of a moment together; none before the first, and in the last value."""

    run: str  # a new run starts afresh
    columns: list[int]  # evaluations of each column
    captions: list[Told]  # what stands below the number of each
    drawer: Told  # whose race it is, where it is not the pretrained network's
    t_start: int  # where all of them begin
    n: int  # pictures in each column, 1 to 10
    news: list[LeapsNews]  # in the order in which they came
    status: Told
    ends: NotRequired[list[LeapsEnd | None]]  # in the last value, once more: what each column ends in
    begin: NotRequired[str]  # in the first value, as in FilmRest
    device: NotRequired[list[DeviceJob]]  # the viewer's device is to compute these, one a column
    over: NotRequired[Told]  # with them: what is to be said when all have ended


class Leaps(Widget):
    """Several films of the same beginning in columns, each with its own number of evaluations: LeapsValues.

    The ends are told twice because a value can get lost: of two that reach the page in one moment, as when a race takes
    the place of another, only the second is seen.
    The first value sets the columns; its "begin" and the events `begin` and `take_over` are as in Film.
    """

    html = read_template("leaps.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "leaps.css")
    js = loader("leaps.js", ("begin", "take_over"))
