"""What is ink? What stands out from its own surroundings, and is no line of the paper.

Ink is darker (or lighter) than the ground on both sides of it, and narrow. So the ground under it is found by
morphological closing: whatever is dark and narrower than a window is filled. A shadow's edge, a gradient of light or a
table are wider than the window, and stay in the ground, edges and all. How wide the ink is, and whether it is dark or
light, nobody knows beforehand: `readings` gives one answer for each guess, and explorer/data/find_digit.py chooses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.data.shapes import closed, grown

WINDOWS = (0.15, 0.4, 1.0)  # of the picture's longer side: thin pens, thick markers, ink that fills the picture
MIN_CONTRAST = 8.0  # grey levels between ground and ink; with less there is nothing to see
MIN_CONTRAST_TO_NOISE = 3.5  # times the ground's standard deviation
SURE_INK = 0.2  # times as much above the median as below it is no noise
GRAIN = 4.0  # grey levels of noise from which a picture is smoothed first
LIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)
LEAST_LIGHT = 0.5  # ink and paper differ in colour rather than in lightness where lightness spans less of the colours
MAX_SHADE = 2.5  # times less light than in the bright parts of the picture that is made up for
LINE_SLOPE = 0.12  # rows a column: by so much may a ruled line lean
LINE_COLUMNS = 48  # in so many columns a line is looked for
LINE_LENGTH = 0.8  # of the picture's width: whatever is straight and that long is a line of the paper
LEAST_THIN = 0.5  # of the picture's width: of a line so much lies outside of strokes


@dataclass(frozen=True)
class Reading:
    """One guess at what is ink.

    dark: whether the ink is darker than its ground in the picture as it came; picture: (height, width) float32, such
    that ink is dark; step: (height, width) float32,
    grey levels that each pixel is darker by than its ground; contrast: the same, shade made up for; ink: (height,
    width) bool, without lines; lines: (height, width) bool, the ruled lines; noise: the ground's standard
    deviation, in grey levels.
    """

    dark: bool
    picture: np.ndarray
    step: np.ndarray
    contrast: np.ndarray
    ink: np.ndarray
    lines: np.ndarray
    noise: float


def readings(picture: np.ndarray, *, dark: bool | None = None) -> Iterator[Reading]:
    """All guesses that show something; (height, width, channels) float32 grey levels, 0 to 255.

    dark: whether the ink is darker than its ground, None where nobody has said.
    """
    grey, is_light = _one_channel(picture)
    grey, longest = _smooth(grey), max(grey.shape)
    for share in WINDOWS:
        window = max(3, int(share * longest / 2) * 2 + 1)
        if dark is not False:
            yield from _reading(grey, window, dark=True, lit=is_light)
        if dark is not True:
            yield from _reading(-grey, window, dark=False, lit=False)


def _one_channel(picture: np.ndarray) -> tuple[np.ndarray, bool]:
    """(height, width) float32, and whether it is light: the grey levels, or what colours differ in most, where ink and
    paper are as light as each other.
    """
    if picture.shape[2] == 1:
        return picture[..., 0], True
    light = picture @ np.array(LIGHTNESS, np.float32)
    apart = picture - np.median(picture.reshape(-1, 3), axis=0)
    axis = np.linalg.eigh(apart.reshape(-1, 3).T @ apart.reshape(-1, 3))[1][:, -1].astype(np.float32)
    colour = apart @ axis
    if np.ptp(light) > LEAST_LIGHT * np.ptp(colour):
        return light, True
    return colour, False


def _reading(grey: np.ndarray, window: int, *, dark: bool, lit: bool) -> Iterator[Reading]:
    """Guesses of one window; grey: such that ink is dark; lit: whether it is lightness, which shadows multiply."""
    ground = closed(grey, window)
    step = contrast = ground - grey
    if lit:  # where less light falls, ink is less darker than paper, by the same factor
        bright = float(np.percentile(ground, 90))
        contrast = step * (bright / np.maximum(ground, max(1.0, bright / MAX_SHADE)))
    ranked = np.sort(contrast, axis=None)  # faster than to ask for each of its quantiles
    noise, median = _spread(ranked), float(ranked[ranked.size // 2])
    contrast = np.maximum(contrast - median, 0)
    strongest = float(ranked[-max(1, ranked.size // 1000)]) - median
    seen = None
    for level in _levels(contrast, strongest, max(MIN_CONTRAST, MIN_CONTRAST_TO_NOISE * noise)):
        mask = contrast > level
        if seen is None or (mask != seen).mean() > 0.002:
            seen, ink = mask, without_lines(mask)
            yield Reading(dark, grey, step, contrast, ink, mask & ~ink, noise)


def _levels(contrast: np.ndarray, strongest: float, least: float) -> list[float]:
    """Thresholds between ground and ink: Otsu's, and half of the strongest ink; none below `least`."""
    if strongest < least:
        return []
    return sorted({max(least / 2, strongest / 2), max(least / 2, strongest / 4), max(least / 2, _otsu(contrast))})


