"""Every tab's settings, declared once: name, range, default. The controls, the validation and the command line read
them from here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from explorer.core.sampling import NULL_LABEL, SAMPLERS
from explorer.core.schedule import KINDS

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


@dataclass(frozen=True)
class Whole:
    """A whole number in low..high."""

    name: str
    default: int
    low: int
    high: int

    def check(self, value: Any) -> int:
        number = _number(value)
        if number is None or number != math.floor(number) or not self.low <= number <= self.high:
            raise InvalidSetting(
                f"{self.name} must be a whole number from {self.low} to {self.high}, not {_shown(value)}"
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
        number = _number(value)
        if number is None or not self.low <= number <= self.high:
            raise InvalidSetting(
                f"{self.name} must be a number from {self.low:g} to {self.high:g}, not {_shown(value)}"
            )
        return number


@dataclass(frozen=True)
class Choice:
    """One of a few words or numbers."""

    name: str
    default: str | int
    options: tuple[str | int, ...]

    def check(self, value: Any) -> str | int:
        for option in self.options:
            if not isinstance(value, bool) and (value == option or (isinstance(value, str) and value == str(option))):
                return option
        raise InvalidSetting(f"{self.name} must be one of {', '.join(map(str, self.options))}, not {_shown(value)}")


@dataclass(frozen=True)
class Several:
    """One or more of a few whole numbers, given as a list or as text like 3,8; always in rising order, each once."""

    name: str
    default: tuple[int, ...]
    options: tuple[int, ...]

    def check(self, value: Any) -> tuple[int, ...]:
        given = value.split(",") if isinstance(value, str) else value
        numbers = {_number(item) for item in given} if isinstance(given, list | tuple) else set()
        if not numbers or not numbers <= set(self.options):
            raise InvalidSetting(
                f"{self.name} must be one or more of {', '.join(map(str, self.options))}, not {_shown(value)}"
            )
        return tuple(option for option in self.options if option in numbers)


Setting = Whole | Real | Choice | Several
Table = dict[str, Setting]

BOTH = "both"  # schedules, side by side

PICTURE: Table = {
    "label": Whole("the digit", 7, 0, 9),
    "example": Whole("the example's number", 0, 0, 9_999),
    "noise_seed": Whole("the noise's seed", 0, 0, MAX_SEED),
}

ADD_NOISE: Table = {
    "t": Whole("t", 300, 0, 1000),
    "schedule": Choice("the schedule", "linear", (*KINDS, BOTH)),
    "T": Choice("T", 1000, (10, 50, 100, 200, 500, 1000)),
}

NOISE_IMAGE: Table = PICTURE | {
    "t": ADD_NOISE["t"],
    "schedule": Choice("the schedule", "linear", KINDS),
}

GUESS_NOISE: Table = PICTURE | {
    "t": Whole("t", 300, 1, 1000),
    "told": Choice("what the network is told", "nothing", ("nothing", "the digit")),
}

REMOVE_NOISE: Table = {
    "label": Whole("the digit (10 is any)", NULL_LABEL, 0, NULL_LABEL),
    "pictures": Choice("the number of pictures", 1, (1, 4, 16)),
    "sampler": Choice("the sampler", "ddpm", SAMPLERS),
    "steps": Whole("the number of steps", 250, 1, 1000),
    "guidance": Real("guidance", 1.0, 0.0, 10.0),
    "eta": Real("eta", 0.0, 0.0, 1.0),
    "seed": Whole("the seed", 7, 0, MAX_SEED),
}

# what a player asks about the picture on its screen; 0-based, as pictures are counted there
QUESTION: Table = {
    "t": Whole("t", 1000, 1, 1000),
    "picture": Whole("the picture's number", 0, 0, 15),
}

RESCUE: Table = {"t": Whole("t", 400, 1, 1000)}

ALL_DIGITS, ALL_ANY = "0 to 9", "ten of any"
LEAPS: Table = {
    "digits": Choice("the digits", "3", ("any", *map(str, range(10)), ALL_DIGITS, ALL_ANY)),
    "sampler": Choice("the sampler", "ddim", SAMPLERS),
    "t": Whole("t", 1000, 1, 1000),
    "seed": Whole("the seed", 7, 0, MAX_SEED),
}

FUTURES: Table = {
    "label": Whole("the digit", 4, 0, 9),
    "t": Whole("t", 700, 1, 1000),
    "seed": Whole("the seed", 0, 0, MAX_SEED),
}

SHORTEST_TRAINING = 10  # seconds; before that there is nothing to see
LONGEST_TRAINING = 120  # unless the server's options say otherwise

TRAIN: Table = {"seconds": Whole("the training time in seconds", 60, SHORTEST_TRAINING, LONGEST_TRAINING)}


def train_table(longest: int) -> Table:
    """TRAIN on a server that lets a training take up to `longest` seconds."""
    seconds = TRAIN["seconds"]
    return {"seconds": replace(seconds, default=min(seconds.default, longest), high=longest)}


def checked(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of the table, from `values` where given and the default elsewhere. Raises InvalidSetting."""
    unknown = set(values) - set(table)
    if unknown:
        raise InvalidSetting(f"there is no setting called {_shown(sorted(unknown)[0])}")
    return {name: setting.check(values.get(name, setting.default)) for name, setting in table.items()}
