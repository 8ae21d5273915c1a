"""A class's state: who may what, how much of it, and that nothing is left of it. Time is the tests' own."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.classroom import limits
from explorer.classroom.classes import LETTERS, Classes, as_code
from explorer.classroom.errors import ClassRefused, NoClass, NotTheLeader, TooMany
from explorer.classroom.questions import ALL, QUESTIONS, Choices
from explorer.data.normalise import BadPicture

DRAWING = {"pen": 0.1, "strokes": [[[0.3, 0.2], [0.6, 0.8]]]}
HERE = "10.0.0.1"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def key(number: int) -> str:
    """A member's key."""
    return f"{number:032x}"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def classes(clock):
    return Classes(clock)


def join(classes, group, number):
    with classes.joined(group.code, key(number), HERE):
        pass


def test_a_code_can_be_read_out_and_typed():
    assert not set(LETTERS) & set("0OQD1IL2Z5S6G8BUV") and len(set(LETTERS)) == len(LETTERS)
    assert as_code(" kxr-7mp ") == "KXR7MP" and as_code(7) == as_code("x" * 100) == ""


def test_join_vote_reveal(classes):
    group = classes.open(HERE)
    with classes.led(group.code, group.secret, HERE) as led:
        led.ask("readable")
    for number, answer in enumerate((100, 460, 470, 480, 1000)):
        with classes.joined(group.code, key(number), HERE) as joined:
            joined.vote(key(number), joined.news.round, 0)
            joined.vote(key(number), joined.news.round, answer)  # thought again
    assert group.report().members == group.report().answered == 5 and group.news.result is None
    group.reveal()
    result = group.news.result
    assert result.answers == 5 and result.counts[2] == 1 and result.counts[9] == 3 and result.counts[-1] == 1
    assert result.middle == (460, 470, 480) and result.near == 3
    assert result.truth == QUESTIONS["readable"].truth
    with pytest.raises(ClassRefused):  # it is over
        group.vote(key(1), group.news.round, 100)
    assert group.report().answered == 5


def test_a_truth_from_the_stage(classes):
    group = classes.open(HERE)
    group.ask("survive")
    for number in range(3):
        group.vote(key(number), 1, number % 2)
    for wrong in ("yes", 7, True, -1, float("nan")):
        with pytest.raises(ClassRefused):
            group.reveal(wrong)
    group.reveal(0)
    assert group.news.result.truth == 0 and group.news.result.near == 2 and group.news.result.middle == ()


def test_only_its_leader_leads(classes):
    group = classes.open(HERE)
    join(classes, group, 1)
    for forged in ("", group.secret[:-1], group.secret + "x", None, 7, b"x", "\ud800"):
        with pytest.raises(NotTheLeader), classes.led(group.code, forged, HERE):
            pass
        with pytest.raises(NotTheLeader):
            classes.end(group.code, forged, HERE)
    assert len(classes) == 1
    classes.end(group.code, group.secret, HERE)
    assert len(classes) == 0
    with pytest.raises(NoClass, match="has ended"):
        join(classes, group, 1)


def test_guessing_codes_is_limited_and_harms_no_member(classes, clock):
    group = classes.open(HERE)
    join(classes, group, 1)
    for _ in range(limits.WRONG_CODES_A_MINUTE):
        with pytest.raises(NoClass, match="no class with this code"), classes.joined("CCCCCC", key(2), HERE):
            pass
    for code in ("CCCCCC", group.code):  # the right one is not told either
        with pytest.raises(TooMany), classes.joined(code, key(2), HERE):
            pass
        with pytest.raises(TooMany), classes.led(code, "guessed", HERE):
            pass
    join(classes, group, 1)
    with classes.led(group.code, group.secret, HERE):
        pass
    with classes.joined(group.code, key(3), "10.0.0.2"):
        pass
    clock.now += limits.MINUTE
    join(classes, group, 2)


def test_a_forged_leader_learns_no_code(classes):
    group = classes.open(HERE)
    for error in [NotTheLeader] * limits.WRONG_CODES_A_MINUTE + [TooMany]:
        with pytest.raises(error), classes.led(group.code, "guessed", HERE):
            pass


@pytest.mark.parametrize(
    ("seconds", "beat"),
    [(limits.CLASS_SECONDS + 1, 60.0), (limits.LEADER_SECONDS + 1, None)],
    ids=["two hours", "a lost leader"],
)
def test_it_ends_and_nothing_is_left(classes, clock, seconds, beat):
    group = classes.open(HERE)
    classes.open(HERE)
    while clock.now < seconds:
        clock.now += beat or seconds
        if beat and clock.now < limits.CLASS_SECONDS:
            group.lead(group.secret)
    assert len(classes) == 0 and classes._groups == {}
    clock.now += limits.FAREWELL_SECONDS + 1
    assert len(classes) == 0 and not classes._ended


def test_a_leader_who_loads_the_page_anew_keeps_the_class(classes, clock):
    group = classes.open(HERE)
    group.close()
    clock.now += limits.CLOSED_SECONDS - 1
    with classes.led(group.code, group.secret, HERE):
        pass
    clock.now += limits.CLOSED_SECONDS
    assert len(classes) == 1
    group.close()
    clock.now += limits.CLOSED_SECONDS + 1
    assert len(classes) == 0


