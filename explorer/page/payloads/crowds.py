"""What is said of a crowd."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.sentences import Sentence, joined
from explorer.page.payloads import shared_texts as say


def so_far(become: int, noises: int) -> str:
    """How many of the noises have become digits."""
    return Sentence(say.CROWD_SO_FAR, become, noises)


def come_to(read: Sequence[int], noises: int, drawer: str = "") -> str:
    """What it has come to, as far as it was gathered. read: the digit that each picture is read as; drawer: as in
    Crowds.gather.
    """
    status = say.CROWD_STOPPED
    if len(read) == noises:
        count = np.bincount(read, minlength=10)
        found = tuple(Sentence(say.CROWD_OF_EACH, label, int(number)) for label, number in enumerate(count) if number)
        status = joined(Sentence(say.CROWD_DONE, noises), Sentence(say.CROWD_READ, found))
    return joined(Sentence(say.CROWD_DRAWN, drawer), status) if drawer else status
