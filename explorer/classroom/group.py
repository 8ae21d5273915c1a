"""One class: who is in it, what it is asked, what it draws, and what is on its leader's stage."""

from __future__ import annotations

import hmac
import itertools
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from explorer.classroom.errors import ClassRefused, NoClass, NotTheLeader, TooMany
from explorer.classroom.limits import (
    CLASS_DRAWINGS_A_MINUTE,
    CLASS_SECONDS,
    CLOSED_SECONDS,
    DRAWINGS_A_MINUTE,
    LEADER_SECONDS,
    MAX_DRAWINGS,
    MAX_DRAWINGS_OF_A_MEMBER,
    MAX_MEMBERS,
    MEMBER_SECONDS,
    VOTES_A_MINUTE,
    Pace,
)
from explorer.classroom.polls import OWN_TRUTH, Poll, Result
from explorer.classroom.questions import DIGITS, QUESTIONS, Question
from explorer.core.sentences import Sentence
from explorer.data.pictures import Picture


@dataclass
class Member:
    """Somebody in the class; there is no more to know of them."""

    heard: float
    votes: Pace
    drawing: Pace
    drawn: int = 0


@dataclass(frozen=True)
class Drawing:
    """One drawing, tied to nobody. number: counted from 1 in this class; the picture's label is the digit it shows."""

    number: int
    picture: Picture


@dataclass(frozen=True)
class News:
    """What every member may see. version: another one where anything of it has changed; round: counts the polls;
    result: what came of the poll, once the leader has shown it; stage: the view that the class is brought to, as a
    link's query, None while everybody is on their own; turn: counts these views; drawing: whether drawings are wanted.
    """

    version: int = 0
    round: int = 0
    question: Question | None = None
    result: Result | None = None
    stage: str | None = None
    turn: int = 0
    drawing: bool = False


@dataclass(frozen=True)
class Report:
    """What its leader sees besides: how many are in the class, how many have answered, the drawings' numbers, and the
    seconds until the class ends.
    """

    members: int
    answered: int
    drawings: tuple[int, ...]
    seconds_left: float


