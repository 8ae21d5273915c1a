"""The page's side of trainings on a cluster: what a replica tells, and where to go on from when it dies."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple, Protocol

from explorer.lab.cluster.trainer import TRAIN
from explorer.lab.cluster.travelling import Order, Told, packed, unpack
from explorer.lab.course import Computing, Make, Taken, Tell
from explorer.lab.session import LabUpdate, Training, draw_checkpoint
from explorer.lab.turns import Standing
from explorer.serving.viewers import Watching

UNTOLD = Standing(0, 0, 0.0, 0.0)


class Cluster(Protocol):
    """What is asked of a cluster's client, see ClusterEngine."""

    def lasting(self, what: str, watched: Watching, question: Callable[[], object]) -> AsyncGenerator[Any, None]:
        """Answers, asked for anew where a replica or the cluster is lost."""

    async def tell(self, note: object) -> None:
        """A note to all that compute."""


class Asked(NamedTuple):
    """Somebody who wants a training as it stands; alone: see Course.taken."""

    alone: Callable[[], bool]
    answer: asyncio.Future[Taken]


class OnCluster:
    """Trainings on a cluster's replicas, see Place. What they are at their checkpoints is kept here."""

    def __init__(self, cluster: Cluster, compute: Computing) -> None:
        """compute: the page's own computing thread, which has little to do."""
        self._cluster, self._compute = cluster, compute

    def course(self, make: Make, seconds: float, tell: Tell) -> RemoteCourse:
        """See Place."""
        return RemoteCourse(self._cluster, self._compute, make, seconds, tell)


class RemoteCourse:
    """A training that a replica computes, see Course. Made in the event loop.

    training: as it was at its last checkpoint, or when somebody asked; from there it goes on where a replica dies, and
    the steps that came after it are made and told again.
    """

    def __init__(self, cluster: Cluster, compute: Computing, make: Make, seconds: float, tell: Tell) -> None:
        self._cluster, self._compute, self._make, self._tell = cluster, compute, make, tell
        self.training: Training | None = None
        self.ended = False
        self._state: bytes | None = None  # the training's, as it travels
        self._standing = UNTOLD._replace(ends=seconds)
        self._watched = Watching()
        self._asked: list[Asked] = []
        self._sent = False  # that somebody asks, to the replica that computes now
        self._task: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None  # held, like the other, or it might be swept away

    def begin(self) -> None:
        """See Course."""
        self._task = asyncio.create_task(self._run())

    def leave(self) -> None:
        """See Course."""
        self._watched.cancel()

    def standing(self) -> Standing:
        """As it was told last."""
        return UNTOLD if self.ended else self._standing

    async def taken(self, alone: Callable[[], bool]) -> Taken:
        """See Course. Raises what the training breaks off with."""
        training = self.training
        if training is not None and self.ended:
            alone()
            return Taken(training, await self._compute(lambda: draw_checkpoint(training.model(), training.run.device)))
        asked = Asked(alone, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        self._ask()
        return await asked.answer

    def _ask(self) -> None:
        """Let the replica know that somebody wants it as it stands; nobody waits for all replicas to have heard."""
        self._sent = self.training is not None
        if self.training is not None:
            self._telling = asyncio.create_task(self._cluster.tell(self.training.name))

    async def _run(self) -> None:
        try:
            training = self.training = await self._compute(self._begun)
            asked_before = False

            def order() -> Order:
                nonlocal asked_before
                if asked_before:  # from here on it may make other steps than those that it was on the way to
                    training.stretch = uuid.uuid4().hex
                asked_before, self._sent = True, False
                return Order(training.name, training.experiment, training.seconds, training.drawings, self._state)

            async with aclosing(self._cluster.lasting(TRAIN, self._watched, order)) as news:
                async for told in news:
                    await self._heed(told)
        except Exception as error:  # belongs to whoever wanted the training
            self.ended = True
            self._tell(error)
            for asked in self._asked:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
        finally:
            self._state = None

    def _begun(self) -> Training:
        """In the computing thread: the training as it begins."""
        training = self._make()
        if training.run.step:
            self._state = packed(training.run)
        return training

    async def _heed(self, told: Told) -> None:
        self._standing = told.standing
        if told.drawn is not None or (told.update is not None and told.update.checkpoints):
            asked, self._asked = self._asked, []
            for one, taken in zip(asked, await self._compute(lambda: self._took(told, asked)), strict=True):
                if not one.answer.done():
                    one.answer.set_result(taken)
        elif told.update is not None:
            self._forward(told.update)
        if self._asked and not self._sent:
            self._ask()

    def _took(self, told: Told, asked: Sequence[Asked]) -> list[Taken]:
        """In the computing thread: the training as it stands with this, for each who asked."""
        training = self.training
        if training is None:
            raise RuntimeError("news of a training that has not begun")
        if told.state is not None:
            self._state = told.state
            unpack(told.state, training.run)
            training.points.extend(told.points)
        drawn = told.drawn
        if told.update is not None:
            drawn = told.update.checkpoints[-1]
            self._forward(told.update)
        if drawn is None:
            raise RuntimeError("a training's state without what it draws")
        return [Taken(training if one.alone() or self.ended else training.copy(), drawn) for one in asked]

    def _forward(self, update: LabUpdate) -> None:
        self.ended = update.over
        self._tell(update)
