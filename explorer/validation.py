"""What a value from outside may be: whole numbers, numbers, choices, each with its range and default, checked one by
one; and settings, frozen dataclasses whose fields say all that there is to say of them.

    @dataclass(frozen=True)
    class Walk:
        steps: int = setting(Whole("the number of steps", 250, 1, 1000), Control("Steps", kind="slider"))

    checked(Walk, {"steps": "40"}) == Walk(steps=40)

Checks, links, controls, the command line and the endpoints for programs read the fields of such a class, and list none
of them themselves: what is added to the class is added to them all.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, make_dataclass, replace
from typing import Generic, Literal, TypeVar, cast, overload

from explorer.core.sentences import Sentence

MAX_SEED = 2**31 - 1


class InvalidSetting(ValueError):
    """A value from outside cannot be used; the message is one sentence for the person who sent it."""


def _number(value: object) -> float | None:
    """A finite number from a number or its text, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _shown(value: object) -> str:
    """A stranger's value, short enough to put into a sentence."""
    try:
        text = repr(value)
    except ValueError:  # Python prints no whole number beyond 4300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= 40 else text[:37] + "..."


def _listed(options: tuple[str, ...] | tuple[int, ...]) -> str:
    """Options as they are to be given: the same in any language, so one text."""
    return ", ".join(map(str, options))


@dataclass(frozen=True)
class Whole:
    """A whole number in low..high."""

    name: str
    default: int
    low: int
    high: int

    def check(self, value: object) -> int:
        """The whole number that `value` is or says. Raises InvalidSetting."""
        number = _number(value)
        if number is None or number != math.floor(number) or not self.low <= number <= self.high:
            raise InvalidSetting(_refusal(self, value))
        return int(number)

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        return Sentence("a whole number from {0} to {1}", self.low, self.high)


@dataclass(frozen=True)
class Real:
    """A number in low..high."""

    name: str
    default: float
    low: float
    high: float

    def check(self, value: object) -> float:
        """The number that `value` is or says. Raises InvalidSetting."""
        number = _number(value)
        if number is None or not self.low <= number <= self.high:
            raise InvalidSetting(_refusal(self, value))
        return number

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        return Sentence("a number from {0} to {1}", f"{self.low:g}", f"{self.high:g}")


Option = TypeVar("Option", str, int)


@dataclass(frozen=True)
class Choice(Generic[Option]):
    """One of a few words or numbers."""

    name: str
    default: Option
    options: tuple[Option, ...]

    def check(self, value: object) -> Option:
        """The option that `value` is or says. Raises InvalidSetting."""
        for option in self.options:
            if not isinstance(value, bool) and (value == option or (isinstance(value, str) and value == str(option))):
                return option
        raise InvalidSetting(_refusal(self, value))

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        return Sentence("one of {0}", _listed(self.options))


@dataclass(frozen=True)
class Subset:
    """One or more of a few whole numbers, given as a list or as text like 3,8; always in rising order, each once."""

    name: str
    default: tuple[int, ...]
    options: tuple[int, ...]

    def check(self, value: object) -> tuple[int, ...]:
        """The numbers that `value` holds or says. Raises InvalidSetting."""
        given = value.split(",") if isinstance(value, str) else value
        numbers = {_number(item) for item in given} if isinstance(given, list | tuple) else set()
        if not numbers or not numbers <= set(self.options):
            raise InvalidSetting(_refusal(self, value))
        return tuple(option for option in self.options if option in numbers)

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        return Sentence("one or more of {0}", _listed(self.options))


Setting = Whole | Real | Choice[str] | Choice[int] | Subset
SettingValue = int | float | str | tuple[int, ...]  # what a setting may hold


def _refusal(rule: Setting, value: object) -> str:
    return Sentence("{0} must be {1}, not {2}", rule.name, rule.allowed, _shown(value))


@dataclass(frozen=True)
class Control:
    """How a form shows a setting.

    label, info: its texts. kind: what it looks like; "" for what is usual: buttons for a choice, boxes for a subset, a
    field for a number. step: from one value of a slider to the next. names: texts for options that should not stand
    there as they are; these come first, in this order. group: the part of the form that it stands in. id: the end of
    its id on the page, if that is not the setting's name.
    """

    label: str
    info: str | None = None
    kind: Literal["", "buttons", "list", "slider"] = ""
    step: float = 1
    names: Mapping[str | int, str] = field(default_factory=dict)
    group: str = ""
    id: str = ""


@dataclass(frozen=True)
class Described:
    """All that a field of a settings class says.

    rule: what it may be, and what it is if nobody says. control: how a form shows it; None where none does. about: a
    line for the command line's help. differs: words for a value that is not the default, with {0} where it stands.
    """

    rule: Setting
    control: Control | None = None
    about: str = ""
    differs: str = ""


@overload
def setting(rule: Whole, control: Control | None = ..., *, about: str = ..., differs: str = ...) -> int: ...
@overload
def setting(rule: Real, control: Control | None = ..., *, about: str = ..., differs: str = ...) -> float: ...
@overload
def setting(rule: Choice[Option], control: Control | None = ..., *, about: str = ..., differs: str = ...) -> Option: ...
@overload
def setting(
    rule: Subset, control: Control | None = ..., *, about: str = ..., differs: str = ...
) -> tuple[int, ...]: ...
def setting(
    rule: Setting | Choice[Option], control: Control | None = None, *, about: str = "", differs: str = ""
) -> object:
    """A field of a settings class; see Described. To mypy it has the field's type, as dataclasses.field has."""
    return field(default=rule.default, metadata={"described": Described(rule, control, about, differs)})


def described(settings: type) -> dict[str, Described]:
    """The fields of a settings class by name, in their order."""
    return {entry.name: entry.metadata["described"] for entry in fields(settings)}


def rules(settings: type) -> dict[str, Setting]:
    """What each field of a settings class may be."""
    return {name: told.rule for name, told in described(settings).items()}


def defaults(settings: type) -> dict[str, SettingValue]:
    """Every field of a settings class at its default."""
    return {name: rule.default for name, rule in rules(settings).items()}


Settings = TypeVar("Settings")
Value = TypeVar("Value")


def checked(settings: type[Settings], values: Mapping[str, object]) -> Settings:
    """The settings: each from `values` where given, and its default elsewhere. Raises InvalidSetting."""
    known = rules(settings)
    unknown = set(values) - set(known)
    if unknown:
        raise InvalidSetting(Sentence("there is no setting called {0}", _shown(sorted(unknown)[0])))
    return settings(**{name: rule.check(values.get(name, rule.default)) for name, rule in known.items()})


def narrowed(settings: type[Settings], **highest: int) -> type[Settings]:
    """The same settings, but that these whole numbers go up to here; a default beyond it comes down to it."""
    told, made = described(settings), []
    for name, high in highest.items():
        rule = cast("Whole", told[name].rule)
        narrow = replace(told[name], rule=replace(rule, default=min(rule.default, high), high=high))
        made.append((name, int, field(default=narrow.rule.default, metadata={"described": narrow})))
    return cast("type[Settings]", make_dataclass(settings.__name__, made, bases=(settings,), frozen=True))


def argument(check: Callable[[object], Value]) -> Callable[[str], Value]:
    """A setting's check, as argparse wants it: its sentence becomes the error message."""

    def parse(text: str) -> Value:
        try:
            return check(text)
        except InvalidSetting as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse
