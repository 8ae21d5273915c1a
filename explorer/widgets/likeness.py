"""What real digits say of pictures that a viewer's device has made."""

from __future__ import annotations

from typing import TypedDict


class DigitReading(TypedDict):
    """The digit that a picture looks like."""

    label: int
    votes: int  # of the nearest real digits


class NearestDigit(TypedDict):
    """The real digit that differs least from a picture."""

    number: int
    label: int
    distance: float  # 0 for the same picture, 1 for black against white
    data: str  # base64 of 784 grey levels


class Likeness(TypedDict):
    """The answer of the server function `likeness` to {"pictures": base64 of uint8 (n, 784)}, n from 1 to 16."""

    readings: list[DigitReading]  # of each picture
    votes: int  # that there are
    correlations: list[list[float]]  # of each picture with each
    nearest: NearestDigit  # to the first of them
    usual: list[float]  # distance of real digits from the nearest other one: of a tenth, of half, of all but a tenth
