"""Is it a copy? A picture beside the nearest of the bundled digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.core.sampling import Step
from explorer.data import digits
from explorer.data.nearest_digits import Nearest, nearest_digit, usual_distance
from explorer.data.pixels import to_pixels
from explorer.page.payloads.steps import tile

TO_COME = "As soon as the film stands still."


def nearest_value(step: Step) -> dict[str, Any]:
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
            tile("x₀" if finished else "x̂₀", "the picture" if finished else f"the guess at t = {step.t}", picture),
            tile("nearest", f"real digit number {found.number}, a {found.label}", real, "−"),
            tile("difference", f"{found.distance:.3f}", apart, "="),
        ],
        "sentence": sentence(found),
    }


def nearest_to_come() -> dict[str, Any]:
    """The same tiles, empty."""
    tiles = [tile("x̂₀", "the guess", None), tile("nearest", "real digit", None, "−"), tile("difference", "", None, "=")]
    return {"tiles": tiles, "sentence": TO_COME}


def sentence(found: Nearest) -> str:
    """How near that is, measured by how near real digits are to each other."""
    if found.distance == 0:
        return "It is this digit, to the last pixel: a copy."
    few, half, most = usual_distance()
    usual = (
        f"Half of all real digits lie nearer than {half:.2f} to their nearest neighbour, a tenth nearer than {few:.2f}"
        f", a tenth farther than {most:.2f}. The distance is the root of the mean squared difference of the pixels."
    )
    if found.distance < few:
        return f"At {found.distance:.3f} it is nearer than real digits are to each other: almost a copy. {usual}"
    return f"At {found.distance:.3f} it is about as new as one real digit is beside the others: no copy. {usual}"
