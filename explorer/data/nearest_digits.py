"""What digit does a picture look like? The real digits most like it vote: no network judges another here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from explorer.data import digits

VOTES = 9  # of the nearest neighbours; odd, so that two digits seldom tie


@dataclass(frozen=True)
class Reading:
    """label: the digit with the most votes, 0 to 9; votes: how many of the VOTES it had."""

    label: int
    votes: int


def nearest_digits(pictures: np.ndarray) -> list[Reading]:
    """How the VOTES most similar of the 10,000 bundled digits read each picture; (N, 28, 28) uint8. Similar: by
    correlation.
    """
    alike = _normalised(pictures) @ _bundled().T  # (N, 10000)
    nearest = np.argpartition(-alike, VOTES, axis=1)[:, :VOTES]
    counts = [np.bincount(digits.bundled().labels[row], minlength=10) for row in nearest]
    return [Reading(int(count.argmax()), int(count.max())) for count in counts]


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's correlation of two pictures' grey levels, (28, 28) uint8 each: 1 for the same picture, about 0 for
    unrelated ones.
    """
    return float(_normalised(one[None])[0] @ _normalised(other[None])[0])


def likeness(pictures: np.ndarray) -> np.ndarray:
    """(N,) floats: the correlation of each picture, (N, 28, 28) uint8, with the real digit that is most like it."""
    return (_some() @ _normalised(pictures).T).max(axis=0)


@cache
def _some() -> np.ndarray:
    """A fifth of the digits: enough for a likeness, and read in a moment."""
    return _normalised(digits.bundled().pixels[::5])


@cache
def _bundled() -> np.ndarray:
    return _normalised(digits.bundled().pixels)


def _normalised(pictures: np.ndarray) -> np.ndarray:
    """(N, 784) float32, each row with mean 0 and length 1 (a picture of one grey stays 0)."""
    rows = pictures.reshape(len(pictures), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


# ---- is it a copy? -----------------------------------------------------------------------------------------------

SAMPLE = 200  # real digits that are measured for how near real digits are to each other


@dataclass(frozen=True)
class Nearest:
    """number: of the bundled digit that is nearest; label: its class; distance: the root of the mean squared difference
    of the pixels, 0 for the same picture and 1 for black against white.
    """

    number: int
    label: int
    distance: float


def nearest_digit(picture: np.ndarray) -> Nearest:
    """The one of the 10,000 bundled digits that differs least from a picture, (28, 28) uint8."""
    known = digits.bundled()
    distance = _distances(picture[None])[0]
    number = int(distance.argmin())
    return Nearest(number, int(known.labels[number]), float(distance[number]))


@cache
def usual_distance() -> tuple[float, float, float]:
    """How far real digits are from the nearest other one: a tenth are nearer than the first number, half than the
    second, and all but a tenth than the third. Measured on SAMPLE of them.
    """
    numbers = np.arange(0, len(digits.bundled()), len(digits.bundled()) // SAMPLE)
    distance = _distances(digits.bundled().pixels[numbers])
    distance[np.arange(len(numbers)), numbers] = np.inf  # not the digit itself
    few, half, most = np.quantile(distance.min(axis=1), (0.1, 0.5, 0.9))
    return float(few), float(half), float(most)


def _distances(pictures: np.ndarray) -> np.ndarray:
    """(N, 10000): the distance, as of Nearest, of each picture, (N, 28, 28) uint8, from each bundled digit. The squares
    are whole numbers that float32 holds, so equal pictures are at 0.
    """
    a = pictures.reshape(len(pictures), -1).astype(np.float32)
    b = digits.bundled().pixels.reshape(-1, a.shape[1]).astype(np.float32)
    squares = np.square(a, dtype=np.float64).sum(axis=1)[:, None] + np.square(b).sum(axis=1, dtype=np.float64)
    squared = squares - 2 * (a @ b.T).astype(np.float64)
    return np.sqrt(np.maximum(squared, 0) / a.shape[1]) / 255
