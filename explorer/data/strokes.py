"""A drawing as its strokes, made into grey levels here: no browser is asked for its pixels.

Some browsers add noise to what a page reads back from a canvas, or hand out a white block, so that nobody is known
again by it. Points are numbers of the page's own, and arrive as they are.
"""

from __future__ import annotations

import math
from typing import TypeGuard

import numpy as np
from PIL import Image, ImageDraw

from explorer.core.sentences import Sentence
from explorer.data.normalise import BadPicture

SIDE = 140  # pixels of a drawing's picture: five times MNIST's
FINE = 4  # the strokes are drawn so many times larger, so that their edges are soft
MAX_POINTS = 10_000  # of a drawing; widgets/pad.js keeps no more
PEN = (0.01, 0.5)  # the pen's width, lowest and highest, in shares of the pad's side
FARTHEST = 3.0  # sides of the pad; widgets/pad.js follows a hand that leaves the pad less far
CURVE_STEP = 0.01  # of the pad's side: a curve is drawn in straight pieces of about this length
MAX_PIECES = 64  # of one curve

NO_DRAWING = (
    'a drawing is {"pen": its width, "strokes": a list of lists of points [x, y]}: all in shares of the pad\'s side'
)


def from_strokes(value: object) -> np.ndarray:
    """A drawing's strokes as (SIDE, SIDE) uint8 grey levels, 0 the ground and 255 the ink.

    value: {"pen": the strokes' width, "strokes": [[[x, y], ...], ...]} in shares of the pad's side, (0, 0) its top left
    corner. What lies outside of the pad is cut off. Raises BadPicture for an empty drawing and for whatever is not one.
    """
    pen, strokes = _checked(value)
    side, radius = SIDE * FINE, pen * SIDE * FINE / 2
    margin = math.ceil(radius)  # a stroke beside the pad may reach into it
    image = Image.new("1", (side + 2 * margin, side + 2 * margin))
    canvas = ImageDraw.Draw(image)
    for stroke in strokes:
        path = _path(stroke) * side + margin - 0.5  # Pillow's whole numbers are the middles of pixels
        canvas.line([*path[0], *path.ravel().tolist()], fill=1)
    inked = _inked(np.asarray(image), radius)[margin : margin + side, margin : margin + side]
    if not inked.any():
        raise BadPicture("the drawing is empty, as every stroke lies outside of the pad: draw a digit first")
    return np.asarray(Image.fromarray(inked.astype(np.uint8) * 255).reduce(FINE))


def _inked(path: np.ndarray, radius: float) -> np.ndarray:
    """(height, width) bool: what a round pen of this radius, in pixels, covers while its middle follows the path."""
    found, (height, width) = np.zeros_like(path), path.shape
    most = math.ceil(radius)
    # how much of the path lies to the left of each column, also beyond the sides
    passed = np.pad(np.cumsum(path, axis=1, dtype=np.int32), ((0, 0), (most + 1, 0)))
    passed = np.pad(passed, ((0, 0), (0, most)), mode="edge")
    for down in range(-int(radius), int(radius) + 1):
        half = round(math.sqrt(radius**2 - down**2))
        first, behind = most - half, most + half + 1
        near = passed[:, behind : behind + width] > passed[:, first : first + width]
        found[max(0, down) : height + min(0, down)] |= near[max(0, -down) : height - max(0, down)]
    return found


def _checked(value: object) -> tuple[float, list[np.ndarray]]:
    """The pen's width, and each stroke as (N, 2) float64. Raises BadPicture."""
    if not isinstance(value, dict):
        raise BadPicture(NO_DRAWING)
    pen, strokes = value.get("pen", ""), value.get("strokes")
    if not _is_number(pen) or not isinstance(strokes, list) or not all(isinstance(s, list) for s in strokes):
        raise BadPicture(NO_DRAWING)
    if not PEN[0] <= pen <= PEN[1]:
        raise BadPicture(Sentence("the pen's width must be {0} to {1} of the pad's side", *PEN))
    if sum(map(len, strokes)) > MAX_POINTS:
        raise BadPicture(
            Sentence("this drawing has more than {0} points: draw a digit with fewer strokes", f"{MAX_POINTS:,}")
        )
    for point in (point for stroke in strokes for point in stroke):
        if not isinstance(point, list) or len(point) != 2 or not all(map(_is_number, point)):
            raise BadPicture(NO_DRAWING)
        if max(map(abs, point)) > FARTHEST:
            raise BadPicture("a point of this drawing lies far outside of the pad: 0 to 1 is inside")
    drawn = [np.array(stroke, float) for stroke in strokes if stroke]
    if not drawn:
        raise BadPicture("the drawing is empty: draw a digit first")
    return pen, drawn


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # NaN equals nothing


def _path(points: np.ndarray) -> np.ndarray:
    """The line through a stroke's points as the pad draws it, (M, 2): from the first point, over the middles between
    those that follow, to the last.

    From middle to middle it is a quadratic Bezier curve, (1 - s)^2 A + 2 s (1 - s) P + s^2 B, bent towards the point P
    between them: so a fast hand's corners are round.
    """
    pieces, before = [points[:1]], points[0]
    for point, following in zip(points[1:-1], points[2:], strict=True):
        middle = (point + following) / 2
        length = float(np.abs(point - before).max() + np.abs(middle - point).max())
        s = np.linspace(0, 1, min(2 + int(length / CURVE_STEP), MAX_PIECES))[1:, None]
        pieces.append((1 - s) ** 2 * before + 2 * s * (1 - s) * point + s**2 * middle)
        before = middle
    return np.concatenate([*pieces, points[-1:]])