@dataclass
class Group:
    """A class. Not safe for threads by itself: Classes holds the lock.

    clock: seconds that only grow.
    """

    code: str
    clock: Callable[[], float]
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    news: News = field(default_factory=News)

    def __post_init__(self) -> None:
        self._opened = self._leader_heard = self.clock()
        self._closed: float | None = None  # since when the leader's page is closed
        self._members: dict[str, Member] = {}
        self._poll: Poll | None = None
        self._drawings: dict[int, Drawing] = {}
        self._numbers = itertools.count(1)
        self._drawing_pace = Pace(CLASS_DRAWINGS_A_MINUTE, self.clock)

    # ---- who is there ----

    @property
    def over(self) -> bool:
        """Whether it has ended: by time, or because nothing is heard of its leader."""
        now = self.clock()
        gone = self._closed is not None and now - self._closed > CLOSED_SECONDS
        return gone or now - self._opened > CLASS_SECONDS or now - self._leader_heard > LEADER_SECONDS

    def is_led_by(self, secret: object) -> bool:
        """Whether this is the leader's secret; how long the answer takes says nothing of it."""
        return isinstance(secret, str) and hmac.compare_digest(secret.encode("utf-8", "replace"), self.secret.encode())

    def lead(self, secret: object) -> None:
        """Its leader speaks. Raises NotTheLeader for whoever does not know the secret."""
        if not self.is_led_by(secret):
            raise NotTheLeader("only the page that opened this class leads it")
        self._leader_heard, self._closed = self.clock(), None

    def close(self) -> None:
        """Its leader's page says that it closes; it may come back within CLOSED_SECONDS."""
        self._closed = self.clock()

    def knows(self, member: str) -> bool:
        """Whether this member has been heard of lately."""
        return member in self._members

    def hear(self, member: str) -> None:
        """A member is there; a new one joins. Raises TooMany where the class is full."""
        self._sweep()
        if member not in self._members:
            if len(self._members) >= MAX_MEMBERS:
                raise TooMany(Sentence("this class is full: it holds {0}", MAX_MEMBERS))
            paces = Pace(VOTES_A_MINUTE, self.clock), Pace(DRAWINGS_A_MINUTE, self.clock)
            self._members[member] = Member(self.clock(), *paces)
        self._members[member].heard = self.clock()

    def leave(self, member: str) -> None:
        """A member goes."""
        self._members.pop(member, None)

    def members(self) -> int:
        """How many are there."""
        self._sweep()
        return len(self._members)

    def _sweep(self) -> None:
        long_ago = self.clock() - MEMBER_SECONDS
        for key in [key for key, member in self._members.items() if member.heard < long_ago]:
            del self._members[key]

    # ---- polls ----

    def ask(self, question: object) -> None:
        """Ask one of QUESTIONS, in place of what was asked before. Raises ClassRefused for another."""
        if not isinstance(question, str) or question not in QUESTIONS:
            raise ClassRefused("there is no such question")
        self._poll = Poll(QUESTIONS[question])
        self._change(question=self._poll.question, result=None, round=self.news.round + 1)

    def vote(self, member: str, number: object, answer: object) -> None:
        """A member's answer in the round of this number. Raises ClassRefused."""
        self.hear(member)
        if self._poll is None or number != self.news.round:
            raise ClassRefused("this question is not open any more")
        if not self._members[member].votes.take():
            raise TooMany("so many answers a minute are too many: wait a little")
        self._poll.vote(member, answer)

    def reveal(self, truth: object = OWN_TRUTH) -> None:
        """Show what came of the poll; from now on nobody knows who answered what.

        truth: as Poll.result takes it. Raises ClassRefused.
        """
        if self._poll is None:
            raise ClassRefused("there is no open question")
        result = self._poll.result(truth)
        self._poll = None
        self._change(result=result)

    def put_away(self) -> None:
        """Take the question and what came of it from everybody's screen."""
        self._poll = None
        self._change(question=None, result=None)

    # ---- the view on the stage ----

    def show(self, query: str | None) -> None:
        """Bring everybody to this view, or let them go. query: of a link that has been checked."""
        if query != self.news.stage:
            self._change(stage=query, turn=self.news.turn + 1)

    # ---- drawings ----

    def want_drawings(self, wanted: object) -> None:
        """Ask for drawings, or no longer. Raises ClassRefused for what is neither True nor False."""
        if not isinstance(wanted, bool):
            raise ClassRefused("drawings are wanted, or they are not")
        self._change(drawing=wanted)

    def may_draw(self, member: str, digit: object) -> int:
        """The digit that a member's next drawing shows, if it is welcome. Raises ClassRefused."""
        self.hear(member)
        if not self.news.drawing:
            raise ClassRefused("no drawings are wanted now")
        if isinstance(digit, bool) or digit not in DIGITS:
            raise ClassRefused("say which digit it is, 0 to 9")
        own = self._members[member]
        if len(self._drawings) >= MAX_DRAWINGS or own.drawn >= MAX_DRAWINGS_OF_A_MEMBER:
            raise TooMany("these are enough drawings")
        if not own.drawing.take() or not self._drawing_pace.take():
            raise TooMany("so many drawings a minute are too many: wait a little")
        own.drawn += 1
        return int(digit)  # type: ignore[call-overload] # it is one of DIGITS

    def draw(self, picture: Picture, digit: int) -> None:
        """Add a drawing that may_draw has welcomed."""
        if len(self._drawings) < MAX_DRAWINGS:
            number = next(self._numbers)
            self._drawings[number] = Drawing(number, replace(picture, label=digit))

    def drawings(self, after: int = 0) -> tuple[Drawing, ...]:
        """The drawings whose numbers come after this one, in their order."""
        return tuple(drawing for drawing in self._drawings.values() if drawing.number > after)

    def remove(self, numbers: Iterable[object] | None) -> None:
        """Take these drawings away, None for all."""
        for number in list(self._drawings) if numbers is None else numbers:
            if isinstance(number, int):
                self._drawings.pop(number, None)

    # ---- what is seen ----

    def report(self) -> Report:
        """What its leader sees besides the news."""
        answered = self._poll.answered if self._poll else self.news.result.answers if self.news.result else 0
        left = max(0.0, self._opened + CLASS_SECONDS - self.clock())
        return Report(self.members(), answered, tuple(self._drawings), left)

    def _change(self, **changes: object) -> None:
        self.news = replace(self.news, version=self.news.version + 1, **changes)  # type: ignore[arg-type] # News' own


def gone() -> NoClass:
    """What is told of a class that has ended."""
    return NoClass("this class has ended")
