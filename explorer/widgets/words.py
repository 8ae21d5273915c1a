"""A sentence with values that change: what gr.Markdown is for texts that stay."""

from __future__ import annotations

from typing import TypedDict

from explorer.widgets.base import Told, Widget, read_template
from explorer.widgets.modules import loader


class WordsValue(TypedDict):
    """One sentence, or several in a row."""

    sentence: Told


class Words(Widget):
    """A paragraph, said in the page's language: a WordsValue."""

    html = read_template("words.html")
    css = read_template("words.css")
    js = loader("words.js")
