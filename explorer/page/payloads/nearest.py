"""Is it a copy? A picture beside the nearest of the bundled digits."""

from __future__ import annotations

import numpy as np

from explorer.core.sampling import Step
from explorer.data import digits
from explorer.data.nearest_digits import Nearest, nearest_digit, usual_distance
from explorer.data.pixels import to_pixels
from explorer.page.payloads import shared_texts as say
from explorer.page.payloads.steps import tile
from explorer.page.payloads.texts import Sentence, joined, told
from explorer.widgets.tiles import TilesValue

TO_COME = "As soon as the film stands still."


def nearest_value(step: Step) -> TilesValue:
    """For the Tiles: what the film has in mind at this step, of one picture, and the real digit that is nearest to it;
    after the last step that is the finished picture.
    """
    finished = step.t_prev == 0
    picture = to_pixels(step.x_prev if finished else step.x0_hat)[0, 0]
    found = nearest_digit(picture)
    real = digits.bundled().pixels[found.number]
    apart = np.abs(picture.astype(np.int16) - real).astype(np.uint8)
    return {
        "tiles": [
            tile(
                "x₀" if finished else "x̂₀",
                say.THE_PICTURE if finished else Sentence(say.GUESS_AT, int(step.t)),
                picture,
            ),
            tile(say.NEAREST, Sentence(say.REAL_DIGIT, found.number, found.label), real, "−"),
            tile(say.DIFFERENCE, f"{found.distance:.3f}", apart, "="),
        ],
        "sentence": told(sentence(found)),
    }


def nearest_to_come() -> TilesValue:
    """The same tiles, empty."""
    tiles = [
        tile("x̂₀", "the guess", None),
        tile(say.NEAREST, "real digit", None, "−"),
        tile(say.DIFFERENCE, "", None, "="),
    ]
    return {"tiles": tiles, "sentence": TO_COME}


def sentence(found: Nearest) -> str:
    """How near that is, measured by how near real digits are to each other."""
    if found.distance == 0:
        return say.A_COPY
    few, half, most = usual_distance()
    distance = f"{found.distance:.3f}"
    return joined(
        Sentence(say.ALMOST_A_COPY, distance) if found.distance < few else Sentence(say.NO_COPY, distance),
        Sentence(say.USUAL, f"{half:.2f}", f"{few:.2f}", f"{most:.2f}"),
        say.DISTANCE,
    )
