"""Every text that the page may say, as it stands in the code: in Python, in JavaScript, in HTML and on controls."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import gradio as gr

EXPLORER = Path(__file__).parents[2] / "explorer"
UNSEEN = (
    "cli",
    "serving/cluster",
    "data/arrived.py",
    "page/options.py",
    "page/startup.py",
)  # nothing of a viewer's page
# What people can do wrong: what these are raised with is shown on the page.
MISTAKES = {
    "InvalidSetting",
    "BadPicture",
    "Refused",
    "FilmFailed",
    "TrainingRefused",
    "CheckpointError",
    "TrainingDiverged",
    "ClassRefused",
    "NoClass",
    "NotTheLeader",
    "TooMany",
}
SETTINGS = {"Whole", "Real", "Choice", "Subset"}  # whose first argument is the setting's name
# The first argument of say(...), a string or several joined by +, and the beginning of what follows it.
SAY = re.compile(r'\bsay\(\s*("(?:[^"\\]|\\.)*"(?:\s*\+\s*"(?:[^"\\]|\\.)*")*)\s*([,)])', re.DOTALL)
LETTERS = re.compile(r"[A-Za-z]{3,}")
SHOWN_ATTRIBUTES = {"aria-label", "aria-roledescription", "title", "placeholder", "alt"}


@cache
def calls() -> list[tuple[str, str, int | None]]:
    """(the name of what is called, its constant first argument, how many arguments follow or None if that is open) of
    all calls in the rooms that a viewer meets.
    """
    found = []
    for path in sorted(EXPLORER.rglob("*.py")):
        if path.relative_to(EXPLORER).as_posix().startswith(UNSEEN):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                open_end = any(isinstance(argument, ast.Starred) for argument in node.args)
                if isinstance(node.args[0].value, str):
                    found.append((name, node.args[0].value, None if open_end else len(node.args) - 1))
            elif isinstance(node, ast.keyword) and node.arg == "differs" and isinstance(node.value, ast.Constant):
                found.append(("Sentence", node.value.value, 1))  # a setting's words for what it is
    return found


def sentences() -> list[tuple[str, int | None]]:
    """(text, how many values) of every Sentence."""
    return [(text, values) for name, text, values in calls() if name == "Sentence"]


def mistakes() -> set[str]:
    """What people are told, and which has no values; and the names of settings, which come in such sentences."""
    return {text for name, text, _ in calls() if name in MISTAKES | SETTINGS}


@cache
def said_in_javascript() -> set[str]:
    """The texts of every say(...) in the widgets' modules."""
    found = set()
    for path in EXPLORER.glob("widgets/**/*.js"):
        for literals, _ in SAY.findall(path.read_text(encoding="utf-8")):
            found.add("".join(map(json.loads, re.findall(r'"(?:[^"\\]|\\.)*"', literals))))
    return found


@cache
def constants() -> set[str]:
    """Every string that stands in the code, where it may be said."""
    found = set()
    for path in EXPLORER.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for path in EXPLORER.glob("widgets/**/*.js"):
        found |= set(re.findall(r'"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")))
    loader = (EXPLORER / "widgets" / "modules.py").read_text(encoding="utf-8")
    return found | set(re.findall(r'append\("([^"]+)"\)', loader))


class Texts(HTMLParser):
    """The texts of some HTML, and of its attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.found.add(" ".join(data.split()))

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.found |= {" ".join(value.split()) for name, value in attributes if name in SHOWN_ATTRIBUTES}


def in_templates() -> set[str]:
    """What stands in the widgets' HTML, as far as it has words."""
    texts = Texts()
    for path in sorted(EXPLORER.glob("widgets/*.html")):
        texts.feed(path.read_text(encoding="utf-8"))
    return {text for text in texts.found if LETTERS.search(text)}


def pieces(markdown: str) -> set[str]:
    """The texts that a browser finds in this Markdown: what stands between the marks."""
    found = re.split(r"\*\*|\*|\n\n|#+ ([^\n]*)\n|^#+ ", markdown)
    return {piece.strip() for piece in found if piece and LETTERS.search(piece)}


def on_controls(page: gr.Blocks) -> Iterator[str]:
    """Labels, explanations, choices, buttons and Markdown of a page."""
    for block in page.blocks.values():
        for text in (getattr(block, "label", None), getattr(block, "info", None)):
            if isinstance(text, str) and not isinstance(block, gr.HTML | gr.State | gr.Plot):
                yield text
        if isinstance(block, gr.Radio | gr.Dropdown | gr.CheckboxGroup):
            yield from (str(name) for name, _ in block.choices)
        if isinstance(block, gr.Markdown):
            yield from pieces(str(block.value))
        if isinstance(block, gr.Button | gr.UploadButton):
            yield str(block.value or block.label)
