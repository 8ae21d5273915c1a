"""Drawings to learn from, in the page as one file: what is told of them, and what varies them."""

from __future__ import annotations

from typing import TypedDict

import torch

from explorer.core.sampling import IMAGE_SHAPE
from explorer.data.augment import NUMBERS, VARIANTS, varied
from explorer.data.pictures import NO_DIGITS, no_digit
from explorer.device.export import export_function
from explorer.lab.session import OWN_DRAWINGS
from explorer.page.experiment_form import DRAWN, ENOUGH, MAX_DRAWINGS, NO_DRAWING, count_of
from explorer.page.payloads.texts import told
from explorer.page.tabs.train import KNOWN_HERE
from explorer.widgets.base import Told
from explorer.widgets.words import WordsValue

FILE = "explorer-trainings/varied.bin"


class DrawingFacts(TypedDict):
    """data: the choice of drawings among the data. most: drawings at a time. enough, missing: what is told where there
    are more, and where there is none. about: in a training's settings; command: in place of its command. words: of
    none, and of some. file: of what varies a picture, variants: how often, numbers: by how many random ones.
    """

    data: str
    most: int
    enough: Told
    missing: Told
    about: str
    command: str
    words: dict[str, WordsValue]
    file: str
    variants: int
    numbers: int


def drawing_facts() -> DrawingFacts:
    """See there."""
    some = count_of((no_digit(next(iter(NO_DIGITS))),))
    return {
        "data": DRAWN,
        "most": MAX_DRAWINGS,
        "enough": told(ENOUGH),
        "missing": told(NO_DRAWING),
        "about": OWN_DRAWINGS,
        "command": KNOWN_HERE,
        "words": {"none": count_of(()), "some": some},
        "file": FILE,
        "variants": VARIANTS,
        "numbers": NUMBERS,
    }


def varied_file() -> bytes:
    """What makes one variant of one picture; see explorer/device."""
    given = {"picture": torch.zeros(1, *IMAGE_SHAPE), "u": torch.zeros(1, NUMBERS)}
    return export_function(varied, given, ("varied",))
