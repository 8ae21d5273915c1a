"""The switch between languages, and the translation of everything on the page."""

from __future__ import annotations

from explorer.widgets.base import Widget, read_template
from explorer.widgets.modules import loader


class LanguageSwitch(Widget):
    """Chooses a language: the one chosen before, else the browser's, else English; lang= in the address overrides both.

    value = {"names": {code: str}}, English first. The page gives it `server_functions=[dictionary]`: dictionary(code)
    -> {English: str}.
    """

    html = read_template("language.html")
    css = read_template("shared.css", "language.css")
    js = loader("language.js")
