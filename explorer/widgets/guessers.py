"""Who guesses best: the same noisy picture, and what different guessers make of it at every t."""

from __future__ import annotations

from typing import Literal, TypedDict

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader

GuesserName = Literal["zero", "network", "fair", "heart"]


class Guesser(TypedDict):
    """What one of them says at N timesteps."""

    name: GuesserName
    x0_hat: str  # base64 of uint8 (N, 784), the pictures that its guesses imply
    error: list[float]  # mean of (eps - eps_hat)^2 at each t


class GuessersValue(TypedDict):
    """One picture with one noise at N timesteps, and what each guesser makes of it."""

    key: str  # a new key is another picture or noise
    t: list[int]  # the timesteps
    start: int  # which of them to show first, as an index
    T: int
    x_t: str  # base64 of uint8 (N, 784)
    guessers: list[Guesser]  # those that there are; the network may come later, from the viewer's device


class Guessers(Widget):
    """Up to four guessers side by side: a GuessersValue."""

    html = read_template("guessers.html").replace("<!-- transport -->", read_template("transport.html"))
    css = read_template("shared.css", "guessers.css")
    js = loader("guessers.js")
