"""The page's last line: how many are looking on, and how busy the server is."""

from __future__ import annotations

from typing import TypedDict

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class Pulse(TypedDict):
    """How the server is."""

    viewers: int
    films: int
    waiting: int
    picture_steps_per_second: float
    trainings: int


class StatusLine(Widget):
    """One line about the server, asked for every few seconds while the page is looked at. It has no value.

    The page gives it `server_functions=[pulse]`: pulse(page) -> Pulse; page: a random name, the same each time.
    """

    html = read_template("status_line.html")
    css = read_template("shared.css", "status_line.css")
    js = loader("status_line.js")
