"""How well each digit of a data set can be read, by readers that have not met it.

A few of MNIST's digits are mislabelled, and more are such that nobody can tell: what is learnt from a seven that looks
like a nine is that sevens may look like nines (Northcutt, Jiang and Chuang 2021, arXiv:1911.00068, find wrong labels in
the same way).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.cli.digit_classifier import train_judge
from explorer.data.digits import Digits

FOLDS = 3
READER_STEPS = 1500  # of 128 digits: nearly five times each reader's 40,000


def legibility(
    data: Digits, *, steps: int = READER_STEPS, seed: int = 0, progress: Callable[[], None] = lambda: None
) -> np.ndarray:
    """(N,) float32 in 0..1: the probability of its own label that each digit gets from a reader which has learnt from
    the other two thirds.

    progress is called after each of the FOLDS * steps steps of learning.
    """
    fold = np.random.default_rng(seed).permutation(len(data)) % FOLDS
    certainty = np.empty(len(data), np.float32)
    for number in range(FOLDS):
        met, new = fold != number, fold == number
        reader = train_judge(data.pixels[met], data.labels[met], steps=steps, seed=seed + number, progress=progress)
        certainty[new] = reader.certainty(data.pixels[new], data.labels[new])
    return certainty


def least_legible(certainty: np.ndarray, share: float) -> np.ndarray:
    """(share * N,): the numbers of the digits that are read least surely, these first; certainty (N,), share 0 to 1."""
    return np.argsort(certainty, kind="stable")[: round(share * len(certainty))]


def legible(data: Digits, certainty: np.ndarray, leave_out: float) -> Digits:
    """The data without the share `leave_out` (0..1, below 1) of its digits that are read least surely; the others keep
    their order.
    """
    left_out = least_legible(certainty, leave_out)
    return Digits(np.delete(data.pixels, left_out, axis=0), np.delete(data.labels, left_out))


def unclear(
    data: Digits,
    met: Digits,
    *,
    share: float,
    draw: np.random.Generator,
    readers: int = 2,
    each: int = 40_000,
    steps: int = READER_STEPS,
    seed: int = 100,
) -> np.ndarray:
    """(share * len(data),) uint16: the numbers of the digits that get the least probability of their own label, the
    least first: on average over several readers, of which each has learnt `each` of other digits, `met`, as drawn.
    """
    certainty = np.zeros(len(data))
    for number in range(readers):
        rows = draw.permutation(len(met))[:each]
        reader = train_judge(met.pixels[rows], met.labels[rows], steps=steps, seed=seed + number)
        certainty += reader.certainty(data.pixels, data.labels) / readers
    return least_legible(certainty, share).astype(np.uint16)
