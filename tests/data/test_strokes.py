"""The drawing pad's strokes: what a person drew, whatever the browser; what is no drawing gets a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.data.mnist_style import BadPicture, from_pad
from explorer.data.strokes import MAX_POINTS, SIDE, from_strokes

PEN = 1 / 11
BAR = [[0.3, 0.1], [0.3, 0.9]]


def drawing(*strokes, pen=PEN):
    return {"pen": pen, "strokes": [[list(point) for point in stroke] for stroke in strokes]}


def refusal(value) -> str:
    with pytest.raises(BadPicture) as caught:
        from_pad(value)
    said = str(caught.value)
    assert said and "\n" not in said and len(said) < 200
    return said


def test_a_bar_is_as_wide_and_long_as_it_was_drawn():
    """With round ends, and with soft edges: its area, in shares of the pad's, is w l + pi (w / 2)^2."""
    grey = from_strokes(drawing(BAR))
    assert grey.shape == (SIDE, SIDE) and grey.max() == 255
    assert grey.mean() / 255 == pytest.approx(PEN * 0.8 + np.pi * (PEN / 2) ** 2, rel=0.01)
    rows, columns = np.flatnonzero((grey > 127).any(axis=1)), np.flatnonzero((grey > 127).any(axis=0))
    assert [rows[0], rows[-1] + 1] == pytest.approx([SIDE * (0.1 - PEN / 2), SIDE * (0.9 + PEN / 2)], abs=1)
    assert columns.mean() + 0.5 == pytest.approx(0.3 * SIDE, abs=0.5)
    assert ((grey > 0) & (grey < 255)).any()


@pytest.mark.parametrize("points", [[[0.5, 0.5]], [[0.5, 0.5]] * 2, [[0.5, 0.5]] * 5])
def test_a_dot_is_round(points):
    grey = from_strokes(drawing(points))
    assert grey.mean() / 255 == pytest.approx(np.pi * (PEN / 2) ** 2, rel=0.03)
    assert np.abs(grey.astype(int) - grey.T).max() <= 64 and np.abs(grey.astype(int) - grey[::-1]).max() <= 64


