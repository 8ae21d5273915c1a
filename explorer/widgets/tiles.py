"""Pictures in a row with signs between them and one sentence under them: sums, befores and afters."""

from __future__ import annotations

from typing import TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.modules import loader


class Tile(TypedDict):
    """A captioned picture, or its empty place."""

    sign: str  # what stands before it, such as "+"; "" for nothing
    name: Told  # short, such as "xₜ"
    note: Told  # a few words
    n: int  # pictures in it, 0 to 16; 0 is an empty place, for what is still to come
    data: str  # base64 of uint8 (n, 28, 28)


class TilesValue(TypedDict):
    """A row of them."""

    tiles: list[Tile]
    sentence: Told  # what there is to see


class Tiles(Widget):
    """A row of captioned pictures: a TilesValue."""

    html = read_template("tiles.html")
    css = read_template("shared.css", "tiles.css")
    js = loader("tiles.js")
