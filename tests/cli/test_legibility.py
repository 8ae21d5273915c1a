"""Which digits nobody could tell: found by readers that have not met them, and left out."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.cli.legibility import FOLDS, legibility, legible, unclear
from explorer.data import digits
from explorer.data.digits import Digits


def test_mislabelled_digits_are_read_least_surely():
    """Thirty of 1,500 digits carry a wrong label. Each reader has learnt some of them by heart, but not those that it
    is asked about.
    """
    pixels, labels = digits.bundled().pixels[:1500], digits.bundled().labels[:1500].copy()
    wrong = np.random.default_rng(0).choice(len(labels), 30, replace=False)
    labels[wrong] = (labels[wrong] + 1 + np.arange(30) % 9) % 10
    taken = []
    certainty = legibility(Digits(pixels, labels), steps=30, progress=lambda: taken.append(1))
    assert (
        certainty.shape == (1500,) and certainty.dtype == np.float32 and certainty.min() >= 0 and certainty.max() <= 1
    )
    assert len(taken) == FOLDS * 30
    assert np.median(certainty) > 0.8
    assert np.isin(wrong, np.argsort(certainty)[:150]).sum() >= 27
    kept = legible(Digits(pixels, labels), certainty, 0.1)
    assert (
        len(kept) == 1350
        and (kept.labels != digits.bundled().labels[:1500][np.sort(np.argsort(certainty, kind="stable")[150:])]).sum()
        <= 3
    )


@pytest.mark.parametrize(("share", "kept"), [(0.0, [0, 1, 2, 3]), (0.25, [0, 2, 3]), (0.5, [0, 3])])
def test_the_least_legible_are_left_out_and_the_others_keep_their_order(share, kept):
    data = Digits(np.arange(4, dtype=np.uint8)[:, None, None].repeat(28, 1).repeat(28, 2), np.arange(4))
    part = legible(data, np.array([0.9, 0.1, 0.3, 0.99], np.float32), share)
    assert part.labels.tolist() == part.pixels[:, 0, 0].tolist() == kept


def test_of_bundled_digits_the_mislabelled_are_unclear():
    """Readers that have learnt other digits find them, each by a part of those."""
    data = Digits(digits.bundled().pixels[:300], digits.bundled().labels[:300].copy())
    data.labels[:10] = (data.labels[:10] + 1) % 10
    met = Digits(digits.bundled().pixels[1000:3000], digits.bundled().labels[1000:3000])
    rows = unclear(data, met, share=0.1, draw=np.random.default_rng(0), each=1000, steps=30)
    assert len(rows) == 30 and rows.dtype == np.uint16 and np.isin(np.arange(10), rows).sum() >= 8
