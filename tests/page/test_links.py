"""Lesson links: what is written is read again, and whatever a stranger writes is read as something possible."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.page import stages
from explorer.page.lessons import LESSONS
from explorer.page.links import MAX_QUERY_CHARACTERS, PARTS, View, parse_link
from explorer.page.links import TABS as TABS_SETTINGS
from explorer.validation import Choice, Real, Subset, Whole, defaults, rules
from explorer.widgets.lesson_bar import KEYS

TABS = {tab: rules(settings) for tab, settings in TABS_SETTINGS.items()}


def values_of(setting):
    if isinstance(setting, Whole):
        return st.integers(setting.low, setting.high)
    if isinstance(setting, Real):
        return st.floats(setting.low, setting.high)
    if isinstance(setting, Subset):
        return st.sets(st.sampled_from(setting.options), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
    assert isinstance(setting, Choice)
    return st.sampled_from(setting.options)


@st.composite
def views(draw):
    tab = draw(st.sampled_from(list(TABS)))
    names = st.lists(st.sampled_from([*TABS[tab], *PARTS]), unique=True, max_size=4).map(tuple)
    values = {name: draw(values_of(setting)) for name, setting in TABS[tab].items() if draw(st.booleans())}
    changed = {name: value for name, value in values.items() if value != TABS[tab][name].default}
    present = draw(st.sampled_from(["", stages.FIRST, *stages.scenes_of(tab)]))
    return View(tab, changed, draw(names), draw(names), present)


@given(views())
def test_a_link_is_read_as_it_was_written(view):
    query = dict(parse_qsl(view.query()))
    if len(view.query()) < MAX_QUERY_CHARACTERS:
        assert parse_link(query) == (view, [])


@given(
    st.dictionaries(
        st.sampled_from(["tab", "hide", "lock", "lesson", "present", "t", "label", "steps", "seed", "classes", "what"]),
        st.text(max_size=60),
    )
)
def test_whatever_stands_in_a_link(query):
    """Every value read is possible, names are known ones, and each problem is one short sentence."""
    view, problems = parse_link(query)
    assert all(TABS[view.tab][name].check(value) == value for name, value in view.values.items())
    assert all(name in TABS[view.tab] or name in PARTS for name in view.hidden + view.locked)
    assert all(len(problem) < 200 for problem in problems)


@pytest.mark.parametrize(
    "query, sentence",
    [
        ({"tab": "home"}, "there is no tab called 'home'"),
        ({"t": "1001"}, "t must be a whole number from 0 to 1000"),
        ({"tab": "remove", "sampler": "euler"}, "the sampler must be one of"),
        ({"hide": "t,everything"}, "no control called 'everything'"),
        ({"t": "9" * 3000}, "too long"),
    ],
)
def test_what_cannot_be_gets_a_sentence_and_the_default(query, sentence):
    view, problems = parse_link(query)
    assert len(problems) == 1 and sentence in problems[0]
    assert view.values == {} and view.all_values == defaults(TABS_SETTINGS[view.tab])


def test_the_page_as_it_opens_has_no_query():
    assert View().query() == "" and parse_link({}) == (View(), [])
    assert parse_link({"__theme": "dark"}) == (View(), [])  # somebody else's


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_lesson_is_a_link_that_holds(lesson):
    view, problems = parse_link(dict(parse_qsl(lesson.query)))
    assert problems == [] and view.lesson == lesson.id
    assert (view.tab, view.hidden) == (lesson.view.tab, lesson.view.hidden)
    assert view.all_values == defaults(TABS_SETTINGS[view.tab]) | lesson.view.values


def test_every_tab_and_every_lesson_has_its_stage():
    """Each scene is of one tab, and its keys are its own: none twice, none that the page needs, each answered."""
    assert {scene.tab for scene in stages.SCENES} == set(TABS)
    assert all(lesson.scene in ("", *stages.scenes_of(lesson.view.tab)) for lesson in LESSONS)
    for scene in stages.SCENES:
        keys = [key.key for key in scene.keys]
        assert len(set(keys)) == len(keys) and not set(keys) & {*"acfpsv?12345 "}
        assert all(key.act in KEYS for key in scene.keys if key.asks_server)
        assert all(key.then in ("", *stages.scenes_of(scene.tab)) for key in scene.keys)


def test_each_tab_has_a_lesson_and_each_lesson_its_own_name():
    assert {lesson.view.tab for lesson in LESSONS} == set(TABS)
    assert len({lesson.id for lesson in LESSONS}) == len(LESSONS) >= 6
