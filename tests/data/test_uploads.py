"""An upload's part and ink as a viewer chooses them; how many decoded pictures are kept."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from explorer.data import uploads
from explorer.data.mnist_style import BadPicture
from explorer.data.uploads import Choice, Uploads
from tests.data.test_picture_of_a_digit import is_seven, seven

NAN = float("nan")


def test_the_whole_picture_is_the_first_choice():
    assert Choice.checked({"part": [0, 0, 1, 1], "ink": ""}) == Choice()
    assert is_seven(Choice().of(seven()).pixels)


def test_a_part_of_it():
    """Of two sevens, one on light and one on dark paper, either."""
    image = Image.new("RGB", (800, 300))
    image.paste(seven())
    image.paste(Image.fromarray(255 - np.asarray(seven())), (400, 0))
    for left, dark in ((0, True), (0.5, False)):
        made = Choice.checked({"part": [left, 0.0, left + 0.5, 1.0], "ink": ""}).of(image)
        assert is_seven(made.pixels) and made.dark == dark
    assert Choice((0, 0, 0.5, 1), dark=False).of(image).dark is False


ABSURD = [
    None, "", [], {}, {"part": None, "ink": ""}, {"part": [0, 0, 1], "ink": ""}, {"part": [0, 0, 1, 1]},
    {"part": [0, 0, 1, 1], "ink": "red"}, {"part": [0, 0, 1, 1], "ink": None}, {"part": [0, 0, 1, 1], "ink": []},
    {"part": ["0", 0, 1, 1], "ink": ""}, {"part": [True, 0, 1, 1], "ink": ""}, {"part": "0011", "ink": ""},
    *({"part": part, "ink": ""} for part in (
        [0, 0, NAN, 1], [NAN, NAN, NAN, NAN], [0, 0, float("inf"), 1], [1, 0, 0, 1], [0.5, 0, 0.5, 1], [0, 0, 0.01, 1],
        [-0.1, 0, 1, 1], [0, 0, 1, 1.1], [0, 0, 10**400, 1], [0] * 100_000,
    )),
]  # fmt: skip


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: repr(value)[:40])
def test_absurd_choices_get_a_sentence(value):
    with pytest.raises(BadPicture) as caught:
        Choice.checked(value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (8, 8), (400, 2)])
def test_the_smallest_parts_of_the_smallest_pictures(size):
    with pytest.raises(BadPicture):
        Choice((0.5, 0.5, 0.52, 0.52)).of(Image.new("L", size, 200))


def test_decoded_pictures_are_kept_up_to_a_limit(tmp_path, monkeypatch):
    """Three of 120 kB where two have room: the one that was not used for longest is read again."""
    read = []
    monkeypatch.setattr(uploads, "read_picture", lambda path: read.append(path) or Image.new("RGB", (200, 200)))
    paths = [str(tmp_path / name) for name in "abc"]
    for path in paths:
        (tmp_path / path).write_bytes(b"a picture")
    kept = Uploads(most_bytes=250_000)
    for path in (0, 1, 0, 2, 0, 1):
        assert kept.picture(paths[path]).size == (200, 200)
    assert [paths.index(path) for path in read] == [0, 1, 2, 1]


@pytest.mark.parametrize("path", ["", "nowhere.png", "a\0b", None])
def test_a_file_that_is_gone_gets_a_sentence(path):
    with pytest.raises(BadPicture, match="upload it again"):
        Uploads().picture(path)


def test_what_is_shown_is_small():
    image = Image.open(io.BytesIO(base64.b64decode(uploads.shown(seven((400, 300), times=5)))))
    assert image.size == (uploads.SHOWN_SIDE, uploads.SHOWN_SIDE * 3 // 4) and image.format == "JPEG"
    tiny = Image.open(io.BytesIO(base64.b64decode(uploads.shown(Image.new("L", (8, 8))))))
    assert tiny.size == (8, 8)
