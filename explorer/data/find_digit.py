"""Where is the digit? Of all guesses at what is ink, the parts that make the most of a digit.

Every guess (explorer/data/ink.py) falls into connected parts. Around each large part a digit is gathered: parts that
belong to it, being close and no dust. What is gathered is judged by what a person would: is it whole, away from the
picture's edge, large, strong, and does it look like writing?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.data.ink import Reading, readings
from explorer.data.nearest_digits import likeness
from explorer.data.normalise import THICKEST, BadPicture, cropped, like_mnist, stroke_width, with_mnists_strokes
from explorer.data.shapes import Parts, connected_parts, depths, grown

MAX_PARTS = 24  # of a guess, the largest; a digit has seldom more than three
FRAMED = 0.4  # of a frame's size is what it frames, at least
FRAMED_AREA = 0.15  # of a frame's pixels is what it frames, at least
SEEDS = 3  # parts around which a digit is gathered
FAINT = 0.35  # of the ink's strength: less is the blur of an edge, and makes no digit larger
LEAST_AREA = 0.0004  # of the picture: smaller parts are no digit
AT_ONCE = 4  # guesses that are compared with the real digits together
MOST_LIKE = 2.0  # what it counts, beside place and outline, to be just like a real digit
OTHER_SIZE = 0.5  # of the digit's size: smaller ones beside it are a date, or small print
OTHER_LIKE = 0.6  # correlation with a real digit from which another part is a digit, too


@dataclass(frozen=True)
class Found:
    """A digit in a picture.

    ink: (height, width) uint8, 0 the ground and 255 the strongest ink; box: its top, left, bottom and right in pixels;
    dark: whether its ink is darker than its ground; others: how many digits there seem to be beside it; score: how good
    it is, the more the better.
    """

    ink: np.ndarray
    box: tuple[int, int, int, int]
    dark: bool
    others: int
    score: float


@dataclass(frozen=True)
class Guess:
    """Parts of a reading that may be a digit: their mask, (height, width) bool, and how good their place, size and
    outline are.
    """

    reading: Reading
    mask: np.ndarray
    score: float


def find_digit(picture: np.ndarray, pixel: int = 1, *, dark: bool | None = None) -> Found:
    """The best digit in (height, width, channels) float32 of grey levels 0 to 255.

    pixel: the side of a pixel of the file, more than 1 where a tiny picture was enlarged; dark: whether the ink is
    darker than its ground, None where nobody has said. Raises BadPicture where there is no digit.
    """
    guesses = [
        Guess(reading, mask, _score(reading, mask))
        for reading in readings(picture, dark=dark)
        for mask in _gathered(reading)
    ]
    guesses.sort(key=lambda guess: guess.score, reverse=True)
    best, ink, score = None, None, -np.inf
    for start in range(0, len(guesses), AT_ONCE):
        some = guesses[start : start + AT_ONCE]
        if some[0].score + MOST_LIKE <= score:
            break  # however much these and those behind them look like digits, they cannot be better
        softs = [_soft(guess.reading, guess.mask, pixel) for guess in some]
        for guess, soft, looks in zip(some, softs, _looks(softs), strict=True):
            if guess.score + looks > score:
                best, ink, score = guess, soft, guess.score + looks
    if best is None or ink is None:
        raise BadPicture("this picture is all of one grey: upload one that shows a digit")
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    return Found(ink, box, best.reading.dark, _others(best, guesses, pixel), float(score))


def _looks(inks: list[np.ndarray]) -> list[float]:
    """How much each of these looks like a digit's strokes, at most MOST_LIKE."""
    like = likeness(np.stack([like_mnist(with_mnists_strokes(ink)) for ink in inks]))
    blobs = [max(0.0, stroke_width(cropped(ink)) - THICKEST) / 2 for ink in inks]
    return [MOST_LIKE * float(look) - blob for look, blob in zip(like, blobs, strict=True)]


def _others(best: Guess, guesses: list[Guess], pixel: int) -> int:
    """How many of a reading's guesses beside the best are digits too: about as large as it, apart from it and from each
    other, and like one.
    """
    taken, count = grown(best.mask, 1), 0
    for guess in guesses:
        if guess.reading is not best.reading or (guess.mask & taken).any():
            continue
        large = _extent(guess.mask) > OTHER_SIZE * _extent(best.mask)
        if large and _looks([_soft(guess.reading, guess.mask, pixel)])[0] > OTHER_LIKE * MOST_LIKE:
            taken, count = taken | guess.mask, count + 1
    return count


def _extent(mask: np.ndarray) -> int:
    """The longer side of what is in the mask, in pixels."""
    return max(int(np.ptp(np.flatnonzero(mask.any(axis=axis)))) + 1 for axis in (0, 1))


def _soft(reading: Reading, mask: np.ndarray, pixel: int) -> np.ndarray:
    """The chosen parts with their soft edges, (height, width) uint8: from the ground's noise, 0, to the ink's own
    strength, 255. Faint rows and columns at the sides count only where every pixel of the file is large.
    """
    near = grown(mask, max(2, pixel)) & (~reading.lines | mask)
    strongest = float(np.percentile(reading.contrast[mask], 90))
    weakest = min(4 * reading.noise, strongest / 2)
    soft = ((reading.contrast - weakest) / (strongest - weakest)).clip(0, 1)
    if pixel == 1:
        body = near & (soft >= FAINT)
        near = near & body.any(axis=1, keepdims=True) & body.any(axis=0, keepdims=True)
    return np.where(near, soft * 255, 0).round().astype(np.uint8)


