"""What one step of a film did, as tiles: the picture before, where it moved to, the fresh noise, the picture after."""

from __future__ import annotations

import numpy as np

from explorer.core.sentences import Sentence, joined
from explorer.data.pixels import to_base64, to_pixels
from explorer.demos.step_parts import Anatomy
from explorer.page.payloads import shared_texts as say
from explorer.page.payloads.texts import told
from explorer.widgets.tile import Tile
from explorer.widgets.tiles import TilesValue

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def tile(name: str, note: str, pixels: np.ndarray | None, sign: str = "") -> Tile:
    """One of the Tiles' pictures; pixels: (28, 28) uint8, or None for what is still to come."""
    return {
        "sign": sign,
        "name": told(name),
        "note": told(note),
        "n": 0 if pixels is None else 1,
        "data": "" if pixels is None else to_base64(pixels),
    }


def x_at(t: int | str) -> str:
    """x with its t below, such as x₆₄₀."""
    return f"x{t}".translate(SUBSCRIPTS)


def anatomy_value(anatomy: Anatomy, sampler: str, why: str = "") -> TilesValue:
    """x_t, the mean it moved to, the fresh noise, and their sum, for the Tiles. why: said before all else."""
    step, sigma = anatomy.step, f"{anatomy.sigma:.3f}"
    x_t, mean, fresh, x_prev = (
        to_pixels(image)[0, 0] for image in (step.x_t, anatomy.mean, anatomy.fresh, step.x_prev)
    )
    t, t_prev = int(step.t), int(step.t_prev)
    here, there = x_at(t), x_at(t_prev)
    other = here if sampler == "ddpm" else "ε̂"
    formula = f"{anatomy.a:.3f} x̂₀ + {anatomy.b:.3f} {other}"
    moved = Sentence(say.MOVED, t, t_prev, formula)
    if step.t_prev == 0:
        ending = say.LAST_STEP
    elif anatomy.sigma == 0:
        ending = say.NO_FRESH_NOISE
    else:
        ending = Sentence(say.FRESH_NOISE, sigma, there, t_prev)
    return {
        "tiles": [
            tile(here, say.BEFORE, x_t),
            tile("mean", f"= {formula}", mean, "→"),
            tile("σ z", Sentence(say.FRESH_OF_SIZE, sigma), fresh, "+"),
            tile(there, say.AFTER, x_prev, "="),
        ],
        "sentence": told(joined(why, moved, ending)),
    }


def anatomy_to_come(sentence: str) -> TilesValue:
    """The same tiles, empty, with a sentence on why."""
    tiles = [
        tile("xₜ", say.BEFORE, None),
        tile("mean", "towards x̂₀", None, "→"),
        tile("σ z", "fresh noise", None, "+"),
        tile("xₜ₋₁", say.AFTER, None, "="),
    ]
    return {"tiles": tiles, "sentence": told(sentence)}
