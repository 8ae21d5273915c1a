"""More pictures as people have them: neighbours of those in test_picture_of_a_digit.py, one or more of each kind."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from explorer.data.mnist_style import BadPicture, from_picture, made_of
from tests.data.test_picture_of_a_digit import (
    LIGHT,
    SEVEN,
    alike,
    framed,
    is_seven,
    level_lines,
    seven,
    shaded,
    upright_lines,
)

SHEET = seven()


def on_sheet(draw, image=SHEET):
    """The darker of the picture and of what is drawn beside it."""
    beside = Image.new("RGB", image.size, "white")
    draw(ImageDraw.Draw(beside), *image.size)
    return Image.fromarray(np.minimum(np.asarray(image), np.asarray(beside)))


def squares(d, w, h, **how):
    level_lines(d, w, h, **how)
    upright_lines(d, w, h, **{name: value for name, value in how.items() if name != "lean"})


def dot(d, x, y, radius, ink):
    d.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)


def on_table(colour, size=(1200, 900), place=(420, 330)):
    table = Image.new("RGB", size, colour)
    table.paste(SHEET, place)
    return table


def padded(image, *sides, level=0):
    return Image.fromarray(np.pad(np.asarray(image), (*sides, (0, 0)), constant_values=level))


PICTURES = {
    "two thick frames": lambda: on_sheet(lambda d, w, h: (framed(d, w, h, 0, 10), framed(d, w, h, 18, 6))),
    "a dotted frame": lambda: on_sheet(
        lambda d, w, h: [dot(d, x, y, 2, "black") for x in range(6, w - 8, 14) for y in (6, h - 12)]
    ),
    "a frame that is open at the top": lambda: on_sheet(
        lambda d, w, h: d.line([(5, 0), (5, h - 6), (w - 6, h - 6), (w - 6, 0)], "black", 5)
    ),
    "a frame close by": lambda: on_sheet(lambda d, w, h: d.rectangle((30, 12, 215, 250), outline="black", width=3)),
    "a screenshot's black bars": lambda: padded(SHEET, (120, 120), (0, 0)),
    "a scan's white rim": lambda: padded(seven(paper="#cccccc"), (12, 12), (12, 12), level=255),
    "wide black lines": lambda: on_sheet(lambda d, w, h: level_lines(d, w, h, 100, 2, "black")),
    "thick blue lines": lambda: on_sheet(lambda d, w, h: level_lines(d, w, h, width=4, ink="#99aadd")),
    "lines out of focus": lambda: on_sheet(
        lambda d, w, h: level_lines(d, w, h, width=2, ink="#7788bb")
    ).filter(ImageFilter.GaussianBlur(1.5)),
    "leaning red squares": lambda: on_sheet(lambda d, w, h: squares(d, w, h, apart=25, ink="#ff8888", lean=12)),
    "squares on the slant": lambda: on_sheet(
        lambda d, w, h: [d.line([(x - 200, -100), (x + 200, 500)], "#8888cc", 1) for x in range(-400, 800, 30)]
    ),
    "squares in a photo": lambda: shaded(LIGHT["a vignette"], on_sheet(squares), noise=3.0),
    "dotted paper": lambda: on_sheet(
        lambda d, w, h: [dot(d, x, y, 3, "#888888") for x in range(10, w, 25) for y in range(10, h, 25)]
    ),
    "a hair": lambda: on_sheet(lambda d, w, h: d.line([(250, 30), (280, 90), (300, 200), (290, 280)], "#666666", 1)),
    "a blot": lambda: on_sheet(lambda d, w, h: d.ellipse((370, 140, 390, 160), fill="black")),
    "dark grey on grey": lambda: seven(paper="#404040", ink="#585858"),
    "black on black": lambda: seven(paper="#101010", ink="#202020"),
    "red on blue": lambda: seven(paper="#000080", ink="#ff0000"),
    "yellow on white": lambda: seven(paper="#ffffff", ink="#ffff00"),
    "green and blue, as light as each other": lambda: seven(paper="#b0c4de", ink="#b0dec4"),
    "a hand's shadow": lambda: shaded(lambda x, y: np.where(np.hypot(x - 0.8, y - 0.9) < 0.39, 0.5, 1.0), noise=3.0),
    "nearly dark": lambda: shaded(lambda x, y: 0.15 + 0.85 * x, noise=2.0),
    "a flash": lambda: shaded(lambda x, y: 0.35 + 0.9 * np.exp(-8 * ((x - 0.3) ** 2 + (y - 0.4) ** 2)), noise=3.0),
    "a sheet on a table": lambda: on_table("#5a4632"),
    "a crooked sheet on a table": lambda: on_sheet(
        lambda d, w, h: d.polygon(
            [(0, 0), (w, 0), (w, h), (0, h), (0, 0), (25, 20), (15, h - 25), (w - 30, h - 12), (w - 20, 28), (25, 20)],
            fill="#50402e",
        )
    ),
    "a small digit on a large sheet": lambda: on_table("white"),
    "chalk": lambda: shaded(LIGHT["a vignette"], seven(paper="#2a3a30", ink="#e8e8e0"), noise=8.0),
    "cut close to the ink": lambda: SHEET.crop((48, 28, 172, 232)),
    "cut close at three sides": lambda: SHEET.crop((50, 20, 180, 235)),
    "40 x 30": lambda: SHEET.resize((40, 30), Image.Resampling.BOX),
    "16 x 12": lambda: SHEET.resize((16, 12), Image.Resampling.BOX),
    "out of focus": lambda: SHEET.filter(ImageFilter.GaussianBlur(5)),
    "12 million pixels": lambda: SHEET.resize((4000, 3000), Image.Resampling.NEAREST),
}  # fmt: skip


@pytest.mark.parametrize("what", PICTURES)
def test_the_digit_that_a_person_sees(what):
    assert is_seven(from_picture(PICTURES[what]()))


def test_a_picture_of_8_x_8_pixels():
    """As scikit-learn's digits are: a pixel of the file stays one."""
    levels = np.zeros((8, 8), np.uint8)
    levels[1, 1:6] = levels[2, 5] = levels[3, 4] = levels[4, 4] = levels[5, 3] = levels[6, 3] = 255
    for picture in (levels, 255 - levels):
        assert alike(from_picture(Image.fromarray(picture)), SEVEN) > 0.6


