"""A viewer's own digit: made like MNIST's whatever it came as, and refused in one sentence where there is none."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw

from explorer.data import digits
from explorer.data.mnist_style import MAX_PIXELS, BadPicture, from_upload, like_mnist

greys = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60)), elements=st.one_of(st.just(0), st.integers(0, 255))
)


def enlarged(grey, times):
    return np.kron(grey, np.ones((times, times), np.uint8))


def refusal(act, *arguments) -> str:
    with pytest.raises(BadPicture) as caught:
        act(*arguments)
    said = str(caught.value)
    assert said and "\n" not in said and len(said) < 200
    return said


def sheet(size=(400, 300), paper="white", ink="black"):
    """A 7 on a sheet, away from its middle."""
    image = Image.new("RGB", size, paper)
    ImageDraw.Draw(image).line([(60, 40), (160, 40), (100, 220)], fill=ink, width=24, joint="curve")
    return image


@pytest.fixture
def saved(tmp_path):
    def save(image, name="digit.png", **how):
        image.save(tmp_path / name, **how)
        return tmp_path / name

    return save


SEVEN = like_mnist(255 - np.asarray(sheet().convert("L")))


def difference(a, b) -> float:
    """The mean grey levels between two pictures, after at most one pixel's move: a hair decides how the centre of mass
    is rounded.
    """
    moves = [np.roll(a.astype(int), (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return min(float(np.abs(moved - b).mean()) for moved in moves)


def is_seven(picture) -> bool:
    return difference(picture, SEVEN) < 8


def test_is_seven_tells():
    """The judge of this file's uploads refuses the same digit turned, mirrored, inverted or thinned."""
    assert is_seven(SEVEN)
    for wrong in (SEVEN.T, SEVEN[:, ::-1], SEVEN[::-1], 255 - SEVEN, SEVEN // 2, np.zeros_like(SEVEN)):
        assert not is_seven(wrong)


# ---- as MNIST was made ----


@pytest.mark.parametrize("number", range(0, 10_000, 400))
@pytest.mark.parametrize("times", [1, 5])
def test_mnists_own_digits_come_back(number, times):
    """A real MNIST digit, also enlarged and pushed into a corner, is found again: its size and place are
    already right.
    """
    digit = digits.bundled().pixels[number]
    big = np.pad(enlarged(digit, times), ((0, 90), (40, 0)))
    assert np.array_equal(like_mnist(big), digit)


@given(grey=greys)
def test_any_ink_is_scaled_and_centred(grey):
    """The longer side gets 20 pixels, the aspect ratio stays, nothing is cut off, the centre of mass is MNIST's to half
    a pixel.
    """
    if not grey.any():
        assert "empty" in refusal(like_mnist, grey)
        return
    try:
        picture = like_mnist(grey)
    except BadPicture as error:
        assert "faint" in str(error) and grey.max() < 10 * max(grey.shape)  # a speck or two on a large empty box
        return
    assert picture.shape == (28, 28) and picture.dtype == np.uint8 and picture.any()
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20


@given(width=st.integers(1, 80), height=st.integers(1, 80), level=st.integers(128, 255))
def test_solid_bars(width, height, level):
    """A solid bar: exactly 20 pixels long, the other side in proportion, its grey level kept, centred on MNIST's pixel
    14.
    """
    grey = np.pad(np.full((height, width), level, np.uint8), 7)
    picture = like_mnist(grey)
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    longer = max(width, height)
    assert len(rows) == max(1, round(20 * height / longer)) and len(columns) == max(1, round(20 * width / longer))
    assert set(np.unique(picture)) == {0, level}
    y, x = np.mgrid[0:28, 0:28]
    for axis in (y, x):
        assert abs((picture * axis).sum() / picture.sum(dtype=float) - 14) <= 0.5


@given(grey=greys, top=st.integers(0, 30), left=st.integers(0, 30))
def test_place_does_not_matter(grey, top, left):
    """The same ink elsewhere on a larger sheet gives the same picture."""
    moved = np.pad(grey, ((top, 3), (left, 0)))
    try:
        expected = like_mnist(grey)
    except BadPicture:
        refusal(like_mnist, moved)
    else:
        assert np.array_equal(like_mnist(moved), expected)


# ---- uploads ----


@pytest.mark.parametrize("format", ["png", "jpeg", "gif", "webp", "bmp", "tiff"])
def test_formats(saved, format):
    assert is_seven(from_upload(saved(sheet(), f"digit.{format}")))


@pytest.mark.parametrize(
    "paper, ink", [("white", "black"), ("black", "white"), ("#e8e0c8", "#1a2a6c"), ("#303030", "#c0c0c0")]
)
def test_dark_on_light_and_light_on_dark(saved, paper, ink):
    assert is_seven(from_upload(saved(sheet(paper=paper, ink=ink))))


@pytest.mark.parametrize("ink", ["black", "white", "#224488"])
def test_transparent_ground(saved, ink):
    image = sheet(ink=ink).convert("RGBA")
    mask = sheet().convert("L").point(lambda level: 255 - level)
    image.putalpha(mask)
    assert is_seven(from_upload(saved(image)))


def test_upright_as_the_camera_says(saved):
    """EXIF orientation 6: the file holds the picture turned by 90 degrees."""
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = sheet().transpose(Image.Transpose.ROTATE_90)
    assert is_seven(from_upload(saved(turned, "digit.jpg", exif=exif)))


def test_a_photograph_of_unevenly_lit_paper(saved):
    """Light that falls off to one side by a third, and grain: still the digit, and no corner of the sheet."""
    rng = np.random.default_rng(0)
    grey = np.asarray(sheet().resize((3200, 2400)).convert("L"), float)
    light = np.linspace(0.65, 1, grey.shape[1])[None] * np.linspace(0.9, 1, grey.shape[0])[:, None]
    photo = (40 + grey * 0.75) * light + rng.normal(0, 6, grey.shape)
    path = saved(Image.fromarray(photo.clip(0, 255).astype(np.uint8)), "photo.jpg")
    assert is_seven(from_upload(path))


def test_a_picture_of_an_mnist_digit(saved):
    digit = digits.bundled().pixels[0]
    assert difference(from_upload(saved(Image.fromarray(digit))), digit) < 1


@pytest.mark.parametrize(
    "mode, grey", [("L", 0), ("L", 255), ("RGB", (9, 9, 9)), ("RGBA", (0, 0, 0, 0)), ("1", 1), ("P", 3), ("I;16", 3)]
)
def test_a_picture_of_nothing_is_refused(saved, mode, grey):
    assert "one grey" in refusal(from_upload, saved(Image.new(mode, (64, 64), grey)))


def test_a_single_pixel_is_refused(saved):
    refusal(from_upload, saved(Image.new("L", (1, 1), 200)))


def png_header(width, height):
    """A PNG that claims a size, with next to no data."""
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "PNG")
    import struct
    import zlib

    data = bytearray(buffer.getvalue())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize("width, height", [(100_000, 100_000), (10_000, MAX_PIXELS // 10_000 + 1), (65_000, 10_000)])
def test_huge_pictures_are_not_decoded(tmp_path, width, height):
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(width, height))
    assert "million" in refusal(from_upload, path)


def test_files_over_5_mb_are_refused(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(bytes(5_000_001))
    assert "MB" in refusal(from_upload, path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"II*\x00" + b"\xff" * 64,
    ],
)
def test_what_is_no_picture_is_refused(tmp_path, content):
    path = tmp_path / "digit.png"
    path.write_bytes(content)
    assert "cannot be read" in refusal(from_upload, path)


@given(cut=st.integers(0, 2000), flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4))
def test_damaged_files_are_read_or_refused(tmp_path_factory, cut, flips):
    buffer = io.BytesIO()
    sheet().save(buffer, "PNG")
    data = bytearray(buffer.getvalue()[: max(1, cut)])
    for place, value in flips:
        data[place % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(bytes(data))
    try:
        picture = from_upload(path)
    except BadPicture as error:
        assert "\n" not in str(error)
    else:
        assert picture.shape == (28, 28) and picture.any()


@pytest.mark.parametrize("path", ["nowhere.png", "", "a\0b", "."])
def test_missing_files_are_refused(path):
    refusal(from_upload, path)
