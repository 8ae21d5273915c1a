"""The page's languages: one file for each, named after its code, like zh.json. To add one, add a file.

The code speaks English, and the English sentence is the key of its translation:
{"name": "中文", "texts": {"Loop": "循环", ...}}. {0}, {1} ... stand for what varies; that is itself translated where it
is a text of the file. English needs no file. The browser translates (widgets/language.js), so that the
server's answers are the same for everybody.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ENGLISH = "en"


def codes() -> tuple[str, ...]:
    """The languages there are, English first."""
    return ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def _file(code: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))


def name(code: str) -> str:
    """What the language calls itself."""
    return "English" if code == ENGLISH else str(_file(code)["name"])


def texts(code: str) -> dict[str, str]:
    """English to this language; English to itself. Raises KeyError for a language there is not: a stranger may ask for
    anything.
    """
    if code not in codes():
        raise KeyError(code)
    if code == ENGLISH:
        return {text: text for other in codes()[1:] for text in texts(other)}
    return dict(_file(code)["texts"])
