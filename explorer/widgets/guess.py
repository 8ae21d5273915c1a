"""The guessing game: bet on how well the network guesses the noise, then see."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class GuessingGame(Widget):
    """One picture with one noise at many t, and the network's guess of that noise at each of them.

    value = {
        "key": str,            a new key is a new question: what was seen before is forgotten
        "t": [int],            the timesteps at hand
        "start": int,          which of them to show first, as an index
        "T": int,
        "signal": [float],     sqrt(alpha_bar) at each t
        "noise": [float],      sqrt(1 - alpha_bar) at each t
        "x_0": str,            base64 of 784 little-endian float32
        "eps": str,            the same for the noise
        "bounds": [float],     an error below the first is low, above the second high
        "caption": str,        one line about the picture
        "eps_hat": str,        base64 of float32 (len(t), 784); absent until the network has answered
        "error": [float],      mean of (eps - eps_hat)^2 at each t; absent until then
        "x0_error": [float],   mean of (x_0 - x0_hat)^2 at each t; absent until then
    }
    """

    html = read_template("guess.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "guess.css")
    js = loader("guess.js")