def _otsu(contrast: np.ndarray) -> float:
    """The level that parts the grey levels into two groups with the most between them (Otsu 1979)."""
    counts, edges = np.histogram(contrast, bins=128)
    middles = (edges[1:] + edges[:-1]) / 2
    below, mass = np.cumsum(counts), np.cumsum(counts * middles)
    above = counts.sum() - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    return float(edges[1:][np.nanargmax(np.where(above > 0, between, 0))])


def _spread(ranked: np.ndarray) -> float:
    """A robust standard deviation of sorted values: of the middle half, as a normal distribution's would be; or of the
    half below the median, where what lies above it is no noise, but ink on more than a quarter of the picture.
    """
    low, middle, high = (float(ranked[quarter * ranked.size // 4]) for quarter in (1, 2, 3))
    below, both = 2 * (middle - low) / 1.35, (high - low) / 1.35
    return below if below < SURE_INK * both else both


def _smooth(channel: np.ndarray) -> np.ndarray:
    """Grain taken out where there is some; a picture without noise stays as sharp as it is."""
    step = channel[1:-1, 1:-1] - (channel[:-2, 1:-1] + channel[2:, 1:-1] + channel[1:-1, :-2] + channel[1:-1, 2:]) / 4
    if not step.size or _spread(np.sort(step, axis=None)) < GRAIN:
        return channel
    for _ in range(2):  # along the rows, then turned
        for _ in range(2):  # 1 2 1, twice: a bell of one pixel's standard deviation
            wide = np.pad(channel, ((1, 1), (0, 0)), mode="edge")
            channel = (wide[:-2] + 2 * channel + wide[2:]) / 4
        channel = channel.T
    return channel


def without_lines(mask: np.ndarray) -> np.ndarray:
    """The mask without ruled lines, squares and straight frames, but whole where ink crosses them.

    A line is thin, straight, nearly level or upright, and runs through nearly all of the picture. Ink that crosses it
    goes on above and below it.
    """
    lines = _level_lines(mask) | _level_lines(mask.T).T
    if not lines.any():
        return mask
    left = mask & ~lines
    # what the lines cut is closed again: a pixel of a line stays where ink lies close by on two opposite sides
    thickness = 1 + int(np.ceil(lines.sum() / max(1, max(mask.shape))))
    reach = min(thickness, max(2, max(mask.shape) // 40))
    return left | lines & _between(left, reach)


def _between(ink: np.ndarray, reach: int) -> np.ndarray:
    """Where there is ink within `reach` pixels both above and below, or both left and right."""
    found = np.zeros_like(ink)
    for axis in (0, 1):
        sides = []
        for sign in (1, -1):
            near = np.zeros_like(ink)
            for distance in range(1, reach + 1):
                near |= _shifted(ink, sign * distance, axis)
            sides.append(near)
        found |= sides[0] & sides[1]
    return found


def _shifted(ink: np.ndarray, distance: int, axis: int) -> np.ndarray:
    moved = np.roll(ink, distance, axis)
    edge = [slice(None)] * 2
    edge[axis] = slice(None, distance) if distance > 0 else slice(distance, None)
    moved[tuple(edge)] = False
    return moved


def _level_lines(mask: np.ndarray) -> np.ndarray:
    """(height, width) bool: the pixels of thin lines that run from left to right.

    For each slope the rows are sheared, in some columns; a row that is nearly full there is a line.
    """
    height, width = mask.shape
    found = np.zeros_like(mask)
    if min(mask.shape) < 40 or mask.any(axis=0).mean() < LINE_LENGTH:  # small ones are MNIST's: no paper with lines
        return found
    # a stroke holds a square of ink that lines, and the places where they cross, are too thin for
    side = _max_thickness(mask) // 2 * 2 + 1
    thick = -closed(-mask.astype(np.int8), side) > 0
    thin = mask & ~grown(thick, 1)
    if thin.any(axis=0).mean() < LEAST_THIN:
        return found
    most = int(LINE_SLOPE * width)
    columns = np.linspace(0, width - 1, LINE_COLUMNS).astype(int)
    inked, lined = (np.pad(grown(what, 1)[:, columns], ((2 * most, 2 * most), (0, 0))) for what in (mask, thin))
    rows, places = np.arange(-most, height + most)[:, None] + 2 * most, np.arange(LINE_COLUMNS)
    every, around = np.arange(width), np.arange(-1, 2)[:, None]
    for slope in range(-most, most + 1, 2):
        along = rows + np.round(slope * columns / width).astype(int)
        full = (lined[along, places].mean(axis=1) > LEAST_THIN) & (inked[along, places].mean(axis=1) > LINE_LENGTH)
        for row in np.flatnonzero(full) - most:
            at = row + np.round(slope * every / width).astype(int) + around
            inside = (at >= 0) & (at < height)
            found[at[inside], np.broadcast_to(every, at.shape)[inside]] = True
    return found & thin


def _max_thickness(mask: np.ndarray) -> int:
    """Pixels from which a straight thing is no line of the paper, but a stroke."""
    return max(3, max(mask.shape) // 40)
