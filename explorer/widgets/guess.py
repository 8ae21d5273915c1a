"""The guessing game: bet on how well the network guesses the noise, then see."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.device_job import GuessJob
from explorer.widgets.modules import loader


class GuessValue(TypedDict):
    """One picture with one noise at many t, and the network's guesses once it has answered."""

    key: str  # a new key is a new question: what was seen before is forgotten
    t: list[int]  # the timesteps at hand
    start: int  # which of them to show first, as an index
    T: int
    signal: list[float]  # sqrt(alpha_bar) at each t
    noise: list[float]  # sqrt(1 - alpha_bar) at each t
    x_0: str  # base64 of 784 little-endian float32
    eps: str  # the same for the noise
    bounds: list[float]  # an error below the first is low, above the second high
    caption: Told  # one line about the picture
    link: dict[str, Any]  # of the picture and the noise, for the lesson bar
    eps_hat: NotRequired[str]  # base64 of float32 (len(t), 784)
    error: NotRequired[list[float]]  # mean of (eps - eps_hat)^2 at each t
    x0_error: NotRequired[list[float]]  # mean of (x_0 - x0_hat)^2 at each t
    device: NotRequired[GuessJob]  # the viewer's device is to find the answers
    by_device: NotRequired[bool]  # whether it has found them
    why: NotRequired[Told]  # the server does, and not the viewer's device


class GuessingGame(Widget):
    """One picture with one noise at many t, and the network's guess of that noise at each of them: a GuessValue.

    It asks by the event `take_over`, with its trouble, for answers that its device cannot find.
    """

    html = read_template("guess.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "guess.css")
    js = loader("guess.js", ("take_over",))
