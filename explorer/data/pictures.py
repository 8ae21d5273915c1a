"""The clean picture x_0 that a viewer noises: a real digit, one of their own, or something that is no digit at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from explorer.core.sampling import NULL_LABEL as UNLABELLED
from explorer.core.sentences import Sentence
from explorer.data import digits, mnist_style
from explorer.data.pixels import to_images, to_pixels


@dataclass(frozen=True)
class Picture:
    """A clean picture of 28 x 28 pixels and what is known about it.

    grey: 28 * 28 grey levels, row by row, 0 the ground and 255 the ink; label: the digit that it shows, UNLABELLED
    where nobody has said; caption: one line about it; example: which bundled digit of its class it is, where it is one.
    """

    grey: bytes
    label: int
    caption: str
    example: int | None = None

    def pixels(self) -> np.ndarray:
        """(28, 28) uint8."""
        return np.frombuffer(self.grey, np.uint8).reshape(28, 28)

    def image(self) -> Tensor:
        """(1, 28, 28) float32 in [-1, 1]."""
        return to_images(self.pixels()[None])[0]


def digit(label: int, example: int) -> Picture:
    """The example-th bundled digit of a class, counted around. Raises ValueError unless 0 <= label <= 9."""
    data = digits.bundled()
    members = data.of_class(label)
    example %= len(members)
    number = int(members[example])
    return Picture(
        data.pixels[number].tobytes(),
        label,
        Sentence("a real {0}, MNIST test digit number {1}", label, number),
        example,
    )


def position(picture: Picture) -> int | None:
    """The number of a bundled digit among all of them; None for a picture that is none."""
    if picture.example is None:
        return None
    return int(digits.bundled().of_class(picture.label)[picture.example])


def drawn(value: object) -> Picture:
    """The drawing pad's value. Raises BadPicture."""
    return Picture(
        mnist_style.from_pad(value).tobytes(), UNLABELLED, "your drawing, scaled and centred like MNIST's digits"
    )


def uploaded(path: str) -> Picture:
    """A picture file. Raises BadPicture."""
    return found(mnist_style.from_upload(path))


def found(pixels: np.ndarray) -> Picture:
    """The digit that was found in a picture file, (28, 28) uint8."""
    return Picture(pixels.tobytes(), UNLABELLED, "your picture, scaled and centred like MNIST's digits")


def no_digit(name: object) -> Picture:
    """One of NO_DIGITS, by its name. Raises BadPicture for another."""
    if not isinstance(name, str) or name not in NO_DIGITS:
        raise mnist_style.BadPicture(Sentence("choose one of {0}", tuple(NO_DIGITS)))
    return Picture(
        NO_DIGITS[name]().tobytes(), UNLABELLED, Sentence("{0}: the network has never seen such a picture", name)
    )


def _checkerboard() -> np.ndarray:
    y, x = np.mgrid[0:28, 0:28] // 4
    return ((x + y) % 2 * 255).astype(np.uint8)


def _smiley() -> np.ndarray:
    y, x = np.mgrid[0:28, 0:28] - 13.5
    radius = np.hypot(x, y)
    mouth = (abs(radius - 6) < 1) & (y > 1.5)
    eyes = np.hypot(abs(x) - 3.5, y + 3) < 1.5
    return (((abs(radius - 10) < 1.1) | mouth | eyes) * 255).astype(np.uint8)


def _noise() -> np.ndarray:
    return to_pixels(Tensor(np.random.default_rng(0).normal(size=(28, 28))))


def _nothing() -> np.ndarray:
    return np.zeros((28, 28), np.uint8)


NO_DIGITS: dict[str, Callable[[], np.ndarray]] = {
    "a checkerboard": _checkerboard,
    "a smiley": _smiley,
    "noise": _noise,
    "nothing": _nothing,
}
