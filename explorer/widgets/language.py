"""The switch between languages, and the translation of everything on the page."""

from __future__ import annotations

from typing import TypedDict

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class LanguageValue(TypedDict):
    """The languages' own names, by their codes, English first."""

    names: dict[str, str]


class LanguageSwitch(Widget):
    """Chooses a language: a LanguageValue. Everything that the page says later is said in it (see languages.js)."""

    html = read_template("language.html")
    css = read_template("shared.css", "language.css")
    js = loader("language.js")
