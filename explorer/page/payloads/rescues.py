"""Rescue my digit: its three pictures, and who won the bet."""

from __future__ import annotations

import numpy as np

from explorer.core.sentences import Sentence, joined
from explorer.data.nearest_digits import VOTES, correlation, nearest_digits
from explorer.data.pictures import Picture
from explorer.page.payloads.steps import tile, x_at
from explorer.page.payloads.texts import told
from explorer.widgets.tiles import TilesValue

BETS = ("survives", "turns into another digit")


def rescue_value(
    original: Picture, noised: np.ndarray, t: int, rescued: np.ndarray | None, sentence: str
) -> TilesValue:
    """The three pictures of a rescue; noised, rescued (as far as it is): (28, 28) uint8."""
    return {
        "tiles": [
            tile("x₀", "the original", original.pixels()),
            tile(x_at(t), Sentence("noised to t = {0}", t), noised, "→"),
            tile("x̃₀", "rescued by the network", rescued, "→"),
        ],
        "sentence": told(sentence),
    }


def rescue_verdict(original: Picture, rescued: np.ndarray, bet: str | None) -> str:
    """Whether it is still the same digit, by the vote of real digits, and who won the bet."""
    before, after = nearest_digits(np.stack([original.pixels(), rescued]))
    survived = before.label == after.label
    readings = (
        Sentence(
            "the original is most like a {0} ({1} of the {2} nearest real digits)", before.label, before.votes, VOTES
        ),
        Sentence(
            "the rescued one is most like a {0} ({1} of the {2} nearest real digits)", after.label, after.votes, VOTES
        ),
        f"{correlation(original.pixels(), rescued):.2f}",
    )
    outcome = (
        Sentence("It survived: {0}, {1}, pixel correlation {2}.", *readings)
        if survived
        else Sentence("It turned into another digit: {0}, {1}, pixel correlation {2}.", *readings)
    )
    if bet is None:
        return joined(outcome, "Next time bet first.")
    won = (bet == BETS[0]) == survived
    return joined(outcome, "You won your bet." if won else "You lost your bet.", "Do you agree with the verdict?")
