"""Pictures in a row with signs between them and one sentence under them: sums, befores and afters."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class Tiles(Widget):
    """A row of captioned pictures.

    value = {
        "tiles": [{
            "sign": str,       what stands before it, such as "+"; "" for nothing
            "name": str,       short, such as "xₜ"
            "note": str,       a few words
            "n": int,          pictures in it, 0 to 16; 0 is an empty place, for what is still to come
            "data": str,       base64 of uint8 (n, 28, 28)
        }],
        "sentence": str,       what there is to see
    }
    """

    html = read_template("tiles.html")
    css = read_template("shared.css", "tiles.css")
    js = loader("tiles.js")
