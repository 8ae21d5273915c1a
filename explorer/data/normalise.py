"""How MNIST's digits were scaled, centred and inked, done to any ink on a black ground.

MNIST's digits were "size normalized to fit in a 20x20 pixel box while preserving their aspect ratio", with
anti-aliasing, and "centered in a 28x28 image by computing the center of mass of the pixels" (LeCun et al. 1998,
"Gradient-Based Learning Applied to Document Recognition"). A network that has seen only such pictures needs the same
here.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from explorer.data.shapes import depths, grown, shrunk

BOX = 20  # pixels; the digit's longer side
SIDE = 28  # pixels; the picture's side
CENTRE = 14  # the pixel, counted from 0, that holds the centre of mass of MNIST's digits

# Widths of strokes, in pixels of the 20x20 box. Of MNIST's digits one in fifty is thinner than THINNEST or thicker than
# THICKEST (measured by stroke_width); what lies outside is made as wide as NEW_THIN, their median, or THICKEST.
THINNEST, NEW_THIN, THICKEST = 1.38, 2.3, 4.24
FINE_SIDE = 160  # pixels of the digit's longer side that are enough to change its strokes' width in fine steps


class BadPicture(ValueError):
    """There is no digit to be had from this; the message is one sentence for the viewer."""


def like_mnist(grey: np.ndarray) -> np.ndarray:
    """Scale and centre a digit as MNIST's were.

    grey: (height, width) uint8, 0 the ground and larger values ink. Returns (28, 28) uint8. Raises BadPicture where
    there is no ink.
    """
    ink = Image.fromarray(cropped(grey))
    scale = BOX / max(ink.size)
    width, height = (max(1, round(length * scale)) for length in ink.size)
    # smaller: the average over each new pixel's area; larger: between the nearest pixels
    box = np.asarray(ink.resize((width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR))
    mass = box.sum(dtype=float)
    if mass == 0:
        raise BadPicture("the drawing is too faint: draw with a thicker pen")
    picture = np.zeros((SIDE, SIDE), np.uint8)
    top = _start(box.sum(axis=1) @ np.arange(height) / mass, height)
    left = _start(box.sum(axis=0) @ np.arange(width) / mass, width)
    picture[top : top + height, left : left + width] = box
    return picture


def cropped(grey: np.ndarray) -> np.ndarray:
    """(height, width) uint8 without empty rows and columns around the ink. Raises BadPicture where there is none."""
    rows, columns = np.flatnonzero(grey.any(axis=1)), np.flatnonzero(grey.any(axis=0))
    if not len(rows):
        raise BadPicture("the drawing is empty: draw a digit first")
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _start(centre_of_mass: float, length: int) -> int:
    """Where the box begins so that its centre of mass lies on the centre, or as near as it fits into the picture."""
    return min(max(0, round(CENTRE - centre_of_mass)), SIDE - length)


def stroke_width(grey: np.ndarray) -> float:
    """The mean width of the strokes, in pixels of the 20x20 box.

    grey: (height, width) uint8, cropped to its ink. Across a stroke of width w the distance to its nearer edge is w / 4
    on average.
    """
    grey = _at_least(grey, FINE_SIDE)
    inside = grey >= 128
    if not inside.any():
        return 0.0
    depth = depths(inside)  # a pixel at the edge is half a pixel deep
    return 4 * float((depth[inside] - 0.5).mean()) * BOX / max(grey.shape)


def with_mnists_strokes(grey: np.ndarray) -> np.ndarray:
    """The ink with strokes no thinner and no thicker than MNIST's; (height, width) uint8, in general of another size.

    Thin strokes are grown and thick ones shrunk, evenly on both sides; strokes of a usual width are left as they are.
    Raises BadPicture where there is no ink.
    """
    grey = cropped(grey)
    width = stroke_width(grey)
    if THINNEST <= width <= THICKEST:
        return grey
    grey = np.pad(_at_least(grey, FINE_SIDE), FINE_SIDE // 4)
    side = max(grey.shape) - FINE_SIDE // 2
    if width < THINNEST:
        # growing by r makes the digit 2 r longer too: (w + 2 r) / (side + 2 r) is to be NEW_THIN / BOX
        radius = side * (NEW_THIN - width) / 2 / (BOX - NEW_THIN)
        return cropped(grown(grey, round(radius)))
    thinner = shrunk(grey, round(side * (width - THICKEST) / 2 / (BOX - THICKEST)))
    return cropped(thinner) if (thinner >= 128).any() else cropped(grey)  # a blob has no strokes


def _at_least(grey: np.ndarray, side: int) -> np.ndarray:
    """The picture enlarged, smoothly, until its longer side has so many pixels."""
    scale = side / max(grey.shape)
    if scale <= 1:
        return grey
    size = tuple(max(1, round(length * scale)) for length in grey.shape[::-1])
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))
