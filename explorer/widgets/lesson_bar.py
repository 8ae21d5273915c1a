"""The lesson bar: keeps the page's address up to date, copies it, lists the lessons, and turns the presenter mode on
and off.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import MethodType
from typing import Any, NotRequired, TypedDict

from gradio.events import EventListener

from explorer.widgets.base import Told, Widget, read, read_template, told_in
from explorer.widgets.modules import loader

# for the whole page, not for this widget alone
PAGE_CSS = read("page.css", "stage.css", "stage_players.css")
PRINT_CSS = read("worksheet.css")  # Gradio would confine what stands in an @media of PAGE_CSS to its own container
TABS = ("add", "guess", "remove", "leap", "train")
# What a key on the stage may ask of the server; each is what a button of a tab asks, too.
KEYS = (
    *(f"{prefix}_{what}" for prefix in ("forward", "guess", "rescue") for what in ("other", "reshuffle")),
    *("film_play", "film_stop", "film_dice", "rescue_go", "leap_play", "leap_stop", "leap_all"),
    *("futures_go", "futures_again", "train_start", "train_stop", "train_go_on", "train_rewind", "algorithms_again"),
)
# JavaScript that opens the tab which the bar wants to see. It stands apart from what the server answers: of a component
# that an event changes, Gradio copies all that it contains, for the whole page 5,000 values.
TURNING = "() => ({ __type__: 'update', selected: document.querySelector('#lesson-bar [data-tab]').dataset.tab })"


class StageKey(TypedDict):
    """A key of a scene: see explorer.page.stages.Key."""

    key: str
    words: str
    act: str
    server: bool
    then: str


class SceneEntry(TypedDict):
    """A scene of the stage: see explorer.page.stages.Scene."""

    id: str
    tab: str
    title: str
    question: str
    blocks: list[str]
    player: str
    keys: list[StageKey]


class LessonEntry(TypedDict):
    """A lesson, as the bar lists it."""

    id: str
    title: str
    question: str
    look_for: str
    query: str
    scene: str  # what stands on the stage; "" for what its tab begins with


class ControlEntry(TypedDict):
    """A control that a link may hide or lock."""

    name: str  # in links
    label: str  # on the page


class QrCode(TypedDict):
    """Rows of modules, "1" for dark; or why there are none."""

    rows: list[str]
    problem: NotRequired[Told]


class ViewShown(TypedDict):
    """What the address asks for."""

    tab: str
    values: dict[str, str]
    hide: str
    lock: str
    lesson: str
    present: str  # "" if not on the stage; "1", or a scene's id


class LessonBarValue(TypedDict):
    """A first value has no view and no problems."""

    defaults: dict[str, dict[str, str]]  # by tab, as texts of a link; the first tab is the one that needs no name
    lessons: list[LessonEntry]
    controls: dict[str, list[ControlEntry]]  # by tab
    languages: dict[str, str]  # their own names, by their codes
    space: str  # the address at which a Space is shown; "" for a page that is none
    scenes: list[SceneEntry]  # each tab's first one is what its stage begins with
    view: NotRequired[ViewShown]
    opening: NotRequired[int]  # which of the page's own openings this answers; 0 for the address
    problems: NotRequired[list[Told]]  # what in the address could not be used


class LessonBar(Widget):
    """What stands in the address, and what a teacher does with it: a LessonBarValue. Hears of changes by events named
    explorer:link.

    The page gives it `server_functions=[qr_code]`: qr_code({"text": str}) -> QrCode.

    When the address asks for something, it fires the event open_TAB, which carries {"query": {name: str}}; the latest
    ones by their tabs stand in its data-asked, as JSON, see `asking`. To open the tab in its data-tab it fires `turn`,
    see TURNING.
    """

    html = read_template("lesson_bar.html")
    css = read_template("shared.css", "lesson_bar.css")
    js = loader("lesson_bar.js", ["turn", *(f"open_{tab}" for tab in TABS), *(f"key_{name}" for name in KEYS)])

    def opened(self, tab: str) -> Callable[..., Any]:
        """The listener for links to this tab."""
        return getattr(self, f"open_{tab}")

    def pressed(self, name: str) -> Callable[..., Any]:
        """The listener for a key of KEYS, also as a trigger for gr.on, which what `opened` returns is not: for that, it
        must be a method. Raises KeyError for a key that there is not.
        """
        if name not in KEYS:
            raise KeyError(name)
        return MethodType(EventListener(event_name=f"key_{name}").listener, self)


def telling(tab: str, name: str) -> str:
    """JavaScript for a control's change: tells the bar its new value."""
    detail = f"{{ tab: {json.dumps(tab)}, values: {{ {json.dumps(name)}: value }} }}"
    return f"(value) => {{ {_dispatch(detail)} return []; }}"


def selecting(tab: str) -> str:
    """JavaScript for the opening of a tab."""
    return f"() => {{ {_dispatch(f'{{ select: {json.dumps(tab)} }}')} return []; }}"


def asking(tab: str) -> str:
    """JavaScript that sends what was last asked for in this tab, in place of the bar's value."""
    return f"() => [{told_in('lesson-bar', 'asked')}[{json.dumps(tab)}]]"


def turning_to(tab: str) -> str:
    """JavaScript that opens a tab, for a listener without a function in Python, with the gr.Tabs as its output."""
    return f"() => ({{ __type__: 'update', selected: {json.dumps(tab)} }})"


def _dispatch(detail: str) -> str:
    return f"document.dispatchEvent(new CustomEvent('explorer:link', {{ detail: {detail} }}));"
