"""Pictures of digits as people have them: whatever lies beside the digit, the digit is what is found."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from explorer.data import digits
from explorer.data.mnist_style import BadPicture, from_picture
from explorer.data.nearest_digits import correlation

LINE = [(60, 40), (160, 40), (100, 220)]


def seven(size=(400, 300), paper="white", ink="black", pen=24, times=1):
    """A 7 on a sheet, away from its middle; times: enlarged before it is drawn."""
    image = Image.new("RGB", (size[0] * times, size[1] * times), paper)
    points = [(x * times, y * times) for x, y in LINE]
    ImageDraw.Draw(image).line(points, fill=ink, width=pen, joint="curve")
    return image


def alike(one, other) -> float:
    """Their correlation, after at most one pixel's move."""
    moves = [np.roll(one, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(correlation(moved, other) for moved in moves)


SEVEN = from_picture(seven())


def is_seven(picture) -> bool:
    return alike(picture, SEVEN) > 0.88 and 50 <= (picture > 128).sum() <= 95 and picture.max() > 240


def test_the_plain_seven():
    """The judge of this file: as many pixels as MNIST's 7s have, and no other picture passes for it."""
    assert 64 <= (SEVEN > 128).sum() <= 74
    for wrong in (SEVEN.T, SEVEN[:, ::-1], SEVEN[::-1], 255 - SEVEN, SEVEN // 3):
        assert not is_seven(wrong)


def drawn_on(image, draw):
    draw(ImageDraw.Draw(image), *image.size)
    return image


def framed(d, w, h, inset, width, ink="black"):
    d.rectangle((inset, inset, w - 1 - inset, h - 1 - inset), outline=ink, width=width)


def level_lines(d, w, h, apart=30, width=1, ink="#888888", lean=0):
    for y in range(apart // 2 - lean, h + lean, apart):
        d.line([(0, y), (w, y + lean)], fill=ink, width=width)


def upright_lines(d, w, h, apart=30, width=1, ink="#888888"):
    for x in range(apart // 2, w, apart):
        d.line([(x, 0), (x, h)], fill=ink, width=width)


BESIDE = {
    "a frame of 4 pixels": lambda d, w, h: framed(d, w, h, 0, 4),
    "a thick frame": lambda d, w, h: framed(d, w, h, 0, 14),
    "a grey frame": lambda d, w, h: framed(d, w, h, 0, 6, "#808080"),
    "a frame further in": lambda d, w, h: framed(d, w, h, 12, 3),
    "a frame far in": lambda d, w, h: framed(d, w, h, 25, 2),
    "two frames": lambda d, w, h: (framed(d, w, h, 4, 2), framed(d, w, h, 12, 1)),
    "a tilted frame": lambda d, w, h: d.line([(4, 14), (w - 14, 4), (w - 5, h - 14), (14, h - 5), (4, 14)], "black", 3),
    "a round frame": lambda d, w, h: d.rounded_rectangle((20, 8, 230, 260), 40, outline="black", width=4),
    "a dot of 8 pixels": lambda d, w, h: d.ellipse((340, 250, 348, 258), fill="black"),
    "a dot close by": lambda d, w, h: d.ellipse((200, 150, 208, 158), fill="black"),
    "many dots": lambda d, w, h: [
        d.ellipse((x, y, x + 7, y + 7), fill="black")
        for x, y in [(9, 9), (380, 20), (300, 280), (20, 270), (250, 100)]
    ],
    "a dot that nobody sees": lambda d, w, h: d.ellipse((340, 250, 348, 258), fill=(254, 254, 254)),
    "a grey corner": lambda d, w, h: d.polygon([(w, h), (w - 80, h), (w, h - 80)], fill="#999999"),
    "a thumb": lambda d, w, h: d.ellipse((w - 60, h - 90, w + 60, h + 60), fill="#c08060"),
    "ruled lines": level_lines,
    "black ruled lines": lambda d, w, h: level_lines(d, w, h, ink="black", width=2),
    "blue ruled lines, narrow": lambda d, w, h: level_lines(d, w, h, apart=18, ink="#9999ff"),
    "leaning lines": lambda d, w, h: level_lines(d, w, h, lean=15),
    "squared paper": lambda d, w, h: (level_lines(d, w, h), upright_lines(d, w, h)),
    "narrow squares": lambda d, w, h: (level_lines(d, w, h, 15), upright_lines(d, w, h, 15)),
    "black squares": lambda d, w, h: (level_lines(d, w, h, ink="black"), upright_lines(d, w, h, ink="black")),
    "lines and a margin": lambda d, w, h: (
        level_lines(d, w, h, ink="#88aaff"), d.line([(30, 0), (30, h)], "#ff8888", 2)
    ),
    "a table's edge": lambda d, w, h: d.rectangle((0, h - 40, w, h), fill="#604020"),
    "a table on two sides": lambda d, w, h: (
        d.rectangle((0, h - 30, w, h), fill="#333333"), d.rectangle((w - 50, 0, w, h), fill="#333333")
    ),
    "a slanted table": lambda d, w, h: d.polygon([(w - 40, 0), (w, 0), (w, h), (w - 110, h)], fill="#705030"),
    "small print": lambda d, w, h: d.text((250, 280), "name: 3b, page 12", fill="black"),
    "a smaller digit": lambda d, w, h: d.line([(300, 200), (300, 270)], fill="black", width=10),
    "holes for a binder": lambda d, w, h: [d.ellipse((6, y, 18, y + 12), fill="#555555") for y in (40, 140, 240)],
    "a stain": lambda d, w, h: d.ellipse((250, 120, 380, 260), fill="#eeddbb"),
}  # fmt: skip


@pytest.mark.parametrize("what", BESIDE)
@pytest.mark.parametrize("inverted", [False, True], ids=["dark ink", "light ink"])
def test_what_lies_beside_the_digit_is_left_out(what, inverted):
    picture = np.asarray(drawn_on(seven(), lambda *where: None))
    beside = drawn_on(Image.new("RGB", (400, 300), "white"), BESIDE[what])
    both = np.minimum(picture, np.asarray(beside))
    assert is_seven(from_picture(Image.fromarray(255 - both if inverted else both)))


def shaded(light, image=None, noise=0.0):
    """A sheet under light, a function of x and y from 0 to 1."""
    grey = np.asarray((image or seven()), float) * 0.8 + 30
    y, x = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]]
    lit = grey * light(x / grey.shape[1], y / grey.shape[0])[..., None]
    lit = lit + np.random.default_rng(0).normal(0, noise, lit.shape) if noise else lit
    return Image.fromarray(lit.clip(0, 255).round().astype(np.uint8))


LIGHT = {
    "from the left": lambda x, y: 0.4 + 0.6 * (1 - x),
    "from below": lambda x, y: 0.5 + 0.5 * y,
    "a vignette": lambda x, y: 1 - 1.2 * ((x - 0.5) ** 2 + (y - 0.5) ** 2),
    "a lamp in a corner": lambda x, y: 0.4 + 0.6 * np.exp(-3 * (x**2 + y**2)),
    "a sharp shadow": lambda x, y: np.where(x + 0.3 * y < 0.35, 0.55, 1.0),
    "a shadow across": lambda x, y: np.where(y > 0.4, 0.6, 1.0),
    "a soft shadow": lambda x, y: 0.5 + 0.5 / (1 + np.exp((x - y) * 12)),
    "blinds": lambda x, y: 0.85 + 0.15 * np.sin(20 * y + 5 * x),
}


@pytest.mark.parametrize("what", LIGHT)
@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_light_does_not_matter(what, noise):
    assert is_seven(from_picture(shaded(LIGHT[what], noise=noise)))


@pytest.mark.parametrize(
    "times, pen, size",
    [(12, 18, (250, 188)), (1, 3, (500, 400)), (4, 6, (400, 300)),
     (8, 30, (400, 300)), (1, 5, (400, 300)), (2, 14, (400, 300))],
)  # fmt: skip
def test_thin_pens_become_as_thick_as_mnists(times, pen, size):
    picture = from_picture(seven(size, pen=pen, times=times))
    assert alike(picture, SEVEN) > 0.9 and picture.max() > 240 and 50 <= (picture > 128).sum() <= 95


def test_a_thick_marker_is_a_seven_too():
    picture = from_picture(seven(pen=56))
    assert alike(picture, SEVEN) > 0.75 and (picture > 128).sum() < 150


@pytest.mark.parametrize(
    "paper, ink",
    [("#f0f0f0", "#c8c8c8"), ("#e8e0c8", "#1a2a6c"), ("white", "#ffeb3c"), ("#ff0000", "#0000ff"),
     ("#00a000", "#c04000"), ("#203028", "#e0e0d8"), ("#303030", "#505050"),
     ("#ffd0d0", "#d0ffd0"), ("#ffffff", "#e8e8ff")],
)  # fmt: skip
def test_faint_and_coloured_ink(paper, ink):
    assert is_seven(from_picture(seven(paper=paper, ink=ink)))


@pytest.mark.parametrize("noise", [5, 15, 30])
def test_noise(noise):
    grain = np.random.default_rng(0).normal(0, noise, (300, 400, 3))
    noisy = np.asarray(seven(paper="#dddddd", ink="#333333"), float) + grain
    assert is_seven(from_picture(Image.fromarray(noisy.clip(0, 255).astype(np.uint8))))


def test_salt_and_pepper():
    grey, chance = np.asarray(seven().convert("L")).copy(), np.random.default_rng(0).random((300, 400))
    grey[chance < 0.01], grey[chance > 0.99] = 0, 255
    assert alike(from_picture(Image.fromarray(grey)), SEVEN) > 0.9


@pytest.mark.parametrize("number", range(0, 10_000, 800))
def test_mnists_digits_on_paper_come_back(number):
    """Enlarged ten times, on a sheet lit from one side, with grain, and dark on light as well."""
    digit = digits.bundled().pixels[number]
    big = np.asarray(Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC), float)
    sheet = np.pad(big, ((60, 100), (150, 40)))
    light = np.linspace(0.6, 1, sheet.shape[1])[None]
    photo = (235 - 0.75 * sheet) * light + np.random.default_rng(number).normal(0, 3, sheet.shape)
    assert alike(from_picture(Image.fromarray(photo.clip(0, 255).astype(np.uint8))), digit) > 0.9
    assert alike(from_picture(Image.fromarray(sheet.round().astype(np.uint8))), digit) > 0.93


def test_broken_strokes_stay_whole():
    """A 5 whose bar does not touch, and a 4 of two strokes."""
    five = Image.new("L", (300, 300), 255)
    d = ImageDraw.Draw(five)
    d.line([(100, 70), (95, 140), (150, 135), (180, 180), (140, 230), (90, 225)], fill=0, width=14, joint="curve")
    rows = np.ptp(np.flatnonzero((from_picture(five) > 128).any(axis=1)))
    d.line([(118, 48), (190, 42)], fill=0, width=14)
    whole = from_picture(five)
    assert rows == 19 and (whole[4:7] > 128).sum() >= 5 and np.ptp(np.flatnonzero(whole.any(axis=1))) == 19


def test_of_two_digits_the_larger():
    image = seven((500, 300))
    ImageDraw.Draw(image).line([(400, 120), (400, 230)], fill="black", width=20)
    assert is_seven(from_picture(image))


@pytest.mark.parametrize(
    "what", ["ruled lines", "squared paper", "narrow squares", "a dot that nobody sees", "a frame of 4 pixels"]
)
def test_an_empty_page_gets_a_sentence(what):
    page = drawn_on(Image.new("RGB", (400, 300), "white"), BESIDE[what])
    with pytest.raises(BadPicture) as caught:
        from_picture(page)
    assert "\n" not in str(caught.value)


def test_only_grain_is_no_digit():
    grain = np.random.default_rng(0).normal(200, 8, (300, 400)).clip(0, 255).astype(np.uint8)
    with pytest.raises(BadPicture):
        from_picture(Image.fromarray(grain))