@pytest.mark.parametrize("right", [(), (400, 60, 520, 60, 430, 150, 530, 220, 420, 250), (440, 40, 440, 240)])
def test_several_digits_are_told(right):
    """Beside the 7 there is nothing, or a 3, or a 1: one of them is made, and the others are told."""
    image = Image.new("RGB", (600, 300), "white")
    image.paste(SHEET)
    if right:
        ImageDraw.Draw(image).line(
            [(420, 60) if len(right) == 8 else right[:2], *zip(right[::2], right[1::2])], "black", 22
        )
    made = made_of(image)
    assert made.others == bool(right) and made.dark
    parts = [image.crop((0, 0, 300, 300)), image.crop((300, 0, 600, 300))]
    assert max(alike(made.pixels, from_picture(part)) for part in parts[: 1 + bool(right)]) > 0.95


def test_dark_and_light_ink_can_be_told():
    """The other way round something else is found, or nothing."""
    assert made_of(SHEET).dark and not made_of(Image.fromarray(255 - np.asarray(SHEET))).dark
    assert is_seven(made_of(SHEET, dark=True).pixels)
    assert not is_seven(made_of(SHEET, dark=False).pixels)
    white_on_grey = seven(paper="#808080", ink="#ffffff")
    with pytest.raises(BadPicture):
        made_of(white_on_grey.crop((0, 0, 40, 300)), dark=True)
