"""What real digits say of pictures that a viewer's device has made: a server function of the players."""

from __future__ import annotations

import base64
import binascii

import numpy as np

from explorer.data import digits
from explorer.data.nearest_digits import VOTES, correlation, nearest_digit, nearest_digits, usual_distance
from explorer.data.pixels import PIXELS, to_base64
from explorer.serving.film_request import MAX_PICTURES
from explorer.widgets.likeness import Likeness


def likeness(asked: object) -> Likeness | None:
    """The answer to {"pictures": base64 of uint8 (n, 784)} from a browser; None for whatever else it may send."""
    found = pictures_of(asked)
    if found is None:
        return None
    nearest = nearest_digit(found[0])
    return {
        "readings": [{"label": reading.label, "votes": reading.votes} for reading in nearest_digits(found)],
        "votes": VOTES,
        "correlations": [[correlation(one, other) for other in found] for one in found],
        "nearest": {
            "number": nearest.number,
            "label": nearest.label,
            "distance": nearest.distance,
            "data": to_base64(digits.bundled().pixels[nearest.number]),
        },
        "usual": list(usual_distance()),
    }


def pictures_of(asked: object) -> np.ndarray | None:
    """(n, 28, 28) uint8, n from 1 to MAX_PICTURES + 2; None where that was not asked."""
    told = asked.get("pictures") if isinstance(asked, dict) else None
    most = (MAX_PICTURES + 2) * PIXELS  # the average and the one guess beside as many futures as there can be
    if not isinstance(told, str) or len(told) > 4 * -(-most // 3):
        return None
    try:
        levels = np.frombuffer(base64.b64decode(told, validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return None
    if not len(levels) or len(levels) % PIXELS:
        return None
    return levels.reshape(-1, 28, 28)