def _score(reading: Reading, mask: np.ndarray) -> float:
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    size = float(
        np.sqrt(np.ptp(rows) / height * np.ptp(columns) / width)
    )  # a part of a digit is smaller than all of it
    edge = (mask[0].sum() + mask[-1].sum() + mask[:, 0].sum() + mask[:, -1].sum()) / np.sqrt(mask.sum())
    strength = float(reading.contrast[mask].mean())
    middle = np.hypot(rows.mean() / height - 0.5, columns.mean() / width - 0.5)
    apart = min(_apart(reading, mask) / strength, 1)
    return (
        2 * apart
        + 2 * _sharp(reading, mask)
        + 1.5 * min(size, 0.6)
        + 0.5 * min(strength / 64, 1)
        + strength / 512
        - min(edge, 1)
        - 0.3 * middle
    )


def _sharp(reading: Reading, mask: np.ndarray) -> float:
    """The share of the ink's outline, 0 to 1, at which the picture itself steps from ink to ground.

    Shading has no such step, and a piece of paper between two things has none at its open ends.
    """
    outline = grown(mask, 3) & ~grown(mask, 1)
    ink = float(np.median(reading.picture[mask]))
    step = max(1.0, float(np.median(reading.step[mask])))
    return float(((reading.picture[outline] - ink) / step).clip(0, 1).mean()) if outline.any() else 0.0


def _apart(reading: Reading, mask: np.ndarray) -> float:
    """Grey levels that the ink is darker by than most of what lies around it.

    The paper inside of a 0 is lighter than its ink on all sides; it is no light ink, as there is more paper beyond.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    margin = max(4, int(0.3 * max(np.ptp(rows), np.ptp(columns))))
    part = (
        slice(max(0, rows[0] - margin), rows[-1] + margin + 1),
        slice(max(0, columns[0] - margin), columns[-1] + margin + 1),
    )
    inside, picture = mask[part], reading.picture[part]
    if inside.all():
        return 0.0
    return float(np.median(picture[~inside]) - np.median(picture[inside]))


def _gathered(reading: Reading) -> Iterator[np.ndarray]:
    """Masks of digits: around each of the largest parts, those that belong to it."""
    parts = connected_parts(reading.ink)
    order = np.argsort(-parts.areas)[:MAX_PARTS]
    order = order[parts.areas[order] >= max(6, LEAST_AREA * reading.ink.size)]
    order = np.array([k for k in order if not _is_frame(parts, k, order)], int)
    points = [_some_points(parts, number) for number in order]
    seen: set[tuple[int, ...]] = set()
    for seed in range(min(SEEDS, len(order))):
        for reach in (0.0, 1.0):
            chosen = _digit_around(parts, order, points, seed, reach)
            if chosen not in seen:
                seen.add(chosen)
                yield parts.mask(*order[list(chosen)])


def _is_frame(parts: Parts, number: int, others: np.ndarray) -> bool:
    """Whether a part is drawn around another that is no mere detail of it."""
    top, left, bottom, right = parts.boxes[number]
    boxes, size = parts.boxes[others], max(bottom - top, right - left)
    inside = (boxes[:, 0] > top) & (boxes[:, 1] > left) & (boxes[:, 2] < bottom) & (boxes[:, 3] < right)
    large = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) > FRAMED * size
    return bool((inside & large & (parts.areas[others] > FRAMED_AREA * parts.areas[number])).any())


def _some_points(parts: Parts, number: int, most: int = 160) -> np.ndarray:
    """Up to `most` pixels of a part, (N, 2) rows and columns."""
    top, left, bottom, right = parts.boxes[number]
    points = np.argwhere(parts.labels[top:bottom, left:right] == number + 1) + (top, left)
    return points[:: max(1, len(points) // most)].astype(float)


def _digit_around(
    parts: Parts, order: np.ndarray, points: list[np.ndarray], seed: int, reach: float
) -> tuple[int, ...]:
    """The parts, as positions in `order`, that belong to the digit around one of them."""
    box = parts.boxes[order[seed]]
    size = max(box[2] - box[0], box[3] - box[1])
    inside = parts.labels[box[0] : box[2], box[1] : box[3]] == order[seed] + 1
    width = 4 * float((depths(inside)[inside] - 0.5).mean())
    chosen, waiting = [seed], [k for k in range(len(order)) if k != seed]
    grew = True
    while grew:
        grew = False
        for k in list(waiting):
            other = parts.boxes[order[k]]
            extent = max(other[2] - other[0], other[3] - other[1])
            gap = min(_gap(points[k], points[c]) for c in chosen)
            small = extent < max(0.5 * width, 0.06 * size) or extent < 1.3 * width and gap > 0.6 * width
            if small or extent > 1.5 * size:
                continue
            if gap <= reach * max(1.2 * width, 0.12 * size):
                chosen.append(k)
                waiting.remove(k)
                grew = True
    return tuple(sorted(chosen))


def _gap(one: np.ndarray, other: np.ndarray) -> float:
    """Pixels between two parts, at their nearest."""
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2 * one @ other.T
    return float(np.sqrt(squares.min()))
