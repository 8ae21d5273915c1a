"""Settings: whatever comes from outside, `check` answers with a usable value or one sentence."""

from __future__ import annotations

import math
from dataclasses import asdict, fields, is_dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.page import settings
from explorer.page.settings import Generate, NoiseImage, TrainingTime
from explorer.validation import Choice, InvalidSetting, Real, Subset, Whole, checked, rules

CLASSES = {
    kind
    for kind in vars(settings).values()
    if isinstance(kind, type) and is_dataclass(kind) and all("described" in entry.metadata for entry in fields(kind))
}
RULES = {
    rule: f"{kind.__name__}-{name}" for kind in sorted(CLASSES, key=str) for name, rule in rules(kind).items()
}  # each once
SETTINGS = [pytest.param(rule, id=RULES[rule]) for rule in sorted(RULES, key=repr)]

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.integers().map(str),
    st.floats().map(str),
    st.binary(max_size=4),
    st.complex_numbers(),
)
anything = st.one_of(
    plain, st.lists(plain, max_size=3), st.dictionaries(st.text(max_size=3), plain, max_size=2), st.tuples(plain)
)


def outcome(setting, value):
    """The checked value, or the InvalidSetting. Anything else that is raised fails the test."""
    try:
        return setting.check(value)
    except InvalidSetting as error:
        message = str(error)
        assert message.startswith(setting.name) and len(message) < 250
        assert len(message.splitlines()) == 1 and message.isprintable()
        return error


def in_range(setting, value) -> bool:
    if isinstance(setting, Choice):
        return any(value is option for option in setting.options)
    if isinstance(setting, Subset):
        return isinstance(value, tuple) and len(value) > 0 and sorted(set(value) & set(setting.options)) == list(value)
    kind = int if isinstance(setting, Whole) else float
    return type(value) is kind and math.isfinite(value) and setting.low <= value <= setting.high


@pytest.mark.parametrize("setting", SETTINGS)
@given(value=anything)
@example(math.nan)
@example(math.inf)
@example(-math.inf)
@example(1e308)
@example(-0.0)
@example("nan")
@example("1e999")
@example("9" * 400)
@example(10**400)
@example("a\nb")
@example("\u2028\ud800")
@example("x" * 10_000)
@example([[[]]])
def test_any_value_is_checked_or_refused_in_one_line(setting, value):
    """Every setting of every table against arbitrary values: in range, or InvalidSetting with one printable line."""
    got = outcome(setting, value)
    assert isinstance(got, InvalidSetting) or in_range(setting, got)


@pytest.mark.parametrize(
    "kind",
    [Whole("n", 0, 0, 9), Real("x", 0.0, 0.0, 9.0), Choice("word", "a", ("a", "b")), Subset("some", (1,), (1, 2))],
    ids=["Whole", "Real", "Choice", "Subset"],
)
def test_absurdly_long_integers_are_refused(kind):
    """Python refuses to print integers beyond 4300 digits, with a ValueError of its own: it must not escape from the
    message.
    """
    for value in ("10**5000", "[10**5000]"):
        got = outcome(kind, eval(value))  # noqa: S307 (written out here; a failure would print all the digits)
        assert isinstance(got, InvalidSetting)


@pytest.mark.parametrize("setting", SETTINGS)
def test_defaults_and_ends_are_allowed(setting):
    """A setting's own default, and both ends of its range, pass unchanged; just beyond them is refused."""
    assert setting.check(setting.default) == setting.default
    if isinstance(setting, Subset):
        assert all(setting.check([option]) == setting.check(str(option)) == (option,) for option in setting.options)
        return
    if isinstance(setting, Choice):
        for option in setting.options:
            assert setting.check(option) == option and setting.check(str(option)) == option
        return
    for end in (setting.low, setting.high):
        assert setting.check(end) == end and setting.check(str(end)) == end
    for beyond in (setting.low - 1, setting.high + 1, math.nextafter(setting.high, math.inf)):
        assert isinstance(outcome(setting, beyond), InvalidSetting)


@pytest.mark.parametrize(
    "value, expected",
    [
        ("7", 7),
        (7.0, 7),
        ("7.0", 7),
        (" 7 ", 7),
        (7.5, None),
        ("7.5", None),
        (True, None),
        ("", None),
        (None, None),
        ("seven", None),
        ("0x7", None),
    ],
)
def test_whole_numbers_arrive_in_many_forms(value, expected):
    """Browsers send 7, 7.0 or "7": all mean 7. A half, a word, a truth value or nothing is refused."""
    got = outcome(Whole("n", 0, 0, 10), value)
    assert isinstance(got, InvalidSetting) if expected is None else (got == expected and type(got) is int)


def test_real_numbers_are_finite():
    """nan compares false with both ends and inf with one: neither may slip through."""
    for value in (math.nan, math.inf, -math.inf, "nan", "inf"):
        assert isinstance(outcome(Real("x", 0.0, 0.0, 1e308), value), InvalidSetting)


@given(st.dictionaries(st.one_of(st.sampled_from(sorted(rules(Generate))), st.text(max_size=5)), anything, max_size=3))
def test_checked_gives_all_settings_or_refuses(values):
    """`checked` returns every setting of the class in range, defaults where nothing was given, or raises
    InvalidSetting.
    """
    try:
        got = asdict(checked(Generate, values))
    except InvalidSetting as error:
        assert len(str(error).splitlines()) == 1
        return
    assert list(got) == list(rules(Generate)) and set(values) <= set(got)
    for name, rule in rules(Generate).items():
        assert in_range(rule, got[name])
        assert name in values or got[name] == rule.default


def test_unknown_names_are_refused():
    """A misspelt setting is not silently ignored."""
    for kind in (NoiseImage, Generate, TrainingTime):
        with pytest.raises(InvalidSetting, match="colour"):
            checked(kind, {"colour": 3})


def test_several_are_sorted_and_single():
    """The same set, however it is written, is the same value."""
    several = Subset("the digits", (1, 2), tuple(range(10)))
    assert several.check("8, 3,3") == several.check([3, 8]) == several.check(("8", 3.0)) == (3, 8)
    for bad in ("", "3,,8", [], [3, 10], [True], {3: 8}, 3, None):
        assert isinstance(outcome(several, bad), InvalidSetting)
