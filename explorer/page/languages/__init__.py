"""The page's languages: one file for each, named after its code, like zh.json. To add one, add a file.

The code speaks English, and the English text is the key of its translation: {"name": "中文", "texts": {"Loop": "循环",
...}}. {0}, {1} ... in a text stand for its values, which are themselves translated where they are texts of the file.
English needs no file. Sentences with values are made by core.sentences or, in the browser, by `say`, and said in the
viewer's language by the browser (widgets/languages.js), so that the server's answers are the same for everybody; here
only what Gradio shows by itself, such as its notes of mistakes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from explorer.core.sentences import Sentence, Value

FOLDER = Path(__file__).parent
ENGLISH = "en"
LANGUAGE_HEADER = "x-explorer-language"  # of a page's requests: the code of its language


def codes() -> tuple[str, ...]:
    """The languages there are, English first."""
    return ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def _file(code: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))


def name(code: str) -> str:
    """What the language calls itself."""
    return "English" if code == ENGLISH else str(_file(code)["name"])


@cache
def texts(code: str) -> dict[str, str]:
    """English to this language; English to itself. Raises KeyError for a language there is not: a stranger may ask for
    anything.
    """
    if code not in codes():
        raise KeyError(code)
    if code == ENGLISH:
        return {text: text for other in codes()[1:] for text in texts(other)}
    return dict(_file(code)["texts"])


@cache
def dictionary(code: str) -> bytes:
    """`texts` as JSON, for the browser. Raises KeyError."""
    return json.dumps(texts(code), ensure_ascii=False, separators=(",", ":")).encode()


def version(code: str) -> str:
    """A name for the content of a dictionary. Raises KeyError."""
    return hashlib.sha256(dictionary(code)).hexdigest()[:16]


def language_of(request: gr.Request | None) -> str:
    """The language of the page that sent a request; English for programs, and for what no page sends."""
    if request is None or request.request is None:
        return ENGLISH
    code = request.headers.get(LANGUAGE_HEADER, ENGLISH)
    return code if code in codes() else ENGLISH


def said(text: str, code: str) -> str:
    """A text in a language that there is: a Sentence with its values, any other as a whole."""
    words = {} if code == ENGLISH else texts(code)

    def shown(value: Value) -> str:
        if isinstance(value, str):
            return said(value, code)
        return words.get(", ", ", ").join(map(shown, value)) if isinstance(value, Sequence) else str(value)

    if not isinstance(text, Sentence):
        return words.get(text, text)
    return words.get(text.text, text.text).format(*map(shown, text.values))
