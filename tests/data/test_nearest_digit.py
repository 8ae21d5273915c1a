"""The nearest real digit: found, measured, and compared with how near real digits are to each other."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.data import digits
from explorer.data.nearest_digits import nearest_digit, usual_distance


def test_a_bundled_digit_is_at_no_distance_from_itself():
    """Exactly 0, for thin and for bold digits."""
    for number in (0, 1, 4321, 9999):
        found = nearest_digit(digits.bundled().pixels[number])
        assert (found.number, found.label, found.distance) == (number, digits.bundled().labels[number], 0)


def test_the_distance_is_the_root_of_the_mean_square():
    """Against the definition, for every digit: none is nearer than the one that is found."""
    picture = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    difference = digits.bundled().pixels.astype(np.float64) - picture
    distance = np.sqrt(np.square(difference).mean(axis=(1, 2))) / 255
    found = nearest_digit(picture)
    assert found.number == distance.argmin() and found.distance == pytest.approx(distance.min(), abs=1e-5)


def test_how_near_real_digits_are_to_each_other():
    """Ordered, above 0, and a digit of another class is farther away than most."""
    few, half, most = usual_distance()
    assert 0.03 < few < half < most < 0.4
