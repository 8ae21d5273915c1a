"""Sentences for people that remember how they were made, so that they can be said in another language."""

from __future__ import annotations

from collections.abc import Sequence

# What fills a place: a text (also translated, where the catalogue has it), a number, or several of them in a row.
Value = str | float | Sequence[str | float]


class Sentence(str):
    """A sentence in English, which is what it is as a str, made of a text with places for its values.

    text: with {0}, {1} ... for the values: that is what a language's catalogue translates; values: what stands there.
    """

    text: str
    values: tuple[Value, ...]

    def __new__(cls, text: str, *values: Value) -> Sentence:
        """Fill the places. Raises IndexError where there are more of them than values."""
        sentence = super().__new__(cls, text.format(*map(in_english, values)))
        sentence.text, sentence.values = text, values
        return sentence

    def __getnewargs__(self) -> tuple[Value, ...]:  # type: ignore[override] # str's own tells one text
        """What it is made of anew when it is copied or travels."""
        return self.text, *self.values


def in_english(value: Value) -> str:
    """A value as it stands in the English sentence."""
    return str(value) if isinstance(value, str | int | float) else ", ".join(map(str, value))


def joined(first: str, *others: str) -> str:
    """Sentences one after the other; empty ones are left out."""
    whole = first
    for other in others:
        whole = Sentence("{0} {1}", whole, other) if whole and other else whole or other
    return whole


def sentence_of(error: BaseException) -> str:
    """What an exception tells people: the Sentence itself where it was raised with one."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Sentence) else str(error)
