"""What a value from outside may be: whole numbers, numbers, choices, each with its range and default, checked one by
one.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.core.sentences import Sentence

MAX_SEED = 2**31 - 1


class InvalidSetting(ValueError):
    """A value from outside cannot be used; the message is one sentence for the person who sent it."""


def _number(value: Any) -> float | None:
    """A finite number from a number or its text, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _shown(value: Any) -> str:
    """A stranger's value, short enough to put into a sentence."""
    try:
        text = repr(value)
    except ValueError:  # Python prints no whole number beyond 4300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= 40 else text[:37] + "..."


def _listed(options: tuple[str | int, ...]) -> str:
    """Options as they are to be given: in any language, so one text."""
    return ", ".join(map(str, options))


@dataclass(frozen=True)
class Whole:
    """A whole number in low..high."""

    name: str
    default: int
    low: int
    high: int

    def check(self, value: Any) -> int:
        """The whole number that `value` is or says. Raises InvalidSetting."""
        number = _number(value)
        if number is None or number != math.floor(number) or not self.low <= number <= self.high:
            raise InvalidSetting(
                Sentence(
                    "{0} must be a whole number from {1} to {2}, not {3}", self.name, self.low, self.high, _shown(value)
                )
            )
        return int(number)


@dataclass(frozen=True)
class Real:
    """A number in low..high."""

    name: str
    default: float
    low: float
    high: float

    def check(self, value: Any) -> float:
        """The number that `value` is or says. Raises InvalidSetting."""
        number = _number(value)
        if number is None or not self.low <= number <= self.high:
            raise InvalidSetting(
                Sentence(
                    "{0} must be a number from {1} to {2}, not {3}",
                    self.name,
                    f"{self.low:g}",
                    f"{self.high:g}",
                    _shown(value),
                )
            )
        return number


@dataclass(frozen=True)
class Choice:
    """One of a few words or numbers."""

    name: str
    default: str | int
    options: tuple[str | int, ...]

    def check(self, value: Any) -> str | int:
        """The option that `value` is or says. Raises InvalidSetting."""
        for option in self.options:
            if not isinstance(value, bool) and (value == option or (isinstance(value, str) and value == str(option))):
                return option
        raise InvalidSetting(
            Sentence("{0} must be one of {1}, not {2}", self.name, _listed(self.options), _shown(value))
        )


@dataclass(frozen=True)
class Subset:
    """One or more of a few whole numbers, given as a list or as text like 3,8; always in rising order, each once."""

    name: str
    default: tuple[int, ...]
    options: tuple[int, ...]

    def check(self, value: Any) -> tuple[int, ...]:
        """The numbers that `value` holds or says. Raises InvalidSetting."""
        given = value.split(",") if isinstance(value, str) else value
        numbers = {_number(item) for item in given} if isinstance(given, list | tuple) else set()
        if not numbers or not numbers <= set(self.options):
            raise InvalidSetting(
                Sentence("{0} must be one or more of {1}, not {2}", self.name, _listed(self.options), _shown(value))
            )
        return tuple(option for option in self.options if option in numbers)


Setting = Whole | Real | Choice | Subset
Table = dict[str, Any]  # settings by name; each is a Setting, of the kind that its reader knows


def checked(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of the table, from `values` where given and the default elsewhere. Raises InvalidSetting."""
    unknown = set(values) - set(table)
    if unknown:
        raise InvalidSetting(Sentence("there is no setting called {0}", _shown(sorted(unknown)[0])))
    return {name: setting.check(values.get(name, setting.default)) for name, setting in table.items()}


def argument(check: Callable[[Any], Any]) -> Callable[[str], Any]:
    """A setting's check, as argparse wants it: its sentence becomes the error message."""

    def parse(text: str) -> Any:
        try:
            return check(text)
        except InvalidSetting as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse
