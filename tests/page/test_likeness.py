"""What real digits say of pictures that come from a browser, whatever it sends."""

from __future__ import annotations

import pytest

from explorer.data import digits
from explorer.data.pixels import to_base64
from explorer.page.likeness import likeness

DIGITS = digits.bundled().pixels


def test_pictures_are_compared_with_real_digits_and_with_each_other():
    found = likeness({"pictures": to_base64(DIGITS[[5, 9]])})
    assert found is not None and (found["nearest"]["number"], found["nearest"]["distance"]) == (5, 0.0)
    assert found["nearest"]["data"] == to_base64(DIGITS[5])
    assert [reading["label"] for reading in found["readings"]] == digits.bundled().labels[[5, 9]].tolist()
    assert found["correlations"][0][0] == pytest.approx(1) and found["correlations"][0][1] < 0.9
    assert found["usual"] == sorted(found["usual"]) and len(found["usual"]) == 3


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "pictures",
        {},
        {"pictures": None},
        {"pictures": 7},
        {"pictures": ""},
        {"pictures": "****"},
        {"pictures": to_base64(DIGITS[0, :27])},
        {"pictures": to_base64(DIGITS[:19])},
        {"pictures": "A" * 10**7},
        {"pictures": "é" * 784},
    ],
    ids=lambda asked: repr(asked)[:30],
)
def test_what_no_player_sends_gets_no_answer(asked):
    assert likeness(asked) is None
