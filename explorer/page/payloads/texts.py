"""Sentences on their way to the browser, which says them in its viewer's language."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.sentences import Sentence, Value, joined, sentence_of
from explorer.widgets.base import Told

# tabs, which know no core, make theirs by these
__all__ = [
    "DEVICE_WORKS",
    "Sentence",
    "as_sentence",
    "joined",
    "sentence_of",
    "told",
]


DEVICE_WORKS = "Your device is computing, step by step."


def told(text: str) -> Told:
    """A text as a payload carries it: a Sentence with its values, any other as it is."""
    return (
        {"text": text.text, "values": [_place(value) for value in text.values]} if isinstance(text, Sentence) else text
    )


def _place(value: Value) -> Told | float | list[Told | float]:
    if isinstance(value, str):
        return told(value)
    if isinstance(value, Sequence):
        return [told(item) if isinstance(item, str) else item for item in value]
    return value


def as_sentence(error: Exception) -> str:
    """What an exception tells people, as a whole sentence."""
    return Sentence("{0}.", sentence_of(error))
