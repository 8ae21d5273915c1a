"""How much of everything there may be, and how often."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

MINUTE = 60.0  # seconds

MAX_CLASSES = 40  # at a time
CLASS_SECONDS = 2 * 60 * MINUTE  # after which a class ends, whoever is still there
LEADER_SECONDS = 150.0  # without a word from the leader's page: a hidden page's timers run once a minute
CLOSED_SECONDS = 45.0  # since the leader's page said that it closes: enough to load it anew
MEMBER_SECONDS = 75.0  # without a word from a member's page: longer ago, it is not counted any more
FAREWELL_SECONDS = 10 * MINUTE  # for which the code of a class that has ended is known as such

MAX_MEMBERS = 400
MAX_DRAWINGS = 150  # of a class; each becomes a hundred pictures to learn from
MAX_DRAWINGS_OF_A_MEMBER = 12
VOTES_A_MINUTE = 40  # of a member, who may think again and again
DRAWINGS_A_MINUTE = 6  # of a member
CLASS_DRAWINGS_A_MINUTE = 150
WRONG_CODES_A_MINUTE = 60  # from one address, which may be a whole school's
OPENED_A_MINUTE = 10  # from one address
MAX_SOURCES = 1000  # addresses that are told apart


class Pace:
    """At most so many times a minute."""

    def __init__(self, times: int, clock: Callable[[], float]) -> None:
        self._times, self._clock = times, clock
        self._taken: deque[float] = deque()

    @property
    def full(self) -> bool:
        """Whether one more would be too many now."""
        while self._taken and self._clock() - self._taken[0] >= MINUTE:
            self._taken.popleft()
        return len(self._taken) >= self._times

    def take(self) -> bool:
        """Count one, if it is not too many; whether it was counted."""
        if self.full:
            return False
        self._taken.append(self._clock())
        return True


class Paces:
    """A Pace for each source, of which the latest MAX_SOURCES are told apart."""

    def __init__(self, times: int, clock: Callable[[], float]) -> None:
        self._times, self._clock = times, clock
        self._of: OrderedDict[str, Pace] = OrderedDict()

    def of(self, source: str) -> Pace:
        """The pace of this source."""
        pace = self._of.setdefault(source, Pace(self._times, self._clock))
        self._of.move_to_end(source)
        if len(self._of) > MAX_SOURCES:
            self._of.popitem(last=False)
        return pace
