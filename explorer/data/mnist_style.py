"""A viewer's own digit, drawn or uploaded, made into a picture like MNIST's.

A file is read (explorer/data/picture_files.py), its digit is found (find_digit.py, by what ink.py takes for ink), and
it is scaled, centred and inked as MNIST's were (normalise.py). Of a drawing the strokes are known (strokes.py).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from PIL import Image

from explorer.data.find_digit import find_digit
from explorer.data.normalise import BadPicture, like_mnist, with_mnists_strokes
from explorer.data.picture_files import MAX_BYTES, MAX_PIXELS, read_picture
from explorer.data.strokes import from_strokes

__all__ = ["MAX_BYTES", "MAX_PIXELS", "BadPicture", "Made", "from_pad", "from_upload", "like_mnist", "made_of"]

SEARCH_SIDE = 192  # pixels; the digit is looked for in a picture of this longer side
FINE_DIGIT = 72  # pixels; a digit that is smaller there is looked at again, from nearer


def from_pad(value: object) -> np.ndarray:
    """The drawing pad's value, its strokes (explorer/data/strokes.py), as (28, 28) uint8.

    Raises BadPicture for an empty drawing and for whatever is not one.
    """
    if not value:
        raise BadPicture("the drawing is empty: draw a digit first")
    return like_mnist(with_mnists_strokes(from_strokes(value)))


def from_upload(path: str | os.PathLike[str]) -> np.ndarray:
    """A picture file as (28, 28) uint8: white ink on black, whichever way round it was.

    Raises BadPicture where the file is too large, is not a picture, or shows nothing.
    """
    return from_picture(read_picture(path))


def from_picture(image: Image.Image) -> np.ndarray:
    """The digit in an "L" or "RGB" picture as (28, 28) uint8. Raises BadPicture where there is none."""
    return made_of(image).pixels


@dataclass(frozen=True)
class Made:
    """What was made of a picture.

    pixels: (28, 28) uint8, white ink on black; dark: whether the ink was darker than its ground; others: how many
    digits there seem to be beside it.
    """

    pixels: np.ndarray
    dark: bool
    others: int


def made_of(image: Image.Image, *, dark: bool | None = None) -> Made:
    """The digit in an "L" or "RGB" picture.

    dark: whether its ink is darker than its ground, None where nobody has said. It is looked for in a small copy; where
    it is small there, again in a copy of its own part. Raises BadPicture where there is no digit.
    """
    small, scale = _reduced(image, (0, 0, *image.size))
    found = find_digit(small, max(1, round(scale)), dark=dark)
    others = found.others
    top, left, bottom, right = (edge / scale for edge in found.box)
    size = max(bottom - top, right - left)
    if size * scale < FINE_DIGIT and scale < 1:
        margin = 0.5 * size
        part = (
            max(0, int(left - margin)),
            max(0, int(top - margin)),
            min(image.width, int(right + margin)),
            min(image.height, int(bottom + margin)),
        )
        nearer, nearer_scale = _reduced(image, part)
        again = find_digit(nearer, max(1, round(nearer_scale)), dark=dark)
        if 0.7 * size < max(again.box[2] - again.box[0], again.box[3] - again.box[1]) / nearer_scale < 1.4 * size:
            found = again
    return Made(like_mnist(with_mnists_strokes(found.ink)), found.dark, others)


def _reduced(image: Image.Image, part: tuple[int, int, int, int]) -> tuple[np.ndarray, float]:
    """A part of the picture as (height, width, channels) float32, at most SEARCH_SIDE a side and, where it is tiny,
    enlarged; and by how much its sides were multiplied.
    """
    width, height = part[2] - part[0], part[3] - part[1]
    longest = max(width, height)
    if longest > SEARCH_SIDE:
        scale = SEARCH_SIDE / longest
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        levels = np.asarray(image.resize(size, Image.Resampling.BOX, box=part, reducing_gap=2.0), np.float32)
    else:
        times = max(1, SEARCH_SIDE // 2 // longest)
        scale = float(times)
        levels = np.asarray(image.crop(part), np.float32).repeat(times, 0).repeat(times, 1)
    return levels.reshape(*levels.shape[:2], -1), scale
