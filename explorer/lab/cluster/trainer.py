"""Whoever trains for a page: a replica, or in place of a lost cluster the page's own engine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

import torch

from explorer.core.devices import CPU
from explorer.core.sentences import sentence_of
from explorer.data.arrived import NotArrived
from explorer.lab.cluster.travelling import Order, Told, packed
from explorer.lab.course import Computing
from explorer.lab.session import Point, Training, draw_checkpoint
from explorer.lab.turns import TrainingTurns
from explorer.lab.worker import News, TrainingWorker
from explorer.serving.bell import Bell
from explorer.serving.cluster.answers import Answers
from explorer.serving.engine import Engine
from explorer.serving.errors import Refused
from explorer.serving.scheduler import ComputeScheduler

LOOK_SECONDS = 1.0  # between two looks of a training that waits for a place
TRAIN = "train"  # the name under which a training is asked for


class FilmsAndTrainings(Answers):
    """What a replica answers: films, guesses and trainings."""

    def __init__(self, engine: Engine, scheduler: ComputeScheduler, device: torch.device = CPU) -> None:
        super().__init__(engine)
        self._trainer = Trainer(scheduler, device)
        self.kinds[TRAIN] = self._trainer.train

    async def hear(self, note: object) -> None:
        """Somebody asks for the state of the training of this name."""
        await self._trainer.tell_state(str(note))


class Trainer:
    """Trainings that take turns in this process's computing thread, and are told as a stream."""

    def __init__(self, scheduler: ComputeScheduler, device: torch.device = CPU) -> None:
        """device: where the networks compute."""
        self._turns, self._compute, self._device = TrainingTurns(scheduler), Computing(scheduler), device
        self._heard: dict[str, Ordered] = {}

    async def train(self, order: Order) -> AsyncGenerator[Told, None]:
        """The training's news, to its end. Closing this ends it. Raises Refused where its pictures cannot be had, and
        whatever it breaks off with.
        """
        try:
            await asyncio.to_thread(order.experiment.fetch)  # a download holds nobody up
        except (FileNotFoundError, NotArrived) as error:
            raise Refused(sentence_of(error)) from None
        training = Ordered(order, self._turns, self._device)
        self._heard[order.name] = training
        self._turns.join(training.worker)
        try:
            async for told in training.news():
                yield told
        finally:
            self._turns.leave(training.worker)
            if self._heard.get(order.name) is training:
                del self._heard[order.name]

    async def tell_state(self, name: str) -> None:
        """Put the state of the training of this name among its news. Nothing happens where it is not trained here."""
        training = self._heard.get(name)
        if training is not None:
            await self._compute(training.tell_state)


class Ordered:
    """A training that was ordered: what there is to tell of it, in the order in which it happened. Made in the event
    loop.
    """

    def __init__(self, order: Order, turns: TrainingTurns, device: torch.device) -> None:
        self._order, self._turns, self._device = order, turns, device
        self._bell = Bell()
        self._news: deque[Told | Exception] = deque()  # the computing thread appends
        self._told = 0  # points of the loss curve that came with a state
        self.worker = TrainingWorker(self._make, order.seconds, self._hear)

    async def news(self) -> AsyncGenerator[Told, None]:
        """All of it; before it begins, how it stands."""
        over = False
        while not over:
            if self._news:
                told = self._news.popleft()
                if isinstance(told, Exception):
                    raise told
                yield told
                over = told.update is not None and told.update.over
            elif self.worker.training is None:
                yield Told(self._turns.standing(self.worker))
                await self._bell.wait(LOOK_SECONDS)
            else:
                await self._bell.wait()

    def tell_state(self) -> None:
        """In the computing thread: how it stands, what it draws, and where it can be gone on from."""
        training = self.worker.training
        if training is not None and not self.worker.ended:
            drawn = draw_checkpoint(training.model(), training.run.device)
            self._tell(Told(self._turns.standing(self.worker), None, *self._state(training), drawn))

    def _make(self) -> Training:
        return self._order.training(self._device)

    def _hear(self, told: News) -> None:
        """In the computing thread."""
        training = self.worker.training
        if isinstance(told, Exception) or training is None:
            self._news.append(told if isinstance(told, Exception) else RuntimeError("news before the training"))
            self._bell.ring()
            return
        state, points = self._state(training) if told.checkpoints else (None, ())
        self._tell(Told(self._turns.standing(self.worker), told, state, points))

    def _tell(self, told: Told) -> None:
        self._news.append(told)
        self._bell.ring()

    def _state(self, training: Training) -> tuple[bytes | None, tuple[Point, ...]]:
        points, self._told = tuple(training.points[self._told :]), len(training.points)
        return packed(training.run) if training.run.step else None, points
