"""A smaller file, for some lessons alone: their tabs, opened at the first of them, with controls hidden or locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer.page.lessons import LESSONS, Lesson
from explorer.page.links import PARTS, TABS
from explorer.page.offline import missing
from explorer.page.offline.layout import Layout, Part
from explorer.validation import InvalidSetting, rules

BY_HAND = "add"  # the tab whose lessons need no network


@dataclass(frozen=True)
class Only:
    """lessons: their ids, none for all of the page; hide, lock: names of controls, as in links."""

    lessons: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()

    def chosen(self) -> list[Lesson]:
        """The lessons in the page's order, with what is hidden and locked. Raises InvalidSetting for a lesson or a
        control that there is not.
        """
        known = {lesson.id: lesson for lesson in LESSONS if lesson.id not in missing.LESSONS}
        if unknown := [name for name in self.lessons if name not in known]:
            raise InvalidSetting(f"there is no lesson called {unknown[0]!r}: the lessons are {', '.join(known)}")
        chosen = [lesson for lesson in known.values() if lesson.id in self.lessons or not self.lessons]
        named = {name for lesson in chosen for name in (*rules(TABS[lesson.view.tab]), *PARTS)}
        if unknown := [name for name in (*self.hide, *self.lock) if name not in named]:
            raise InvalidSetting(f"there is no control called {unknown[0]!r}: these are {', '.join(sorted(named))}")
        return [self._with_controls(lesson) for lesson in chosen]

    def _with_controls(self, lesson: Lesson) -> Lesson:
        view, own = lesson.view, (*rules(TABS[lesson.view.tab]), *PARTS)
        hidden = dict.fromkeys((*view.hidden, *(name for name in self.hide if name in own)))
        locked = dict.fromkeys((*view.locked, *(name for name in self.lock if name in own)))
        return replace(lesson, view=replace(view, hidden=tuple(hidden), locked=tuple(locked)))

    @property
    def whole(self) -> bool:
        """Whether it is the page as it is."""
        return not (self.lessons or self.hide or self.lock)

    @property
    def needs_network(self) -> bool:
        """Whether anything in it asks the network."""
        return any(lesson.view.tab != BY_HAND for lesson in self.chosen())


def narrowed(page: Layout, only: Only) -> tuple[Layout, list[str], str]:
    """The page with these lessons alone, its tabs, and the query that it opens with. Raises InvalidSetting."""
    if only.whole:
        return page, list(TABS), ""
    lessons = only.chosen()
    tabs = [tab for tab in TABS if tab in {lesson.view.tab for lesson in lessons}]
    root = _without(page["root"], {f"tab-{tab}" for tab in TABS if tab not in tabs})
    bar = next(part for part in parts(root) if part["name"] == "lesson-bar")
    value: dict[str, Any] = dict(bar["props"]["value"])
    kept = {lesson.id: lesson.query for lesson in lessons}
    value["lessons"] = [entry | {"query": kept[entry["id"]]} for entry in value["lessons"] if entry["id"] in kept]
    value["scenes"] = [scene for scene in value["scenes"] if scene["tab"] in tabs]
    for name in ("defaults", "controls"):
        value[name] = {tab: value[name][tab] for tab in tabs}
    bar["props"]["value"] = value
    there = {part["name"] for part in parts(root)} | set(page["states"])
    happens = [
        {**event, "outputs": [name for name in event["outputs"] if name in there]}
        if any(name in there for name, _ in event["on"]) or event["after"] >= 0
        else {**event, "on": [], "handler": "", "js": ""}
        for event in page["events"]
    ]
    return {**page, "root": root, "events": happens}, tabs, lessons[0].query  # type: ignore[typeddict-item] # Event


def parts(part: Part) -> Sequence[Part]:
    """A part, and all that it contains."""
    return [part, *(inner for child in part["children"] for inner in parts(child))]


def _without(part: Part, names: set[str]) -> Part:
    children = [_without(child, names) for child in part["children"] if child["name"] not in names]
    return {**part, "props": dict(part["props"]), "children": children}
