"""Shapes in a picture, in numpy: connected parts, how deep a pixel lies, growing and shrinking.

A part is what hangs together by sides or corners of its pixels. Nothing here knows what the shapes mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Parts:
    """The connected parts of a mask.

    labels: (height, width) int32, 0 where nothing is, k + 1 on part k; areas: (N,) pixels; boxes: (N, 4) top, left,
    bottom, right, the last two exclusive.
    """

    labels: np.ndarray
    areas: np.ndarray
    boxes: np.ndarray

    def mask(self, *numbers: int) -> np.ndarray:
        """(height, width) bool: where these parts are."""
        return np.isin(self.labels, np.asarray(numbers) + 1)


def connected_parts(mask: np.ndarray) -> Parts:
    """The parts of (height, width) bool, by runs: each row's runs are joined with those they touch in the next row."""
    height, width = mask.shape
    step = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(step == 1)
    end = np.nonzero(step == -1)[1]
    labels = np.zeros(mask.shape, np.int32)
    if not len(row):
        return Parts(labels, np.zeros(0, int), np.zeros((0, 4), int))
    # the runs of the next row that touch a run, also by a corner, lie side by side: from `first` to before `last`
    stride = width + 2
    first = np.searchsorted(row * stride + end, (row + 1) * stride + start)
    last = np.searchsorted(row * stride + start, (row + 1) * stride + end, side="right")
    count = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(row)), count)
    lower = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    root = _roots(len(row), upper, lower)
    numbers, part = np.unique(root, return_inverse=True)
    labels[mask] = np.repeat(part + 1, end - start)
    boxes = np.tile([height, width, 0, 0], (len(numbers), 1))
    for column, (what, value) in enumerate(
        [(np.minimum, row), (np.minimum, start), (np.maximum, row + 1), (np.maximum, end)]
    ):
        what.at(boxes[:, column], part, value)
    return Parts(labels, np.bincount(part, weights=end - start).astype(int), boxes)


def _roots(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For each of `count` nodes the smallest node that it hangs together with; one, other: the edges' ends."""
    root = np.arange(count)
    while True:
        smaller = np.minimum(root[one], root[other])
        before = root.copy()
        np.minimum.at(root, root[one], smaller)
        np.minimum.at(root, root[other], smaller)
        while (root[root] != root).any():
            root = root[root]
        if (root == before).all():
            return root


def largest_around(grey: np.ndarray, size: int) -> np.ndarray:
    """The maximum over a square of size x size pixels, an odd number, around each pixel; what is outside counts for
    nothing.

    Separable, and by doubling: windows of 1, 2, 4 ... pixels are made of two halves each.
    """
    low = np.iinfo(grey.dtype).min if grey.dtype.kind in "iu" else -np.inf
    for _ in range(2):  # along the rows, then turned
        half = min(size // 2, len(grey) - 1)
        window = np.pad(grey, ((half, half), (0, 0)), constant_values=low)
        length, whole = 1, 2 * half + 1
        while length < whole:
            more = min(length, whole - length)
            window, length = np.maximum(window[:-more], window[more:]), length + more
        grey = window.T
    return grey


def closed(grey: np.ndarray, size: int) -> np.ndarray:
    """Morphological closing with a square: what is dark and narrower than it is filled; edges stay where they are."""
    return -largest_around(-largest_around(grey, size), size)


def grown(grey: np.ndarray, radius: int) -> np.ndarray:
    """Each pixel becomes the largest within about `radius` pixels: squares and diamonds in turn make an octagon."""
    wide = np.pad(grey, radius)
    for step in range(radius):
        wide = _one_wider(wide, square=_is_square(step))
    height, width = grey.shape
    return wide[radius : radius + height, radius : radius + width]


def shrunk(grey: np.ndarray, radius: int) -> np.ndarray:
    """The opposite of grown, for uint8: ink loses `radius` pixels on all sides; outside there is none."""
    return 255 - grown(255 - np.pad(grey, radius), radius)[radius:-radius, radius:-radius] if radius else grey


def depths(inside: np.ndarray) -> np.ndarray:
    """(height, width) float32: how many pixels it is from each pixel of the mask to the nearest outside of it.

    By squares and diamonds in turn, as in grown, so it is not far from round.
    """
    outside = np.pad(~inside, 1, constant_values=True)
    depth, step = np.zeros(outside.shape, np.float32), 0
    while not outside.all():
        depth += ~outside
        outside = _one_wider(outside, square=_is_square(step))
        step += 1
    return depth[1:-1, 1:-1]


def _is_square(step: int) -> bool:
    """Two squares to three diamonds are as wide along the diagonal as along the sides."""
    return step % 5 in (1, 3)


def _one_wider(grey: np.ndarray, *, square: bool) -> np.ndarray:
    """The largest of each pixel and those beside it, also by a corner where it is a square."""
    wider = grey.copy()
    np.maximum(wider[:, 1:], grey[:, :-1], out=wider[:, 1:])
    np.maximum(wider[:, :-1], grey[:, 1:], out=wider[:, :-1])
    if square:
        grey = wider.copy()
    np.maximum(wider[1:], grey[:-1], out=wider[1:])
    np.maximum(wider[:-1], grey[1:], out=wider[:-1])
    return wider
