"""Trainings on replicas that may die, without Ray; tests/serving/test_cluster.py has them with it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
import torch

from explorer.core.checkpoint import from_bytes
from explorer.core.training import train
from explorer.data import pictures
from explorer.lab.cluster.client import OnCluster
from explorer.lab.cluster.trainer import TRAIN, Trainer
from explorer.lab.cluster.travelling import Order, packed, unpack
from explorer.lab.course import Computing
from explorer.lab.experiment import Experiment
from explorer.lab.session import Training
from explorer.lab.trainings import Lab
from explorer.serving.errors import FilmFailed
from explorer.serving.model_store import ModelStore
from explorer.serving.scheduler import ComputeScheduler
from explorer.serving.streams import until
from tests.lab.hearing import hear

pytestmark = pytest.mark.usefixtures("small_network")


class TwoReplicas:
    """A cluster of two trainers; the second is asked once the first has died."""

    def __init__(self) -> None:
        self.trainers = [Trainer(ComputeScheduler()) for _ in range(2)]
        self.died = self.orders = 0

    def kill(self) -> None:
        self.died += 1
        self.bell.ring()

    async def lasting(self, what, watched, question):
        self.bell = watched.changed
        while self.died < len(self.trainers):
            died, order = self.died, question()
            self.orders += 1
            assert what == TRAIN and isinstance(order, Order)
            news = until(
                lambda died=died: watched.over or self.died > died, watched.changed, self.trainers[died].train(order)
            )
            async with aclosing(news):
                async for told in news:
                    yield told
            if self.died == died:
                return
        raise FilmFailed("all are gone")

    async def tell(self, note) -> None:
        for trainer in self.trainers:
            await trainer.tell_state(note)

    @property
    def trains(self) -> int:
        return sum(len(trainer._turns) for trainer in self.trainers)


@pytest.fixture
def cluster():
    return TwoReplicas()


@pytest.fixture
def lab(cluster):
    scheduler = ComputeScheduler()
    return Lab(ModelStore(), scheduler, place=OnCluster(cluster, Computing(scheduler)))


def steps_of(news):
    return [point.step for update in news for point in update.steps]


def last_told(news):
    """The loss curve as a page has it: a point that is told again replaces the one before."""
    return list({point.step: point for update in news for point in update.steps}.values())


def checkpoints_of(news):
    return [drawn.step for update in news for drawn in update.checkpoints]


def equal(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


def test_a_training_tells_its_story_and_is_kept_at_the_page(lab, cluster):
    """All steps once, checkpoints from the first to the last, and the model is what the last of them was drawn by. On
    the page's side not a step is made.
    """
    news = asyncio.run(hear(lab.start(Experiment(seed=3, classes=(1, 7)), 0.8, "me", (pictures.digit(3, 0),))))
    kept = lab._kept["me"]
    assert steps_of(news) == [point.step for point in kept.points] == list(range(1, kept.run.step + 1))
    assert checkpoints_of(news)[0] == 0 and checkpoints_of(news)[-1] == kept.run.step
    assert news[-1].over and news[-1].progress == 1 and news[-1].joined is None and lab.waiting == cluster.trains == 0
    model = from_bytes(lab.file(news[-1].model))
    assert equal(model.network.state_dict(), kept.run.average.state_dict()) and model.notes["classes"] == [3]


def test_one_stops_and_the_other_goes_on(lab, cluster):
    """Who stops has it as it stood, after each step that they were told of, and can go on from there."""

    async def two():
        streams = [lab.start(Experiment(), 1.0, owner) for owner in ("stops", "stays")]
        return await asyncio.gather(
            hear(streams[0], lambda update: update.steps, lambda: lab.stop("stops")), hear(streams[1])
        )

    stopped, stayed = asyncio.run(two())
    mine, theirs = lab._kept["stops"], lab._kept["stays"]
    assert stopped[-1].over and stopped[-1].model and mine is not theirs and cluster.orders == 1
    assert steps_of(stopped) == list(range(1, mine.run.step + 1)) and checkpoints_of(stopped)[-1] == mine.run.step
    assert steps_of(stayed) == list(range(1, theirs.run.step + 1)) and mine.run.step <= theirs.run.step
    rest = asyncio.run(hear(lab.go_on(1.4, "stops")))
    assert rest[-1].progress == 1 and rest[-1].run == stopped[-1].run
    assert steps_of(stopped + rest) == list(range(1, lab._kept["stops"].run.step + 1))


def test_the_last_to_stop_ends_it_and_a_closed_page_too(lab, cluster):
    async def alone():
        stream = lab.start(Experiment(), 30, "me")
        news = await hear(stream, lambda update: update.steps, lambda: lab.stop("me"))
        other = lab.start(Experiment(seed=1), 30, "other")
        await anext(other)
        running = cluster.trains
        await other.aclose()
        while cluster.trains:
            await asyncio.sleep(0.01)
        return news, running

    news, running = asyncio.run(alone())
    assert news[-1].over and news[-1].model and running >= 1 and lab.waiting == 0


def test_a_replica_that_dies_costs_what_came_since_the_last_checkpoint(lab, cluster):
    """The steps after it are made and told again, and what is kept is what was told of each last."""
    told = asyncio.run(hear(lab.start(Experiment(), 1.5, "me"), lambda update: update.progress > 0.4, cluster.kill))
    kept = lab._kept["me"]
    assert cluster.orders == 2 and told[-1].over and told[-1].progress == 1 and told[-1].model
    assert last_told(told)[: kept.run.step] == kept.points and len(kept.points) == kept.run.step
    assert checkpoints_of(told) == sorted(set(checkpoints_of(told))) and checkpoints_of(told)[-1] == kept.run.step


def test_when_all_are_gone_it_is_said(lab, cluster):
    async def lost():
        with pytest.raises(FilmFailed, match="all are gone"):
            await hear(
                lab.start(Experiment(), 30, "me"), lambda update: update.steps, lambda: (cluster.kill(), cluster.kill())
            )

    asyncio.run(lost())
    assert lab.waiting == 0 and lab.knows("me")


def test_from_its_state_a_training_makes_the_same_steps():
    """Bit by bit, by the optimizers' memories and the generator too."""
    there, x_0, label = Training.fresh(Experiment(batch=4), 30), *Experiment().data()
    for _ in train(there.run, x_0, label, steps=3):
        if there.run.step == 3:
            break
    state = packed(there.run)
    here = Order("name", there.experiment, 30, (), state).training()
    for run in (there.run, here.run):
        assert [step.step for step in train(run, x_0, label, steps=6)] == [4, 5, 6]
    assert equal(there.run.network.state_dict(), here.run.network.state_dict())
    assert equal(there.run.average.state_dict(), here.run.average.state_dict())
    unpack(state, here.run)
    assert here.run.step == 3
