"""The race of the samplers: the same noise turned into digits by few and by many evaluations, side by side."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class Leaps(Widget):
    """Several films of the same beginning in columns, each with its own number of evaluations.

    value (one chunk of one column) = {
        "run": str,            a new run starts afresh
        "columns": [int],      evaluations of each column
        "t_start": int,        where all of them begin
        "n": int,              pictures in each column, 1 to 10
        "column": int,         which one this chunk belongs to; -1 for news of none
        "start": int, "count": int, "total": int, "t": [int],      as in Film
        "data": str,           base64 of uint8 (count, n, 28, 28), x_t
        "done": bool,          no more frames of this column will come
        "seconds": float,      computing time of this column so far
        "status": str,         one sentence
        "ends": [{"t": int, "data": str, "seconds": float} or null],      in the last value: what each column ends in,
        once more
    }
    The ends are told twice because a chunk can get lost: of two values that reach the page in one moment, as when a
    race takes
    the place of another, only the second is seen.
    A first value without "run" sets the columns; its "begin" and the event `begin` are as in Film.
    """

    html = read_template("leaps.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "leaps.css")
    js = loader("leaps.js", ("begin",))
