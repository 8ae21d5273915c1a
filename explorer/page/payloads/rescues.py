"""Rescue my digit: its three pictures, and who won the bet."""

from __future__ import annotations

import numpy as np

from explorer.core.sentences import Sentence, joined
from explorer.data.nearest_digits import VOTES, correlation, nearest_digits
from explorer.data.pictures import Picture
from explorer.page.payloads import shared_texts as say
from explorer.page.payloads.steps import tile, x_at
from explorer.page.payloads.texts import DEVICE_WORKS, told
from explorer.widgets.device_job import DeviceJob
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


def rescue_on_device(begun: TilesValue, film: DeviceJob, bet: str | None) -> TilesValue:
    """The tiles before anything was computed, for the viewer's device to go on with; bet: one of BETS."""
    return {
        "tiles": begun["tiles"],
        "sentence": DEVICE_WORKS,
        "device": {"film": film, "bet": None if bet is None else bet == BETS[0]},
    }


def rescue_verdict(original: Picture, rescued: np.ndarray, bet: str | None) -> str:
    """Whether it is still the same digit, by the vote of real digits, and who won the bet."""
    before, after = nearest_digits(np.stack([original.pixels(), rescued]))
    survived = before.label == after.label
    readings = (
        Sentence(say.READ_BEFORE, before.label, before.votes, VOTES),
        Sentence(say.READ_AFTER, after.label, after.votes, VOTES),
        f"{correlation(original.pixels(), rescued):.2f}",
    )
    outcome = Sentence(say.SURVIVED if survived else say.TURNED, *readings)
    if bet is None:
        return joined(outcome, say.BET_FIRST)
    won = (bet == BETS[0]) == survived
    return joined(outcome, say.BET_WON if won else say.BET_LOST, say.AGREED)
