"""Who guesses best: the same noisy picture, and what different guessers make of it at every t."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class Guessers(Widget):
    """One picture with one noise at N timesteps, and the pictures that the guesses of up to four guessers imply.

    value = {
        "key": str,            a new key is another picture or noise
        "t": [int],            the timesteps
        "start": int,          which of them to show first, as an index
        "T": int,
        "x_t": str,            base64 of uint8 (N, 784)
        "guessers": [          those that there are, by name: "zero", "network", "fair", "heart"
            {"name": str,
             "x0_hat": str,        base64 of uint8 (N, 784)
             "error": [float]}],   mean of (eps - eps_hat)^2 at each t
    }
    """

    html = read_template("guessers.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "guessers.css")
    js = loader("guessers.js")
