"""One of the pictures in a row, see tiles.py."""

from __future__ import annotations

from typing import TypedDict

from explorer.widgets.base import Told


class Tile(TypedDict):
    """A captioned picture, or its empty place."""

    sign: str  # what stands before it, such as "+"; "" for nothing
    name: Told  # short, such as "xₜ"
    note: Told  # a few words
    n: int  # pictures in it, 0 to 16; 0 is an empty place, for what is still to come
    data: str  # base64 of uint8 (n, 28, 28)
