"""What links may say, for the page as one file: the rules of every tab's settings, and the sentences for what breaks
them, taken from where a server finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradio.components import FormComponent

from explorer.core.sentences import Sentence
from explorer.page import stages
from explorer.page.hardening import HardenedBlocks
from explorer.page.links import MAX_QUERY_CHARACTERS, PARTS, TABS, parse_link
from explorer.page.offline.layout import name_of
from explorer.page.payloads.texts import told
from explorer.validation import Choice, Setting, Subset, rules


def rule(setting: Setting) -> dict[str, Any]:
    """A setting's rule as JSON."""
    what: dict[str, Any] = {"kind": type(setting).__name__, "name": setting.name, "allowed": told(setting.allowed)}
    if isinstance(setting, Choice | Subset):
        default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
        return what | {"options": list(setting.options), "default": default}
    return what | {"low": setting.low, "high": setting.high, "default": setting.default}


def problem(**query: str) -> str:
    """The text of the sentence on what is wrong with a link."""
    sentence = parse_link(query)[1][0]
    return sentence.text if isinstance(sentence, Sentence) else sentence


def links(demo: HardenedBlocks, tabs: Sequence[str]) -> dict[str, Any]:
    """All of it; demo: the page, whose controls the links name; tabs: those that the file has."""
    return {
        "tabs": {
            tab: {name: rule(each) for name, each in rules(settings).items()}
            for tab, settings in TABS.items()
            if tab in tabs
        },
        "parts": list(PARTS),
        "longest": MAX_QUERY_CHARACTERS,
        "first_scene": stages.FIRST,
        "controls": {
            tab: {
                name: {"component": name_of(control, control._id), "form": isinstance(control, FormComponent)}
                for name, control in controls.items()
            }
            for tab, controls in demo.controls.items()
            if tab in tabs
        },
        "texts": {
            "long": problem(tab="x" * MAX_QUERY_CHARACTERS),
            "tab": problem(tab="x"),
            "value": problem(t="x"),
            "control": problem(hide="x"),
        },
    }