def test_corners_are_curves_from_middle_to_middle():
    """(1 - s)^2 A + 2 s (1 - s) P + s^2 B at s = 1/2 lies on the stroke, the point P itself beside it."""
    grey = from_strokes(drawing([[0.1, 0.9], [0.5, 0.1], [0.9, 0.9]], pen=0.04))
    middle = np.array([0.7, 0.5])
    on = (np.array([0.1, 0.9]) + 2 * np.array([0.5, 0.1]) + middle) / 4
    x, y = (on * SIDE).astype(int)
    assert grey[y, x] > 200 and grey[int(0.1 * SIDE), SIDE // 2] == 0


def test_many_points_draw_the_same_as_few():
    """A slow hand's line is that of a quick one."""
    x = np.linspace(0.2, 0.8, 500)
    slow = from_strokes(drawing(np.stack([x, x], 1).tolist()))
    quick = from_strokes(drawing([[0.2, 0.2], [0.8, 0.8]]))
    assert np.abs(slow.astype(float) - quick).mean() < 1


def test_what_leaves_the_pad_is_cut_off():
    grey = from_strokes(drawing([[0.5, 0.5], [1.8, 0.5]]))
    assert grey[SIDE // 2, -1] == 255 and grey[: SIDE // 3].max() == 0


@pytest.mark.parametrize("scale", [1, 0.5, 0.25])
def test_a_small_drawing_has_mnists_strokes_too(scale):
    """A 7 in a corner of the pad: as large as MNIST's, and no blob."""
    points = np.array([[0.2, 0.2], [0.7, 0.2], [0.7, 0.2], [0.7, 0.2], [0.4, 0.9]]) * scale
    picture = from_pad(drawing(points.tolist()))
    rows = np.flatnonzero((picture > 0).any(axis=1))
    assert len(rows) == 20 and 45 <= (picture > 128).sum() <= 150
    assert picture[20:, 4:8].max() == 0  # below the bar, at its left, there is paper


@pytest.mark.parametrize("value", [None, "", {}, drawing(), drawing([], [])])
def test_an_empty_drawing_is_refused(value):
    assert "empty" in refusal(value)


NAN, INFINITE = float("nan"), float("inf")
ABSURD = {
    "a text": "draw a 7",
    "a list": BAR,
    "pixels": {"pixels": "AAAA", "side": 28},
    "no pen": {"strokes": [BAR]},
    "a pen of text": {"pen": "0.1", "strokes": [BAR]},
    "a pen that is true": {"pen": True, "strokes": [BAR]},
    "a pen of nothing": drawing(BAR, pen=0),
    "a pen below nothing": drawing(BAR, pen=-0.1),
    "a pen that is no number": drawing(BAR, pen=NAN),
    "a pen without end": drawing(BAR, pen=INFINITE),
    "a pen wider than the pad": drawing(BAR, pen=2),
    "strokes of text": {"pen": PEN, "strokes": "up and down"},
    "a stroke of text": {"pen": PEN, "strokes": ["up"]},
    "a stroke that is none": {"pen": PEN, "strokes": [BAR, None]},
    "strokes by name": {"pen": PEN, "strokes": {"0": BAR}},
    "points of text": {"pen": PEN, "strokes": [["ab", "cd"]]},
    "points of one number": {"pen": PEN, "strokes": [[0.1, 0.2]]},
    "points in space": {"pen": PEN, "strokes": [[[0.1, 0.2, 0.3]]]},
    "points of yes and no": {"pen": PEN, "strokes": [[[True, False]]]},
    "points that are none": {"pen": PEN, "strokes": [[None]]},
    "no number": drawing([[0.1, 0.2], [NAN, 0.5]]),
    "without end": drawing([[0.1, 0.2], [-INFINITE, 0.5]]),
    "far away": drawing([[0.5, 0.5], [1e9, 0.5]]),
    "farther than floats reach": drawing([[0.5, 0.5], [10**400, 0.5]]),
    "beside the pad": drawing([[1.5, 0.2], [1.5, 0.8]]),
    "pixels of the screen": drawing([[140, 20], [140, 260]]),
    "a million points": {"pen": PEN, "strokes": [[[0.5, 0.5]] * 1_000_000]},
    "a million strokes": {"pen": PEN, "strokes": [[[0.5, 0.5]]] * 1_000_000},
    "a million empty strokes": {"pen": PEN, "strokes": [[]] * 1_000_000},
}


@pytest.mark.parametrize("what", ABSURD)
def test_absurd_drawings_get_a_sentence(what):
    refusal(ABSURD[what])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


@given(value=st.one_of(JSON, st.fixed_dictionaries({"pen": st.just(PEN) | JSON, "strokes": st.lists(JSON) | JSON})))
def test_whatever_is_not_a_drawing_is_refused(value):
    """Any JSON where a drawing is expected: one sentence."""
    refusal(value)


@settings(max_examples=15)
@given(
    strokes=st.lists(
        st.lists(st.tuples(st.floats(-3, 3), st.floats(0, 1)), min_size=1, max_size=30), min_size=1, max_size=5
    ),
    pen=st.floats(0.01, 0.5),
)
def test_any_strokes_are_a_picture_or_a_sentence(strokes, pen):
    try:
        picture = from_pad(drawing(*strokes, pen=pen))
    except BadPicture as error:
        assert "outside" in str(error) or "faint" in str(error)
    else:
        assert picture.shape == (28, 28) and picture.dtype == np.uint8 and picture.any()


def test_the_longest_drawing_takes_a_moment():
    """As many points as there may be, wherever they lie: the work is bounded."""
    points = np.random.default_rng(0).uniform(-3, 3, (MAX_POINTS, 2))
    assert from_strokes(drawing(points.tolist())).all()
