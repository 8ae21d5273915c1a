"""The page as one file has what the page on a server has: its tabs, handlers, widgets and texts; or says why not."""

from __future__ import annotations

import re

import pytest

from explorer.page import languages, stages
from explorer.page.build import TABS
from explorer.page.lessons import LESSONS
from explorer.page.offline import missing
from explorer.page.offline.facts import TROUBLES
from explorer.page.offline.layout import html_of
from explorer.page.offline.lesson_file import Only, narrowed, parts
from explorer.validation import InvalidSetting
from explorer.widgets.modules import TEXTS
from tests.page.texts_in_use import pieces

INSIDE = "\n".join(text for name, text in TEXTS.items() if name.startswith("offline/"))


@pytest.fixture(scope="module")
def laid():
    from explorer.page.build import build
    from explorer.page.offline.layout import layout

    return layout(build())


def test_each_handler_is_answered_or_listed_with_a_reason(laid):
    """And none is listed that is answered, or that there is not."""
    asked = {event["handler"] for event in laid["events"]} - {""}
    answered = {name for name in asked if f'"{name}":' in INSIDE}
    assert asked - answered == set(missing.HANDLERS), "answer it in widgets/offline, or list it in offline/missing.py"
    assert all(len(listed.why) > 10 for listed in missing.HANDLERS.values())


def test_each_tab_stands_in_the_file(laid):
    names = [part["name"] for part in parts(laid["root"])]
    assert [name for name in names if name.startswith("tab-")] == [f"tab-{name}" for name, _, _ in TABS]
    assert set(missing.HIDDEN) <= set(names)


def test_each_kind_of_component_has_a_form(laid):
    """And all that happens happens to components that there are."""
    kinds = {part["kind"] for part in parts(laid["root"])}
    known = set(re.findall(r"^ +(\w+)(?:,|: )", INSIDE, re.MULTILINE))
    assert kinds <= known | {"tabitem"}
    names = {part["name"] for part in parts(laid["root"])} | set(laid["states"])
    used = {name for event in laid["events"] for name in (*event["inputs"], *event["outputs"])}
    assert used <= names and {name for event in laid["events"] for name, _ in event["on"]} <= names


def test_markdown_loses_no_word():
    made = html_of("## A *head*\nSome **bold** text,\nand < more.\n\nThe *end*")
    assert (
        made == "<h2>A <em>head</em></h2><p>Some <strong>bold</strong> text,\nand &lt; more.</p><p>The <em>end</em></p>"
    )
    for word in pieces("**a** b *c*"):
        assert word in html_of("**a** b *c*")
    with pytest.raises(ValueError, match="a form that the file does not know"):
        html_of("a [link](somewhere)")


def test_nothing_in_the_file_asks_another_host():
    """No address of another host stands in the modules of the file, but names of XML and of the inside."""
    for address in re.findall(r"https?://[^\s\"'`)]+", INSIDE):
        assert address.startswith(("https://inside.invalid/", "http://www.w3.org/")), address


def test_a_file_of_some_lessons_has_their_tabs_alone(laid):
    page, tabs, opening = narrowed(laid, Only(("destroy", "fork"), hide=("T", "guidance"), lock=("steps",)))
    assert tabs == ["add", "remove"] and opening == "label=4&t=0&hide=T&lesson=destroy"
    names = [part["name"] for part in parts(page["root"])]
    assert [name for name in names if name.startswith("tab-")] == ["tab-add", "tab-remove"] and "lab" not in names
    bar = next(part for part in parts(page["root"]) if part["name"] == "lesson-bar")["props"]["value"]
    assert [lesson["query"].endswith("lock=steps&lesson=fork") for lesson in bar["lessons"]] == [False, True]
    asked = {name for event in page["events"] if event["handler"] for name, _ in event["on"]}
    assert "film" in asked and not {"lab", "leaps", "guess"} & asked
    assert len(laid["events"]) == len(page["events"]) and "lab" in [part["name"] for part in parts(laid["root"])]
    assert not Only(("destroy",)).needs_network


@pytest.mark.parametrize("only", [Only(("no-such",)), Only(hide=("nothing",)), Only(("destroy",), lock=("steps",))])
def test_what_there_is_not_is_told(only):
    with pytest.raises(InvalidSetting, match="there is no (lesson|control) called"):
        only.chosen()


def test_each_sentence_of_what_is_missing_has_its_translation():
    told = {listed.told for listed in missing.HANDLERS.values()} | set(TROUBLES.values())
    told |= {missing.TRACED, missing.UNREADABLE, *missing.LABELS.values()}
    for code in languages.codes()[1:]:
        assert told - {""} <= set(languages.texts(code))


def test_each_lesson_and_scene_is_there_or_listed(laid):
    bar = next(part for part in parts(laid["root"]) if part["name"] == "lesson-bar")["props"]["value"]
    assert [lesson["id"] for lesson in bar["lessons"]] == [o.id for o in LESSONS if o.id not in missing.LESSONS]
    assert {scene["id"] for scene in bar["scenes"]} == {scene.id for scene in stages.SCENES} - set(missing.SCENES)
    shown = [part["props"]["visible"] for part in parts(laid["root"]) if part["kind"] == "markdown"]
    assert shown.count(False) == len(missing.TEXTS)
