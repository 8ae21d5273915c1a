"""The film of the reverse process: frames arrive while they are computed, and play as they come."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class FilmPlayer(Widget):
    """The reverse process, from noise to digit, streamed in chunks that the browser keeps.

    value (one chunk) = {
        "run": str,            a new run starts a new film
        "start": int,          index of this chunk's first frame
        "count": int,          its frames; 0 for news without pictures
        "total": int,          frames of the finished film
        "n": int,              pictures, 1 to 16
        "w": 28, "h": 28,
        "strips": [str],       some of "x_t", "x0_hat", "eps_hat"
        "t": [int],            the timestep of each frame in this chunk
        "data": str,           base64 of uint8 (count, strips, n, h, w)
        "done": bool,          no more frames will come, whether finished or stopped
        "status": str,         one sentence
        "seconds": float,      computing time so far
        "labels": [int],       the digits asked for; 10 is any digit
        "learnt": [int],       optional: all that the network has learnt, where it was asked for something else
        "settings": {},        optional: what the film was made with; the events carry it back
    }
    A first value without "run" sets the resting layout, e.g. {"n": 4, "strips": ["x_t", "x0_hat"], "T": 1000}; its
    "resting" (optional) is a sentence for the time before the first frame, its "stop_at" (optional) the t at which the
    first film is to stop, and its "begin" (optional) "when seen": the player then asks for a film when it is first
    seen. {"begin": "now", "wish": int} makes it ask at once, or as soon as it stands on the page; wish: another number
    each time.

    It asks for a film by the event `begin`. Of a film with settings it asks the server by two more, `rest` (the clock
    has stopped at a picture) and `fork`; both carry {"settings": {}, "t": int, "picture": int}.
    """

    html = read_template("film.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "film.css")
    js = loader("film.js", ("begin", "rest", "fork"))
