"""How many people are looking on, counted without knowing who: each page gives itself a random name, and is heard of
every few seconds.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

ASKING_SECONDS = 20.0  # between two calls of a page that is looked at, at most
PATIENCE_SECONDS = ASKING_SECONDS + 5  # since a page's last call: longer ago, it is closed or not looked at
MAX_NAME_CHARACTERS = 40
MAX_PAGES = 2000  # pages that are told apart; a stranger may make names up


class Audience:
    """The pages heard of lately, the latest last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: OrderedDict[str, float] = OrderedDict()

    def hear(self, page: object) -> None:
        """A page says that somebody looks at it. What is no page's name is not counted."""
        if not isinstance(page, str) or not 0 < len(page) <= MAX_NAME_CHARACTERS:
            return
        self._heard[page] = self._clock()
        self._heard.move_to_end(page)
        if len(self._heard) > MAX_PAGES:
            self._heard.popitem(last=False)

    def count(self) -> int:
        """How many are looking on."""
        while self._heard and self._clock() - next(iter(self._heard.values())) > PATIENCE_SECONDS:
            self._heard.popitem(last=False)
        return len(self._heard)
