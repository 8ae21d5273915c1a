"""One training and all viewers whose it is: who asks for what is being trained already joins, and shares the result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from explorer.lab.course import Computing, Make, Place
from explorer.lab.experiment import Experiment
from explorer.lab.session import DrawnCheckpoint, LabUpdate, Training
from explorer.lab.turns import Standing
from explorer.lab.worker import News
from explorer.serving.bell import Bell

Hold = Callable[[Training], str]


@dataclass(frozen=True)
class Wanted:
    """What a viewer asks for. same: equal for those that may share a training; seconds: of training that it will take;
    make: gives the training, in the computing thread.
    """

    same: Hashable
    experiment: Experiment
    seconds: float
    make: Make


@dataclass(frozen=True)
class Snapshot:
    """A training as it stood when somebody stopped: what they keep, what it drew, and its model's name, "" before its
    first step.
    """

    training: Training
    drawn: DrawnCheckpoint
    model: str


class Member:
    """A viewer from the press of the button to the end of what they see. Made in the event loop."""

    def __init__(self) -> None:
        self.bell = Bell()  # rings when there is news, or something to notice
        self.stopped = self.left = False

    @property
    def over(self) -> bool:
        """Whether they want to see no more."""
        return self.stopped or self.left

    def stop(self) -> None:
        """They want to keep what there is, and go. From any thread."""
        self.stopped = True
        self.bell.ring()

    def leave(self) -> None:
        """They have closed the page. From any thread."""
        self.left = True
        self.bell.ring()


class SharedTraining:
    """A training, and all that was told of it. Made in the event loop.

    news: from its beginning; the computing thread appends, nobody takes away. broke: what it broke off with.
    """

    def __init__(self, wanted: Wanted, place: Place, compute: Computing, hold: Hold) -> None:
        """place: where it is computed; hold: puts what was learnt where films can be made with it, and names it."""
        self.wanted, self._compute, self._hold = wanted, compute, hold
        self.members: set[Member] = set()
        self.news: list[LabUpdate] = []
        self.broke: Exception | None = None
        self.course = place.course(self._make, wanted.seconds, self._hear)
        self.deserted = False  # nobody wants it any longer
        self._began: float | None = None
        self._asked: asyncio.Task[Snapshot] | None = None  # for a moment that has not come

    @property
    def training(self) -> Training | None:
        """Once it has begun."""
        return self.course.training

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.course.ended

    @property
    def age(self) -> float:
        """Seconds by the clock since it began, 0 before."""
        return 0.0 if self._began is None else time.perf_counter() - self._began

    async def snapshot(self) -> Snapshot:
        """What it has come to. Those who ask before it is taken get one together: a whole class may stop at once."""
        if self._asked is None:
            self._asked = asyncio.create_task(self._taken())
        return await asyncio.shield(self._asked)

    async def _taken(self) -> Snapshot:
        def alone() -> bool:
            self._asked = None
            return self.deserted

        training, drawn = await self.course.taken(alone)
        name = await self._compute(lambda: self._hold(training)) if training.run.step else ""
        return Snapshot(training, drawn, name)

    def _make(self) -> Training:
        self._began = time.perf_counter()
        return self.wanted.make()

    def _hear(self, told: News) -> None:
        """In the computing thread: keep what is told, and wake whoever waits for it."""
        if isinstance(told, Exception):
            self.broke = told
        else:
            training = self.training
            if told.over and training is not None and training.run.step:
                told = replace(told, model=self._hold(training))
            self.news.append(told)
        for member in tuple(self.members):
            member.bell.ring()


class SharedTrainings:
    """Those that go on or wait. Belongs to the event loop."""

    def __init__(self, place: Place, compute: Computing, hold: Hold) -> None:
        """See SharedTraining."""
        self._place, self._compute, self._hold = place, compute, hold
        self._all: list[SharedTraining] = []  # in the order in which they came

    def __len__(self) -> int:
        return sum(not shared.over for shared in self._all)

    def open(self, same: Hashable) -> SharedTraining | None:
        """The one that may be joined by who wants this."""
        return next((shared for shared in self._all if shared.wanted.same == same and not shared.over), None)

    def join(self, wanted: Wanted, member: Member) -> SharedTraining:
        """The training that is wanted, which goes on already or begins when its turn comes. Raises Closed."""
        shared = self.open(wanted.same)
        if shared is None:
            shared = SharedTraining(wanted, self._place, self._compute, self._hold)
            shared.course.begin()
            self._all.append(shared)
        shared.members.add(member)
        return shared

    def leave(self, shared: SharedTraining, member: Member) -> None:
        """The member wants it no longer; with the last one it ends."""
        if self._parted(shared, member):
            shared.course.leave()

    async def stop(self, shared: SharedTraining, member: Member) -> Snapshot:
        """What it has come to, for a member who wants no more of it; with the last one it ends."""
        last = self._parted(shared, member)
        try:
            return await shared.snapshot()
        finally:
            if last:
                shared.course.leave()

    def _parted(self, shared: SharedTraining, member: Member) -> bool:
        """Whether nobody wants it any longer, now that this member has gone."""
        shared.members.discard(member)
        last = not shared.members and shared in self._all
        if last:
            shared.deserted = True
            self._all.remove(shared)
        return last

    def running(self, training: Training) -> SharedTraining | None:
        """The one that trains this very training now, if any does."""
        return next((shared for shared in self._all if shared.training is training and not shared.over), None)

    def first(self) -> SharedTraining | None:
        """The one that has gone on longest, for those who wait to watch."""
        return next((shared for shared in self._all if shared.news and not shared.over), None)

    def standing(self, shared: SharedTraining) -> Standing:
        """How it stands among the others."""
        return shared.course.standing()
