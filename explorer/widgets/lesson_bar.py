"""The lesson bar: keeps the page's address up to date, copies it, lists the lessons, and turns the presenter mode on
and off.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NotRequired, TypedDict

from explorer.widgets.base import Told, Widget, read, read_template
from explorer.widgets.modules import loader

PAGE_CSS = read("page.css")  # for the whole page, not for this widget alone


class LessonEntry(TypedDict):
    """A lesson, as the bar lists it."""

    id: str
    title: str
    question: str
    look_for: str
    query: str


class ViewShown(TypedDict):
    """What the address asks for."""

    tab: str
    values: dict[str, str]
    hide: str
    lock: str
    lesson: str
    present: bool


class LessonBarValue(TypedDict):
    """A first value has no view and no problems."""

    defaults: dict[str, dict[str, str]]  # by tab, as texts of a link; the first tab is the one that needs no name
    lessons: list[LessonEntry]
    view: NotRequired[ViewShown]
    problems: NotRequired[list[Told]]  # what in the address could not be used


class LessonBar(Widget):
    """What stands in the address, and what a teacher does with it: a LessonBarValue. Hears of changes by events named
    explorer:link.

    When the address asks for something, it fires the event open_TAB once, which carries {"query": {name: str}}.
    """

    html = read_template("lesson_bar.html")
    css = read_template("shared.css", "lesson_bar.css")
    js = loader("lesson_bar.js", [f"open_{tab}" for tab in ("add", "guess", "remove", "leap", "train")])

    def opened(self, tab: str) -> Callable[..., Any]:
        """The listener for links to this tab."""
        return getattr(self, f"open_{tab}")


def telling(tab: str, name: str) -> str:
    """JavaScript for a control's change: tells the bar its new value."""
    detail = f"{{ tab: {json.dumps(tab)}, values: {{ {json.dumps(name)}: value }} }}"
    return f"(value) => {{ {_dispatch(detail)} return []; }}"


def selecting(tab: str) -> str:
    """JavaScript for the opening of a tab."""
    return f"() => {{ {_dispatch(f'{{ select: {json.dumps(tab)} }}')} return []; }}"


def _dispatch(detail: str) -> str:
    return f"document.dispatchEvent(new CustomEvent('explorer:link', {{ detail: {detail} }}));"