def test_members_come_and_go(classes, clock):
    group = classes.open(HERE)
    for number in range(limits.MAX_MEMBERS):
        join(classes, group, number)
    with pytest.raises(TooMany, match="full"):
        join(classes, group, 9999)
    group.leave(key(0))
    join(classes, group, 9999)
    clock.now += limits.MEMBER_SECONDS + 1
    group.lead(group.secret)
    join(classes, group, 7)
    assert group.members() == 1


def test_as_many_classes_as_there_may_be(classes, clock):
    for number in range(limits.MAX_CLASSES):
        classes.open(f"10.0.0.{number}")
    with pytest.raises(TooMany):
        classes.open("10.0.1.1")
    clock.now += limits.LEADER_SECONDS + 1
    for _ in range(limits.OPENED_A_MINUTE):
        classes.open(HERE)
    with pytest.raises(TooMany):
        classes.open(HERE)


def test_drawings_belong_to_nobody(classes, clock):
    group = classes.open(HERE)
    with pytest.raises(ClassRefused, match="no drawings are wanted"):
        classes.draw(group.code, key(1), HERE, 3, DRAWING)
    group.want_drawings(wanted=True)
    for digit in (3, 8):
        classes.draw(group.code, key(1), HERE, digit, DRAWING)
    drawings = classes.drawings(group.code, group.secret, HERE)
    assert [drawing.picture.label for drawing in drawings] == [3, 8] and [d.number for d in drawings] == [1, 2]
    assert key(1) not in repr(drawings) and max(drawings[0].picture.grey) > 200
    for digit in (10, -1, True, "3", None, 3.5):
        with pytest.raises(ClassRefused):
            classes.draw(group.code, key(1), HERE, digit, DRAWING)
    for strokes in (None, "a text", {"pen": 0.1, "strokes": ["a text"]}, {"pen": 0.1, "strokes": []}):
        with pytest.raises(BadPicture):
            classes.draw(group.code, key(2), HERE, 3, strokes)
    with pytest.raises(TooMany):
        for _ in range(limits.DRAWINGS_A_MINUTE):
            classes.draw(group.code, key(1), HERE, 3, DRAWING)
    clock.now += limits.MINUTE
    classes.draw(group.code, key(1), HERE, 9, DRAWING)
    group.remove([1, "2", None, 99])
    assert 1 not in group.report().drawings and 2 in group.report().drawings
    assert [drawing.picture.label for drawing in group.drawings(after=2)][-1] == 9
    group.remove(None)
    assert group.report().drawings == ()


def test_votes_a_minute(classes, clock):
    group = classes.open(HERE)
    group.ask("looks")
    for _ in range(limits.VOTES_A_MINUTE):
        group.vote(key(1), 1, 2)
    with pytest.raises(TooMany):
        group.vote(key(1), 1, 2)
    group.vote(key(2), 1, 4)
    assert group.report().answered == 2


def test_the_view_on_the_stage(classes):
    group = classes.open(HERE)
    before = group.news.version
    group.show("tab=remove&steps=50")
    group.show("tab=remove&steps=50")
    assert (group.news.version, group.news.turn) == (before + 1, 1)
    group.show(None)
    assert group.news.stage is None and group.news.turn == 2


JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.integers()))


@given(st.sampled_from(ALL), st.lists(st.one_of(JUNK, st.integers(0, 4), st.floats(0, 1)), max_size=30), JUNK)
@settings(max_examples=80, deadline=None)
def test_whatever_is_sent_the_counts_add_up(question, answers, truth):
    group = Classes(Clock()).open(HERE)
    group.ask(question.id)
    counted = 0
    for number, answer in enumerate(answers):
        try:
            group.vote(key(number), 1, answer)
            counted += 1
        except ClassRefused:
            pass
    try:
        group.reveal(truth)
    except ClassRefused:
        group.reveal()
    result = group.news.result
    assert sum(result.counts) == result.answers == counted and len(result.counts) == question.answer.bins
    assert 0 <= result.near <= counted
    assert not isinstance(question.answer, Choices) or len(question.answer.options) == len(result.counts)


@given(st.lists(st.tuples(st.sampled_from(["ask", "vote", "reveal", "put_away", "show", "wait"]), JUNK), max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_order_of_calls(calls):
    clock = Clock()
    group = Classes(clock).open(HERE)
    version = group.news.version
    for call, value in calls:
        try:
            if call == "ask":
                group.ask("looks" if value else value)
            elif call == "vote":
                group.vote(key(1), group.news.round, value)
            elif call == "reveal":
                group.reveal(value)
            elif call == "show":
                group.show("tab=leap" if value else None)
            elif call == "wait":
                clock.now += 100
            else:
                group.put_away()
        except ClassRefused:
            pass
        assert group.news.version >= version and (group.news.result is None or group.news.question is not None)
        version = group.news.version


def test_many_threads_vote_at_once(classes):
    group = classes.open(HERE)
    group.ask("error")

    def vote(first):
        for number in range(first, first + 40):
            with classes.joined(group.code, key(number), HERE) as joined:
                joined.vote(key(number), 1, number / 400)

    threads = [threading.Thread(target=vote, args=(first,)) for first in range(0, 320, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.reveal(0.5)
    assert group.news.result.answers == 320 and group.report().members == 320
