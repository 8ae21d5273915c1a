"""Pictures in a row with signs between them and one sentence under them: sums, befores and afters."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.device_job import RescueJob
from explorer.widgets.modules import loader
from explorer.widgets.tile import Tile


class TilesValue(TypedDict):
    """A row of them."""

    tiles: list[Tile]
    sentence: Told  # what there is to see
    device: NotRequired[RescueJob]  # the viewer's device is to compute the last one


class Tiles(Widget):
    """A row of captioned pictures: a TilesValue.

    With a job it asks by the event `take_over`, with a TakeOver, for what its device cannot make, and the page gives it
    `server_functions=[likeness]`: see Likeness.
    """

    html = read_template("tiles.html")
    css = read_template("shared.css", "tiles.css")
    js = loader("tiles.js", ("take_over",))
