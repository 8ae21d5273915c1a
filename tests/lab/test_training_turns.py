"""Trainings take turns, and who waits is told how long, and it comes true."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from explorer.lab.course import Here
from explorer.lab.experiment import Experiment
from explorer.lab.session import Training
from explorer.lab.trainings import Lab
from explorer.lab.turns import TrainingTurns
from explorer.lab.worker import updates
from explorer.page.payloads.training import lab_status
from explorer.serving.model_store import ModelStore
from explorer.serving.scheduler import ComputeScheduler

pytestmark = pytest.mark.usefixtures("small_network")


class Pretended:
    """A training of pieces of half a second, two to a turn, that computes nothing; `now` is the clock's."""

    def __init__(self, seconds: float, now: list[float], pace: float = 1.0) -> None:
        self.seconds_left, self.now, self.pace, self.turns = seconds, now, pace, []

    @property
    def ended(self) -> bool:
        return self.seconds_left <= 0

    def piece(self) -> bool:
        self.now[0] += 0.5 * self.pace
        self.seconds_left -= 0.5
        self.turns.append(self.now[0])
        return self.ended or len(self.turns) % 2 == 0


class NoThread:
    """A scheduler whose thread is the test."""

    def serve_training(self, worker) -> None:
        self.worker = worker

    def wake(self) -> None:
        pass


def taking_turns(*seconds: float, live: int = 8, pace: float = 1.0):
    """The turns, the clock, and pretended trainings of so many seconds that have joined in this order."""
    now = [0.0]
    turns = TrainingTurns(NoThread(), live, lambda: now[0])
    trainings = [Pretended(length, now, pace) for length in seconds]
    for training in trainings:
        turns.join(training)
    return turns, now, trainings


def test_turns_go_round_and_a_newcomer_is_next():
    """Two pieces each, in the order in which they came; who comes later has to wait for nobody's second turn."""
    turns, now, (a, b) = taking_turns(10, 10)
    for _ in range(6):
        turns.work()
    assert (a.turns, b.turns) == ([0.5, 1.0, 2.5, 3.0], [1.5, 2.0])
    newcomer = Pretended(10, now)
    turns.join(newcomer)
    turns.work()
    assert newcomer.turns == [3.5]
    turns.leave(newcomer)
    turns.work()
    assert b.turns[-1] == 4.0 and len(turns) == 2


def test_forecasts_of_turns_come_true():
    """Of three with 2, 4 and 6 s, two at a time: each is told at the beginning when it will end, and the third when it
    begins.
    """
    turns, now, (a, b, c) = taking_turns(2, 4, 6, live=2)
    told = {training: turns.standing(training) for training in (a, b, c)}
    assert [(told[t].ahead, told[t].others) for t in (a, b, c)] == [(0, 1), (0, 1), (1, 1)]
    ended = {}
    while turns.busy:
        turns.work()
        ended |= {training: now[0] for training in (a, b, c) if training.ended and training not in ended}
    assert c.turns[0] == pytest.approx(told[c].begins, abs=1.0)
    for training in (a, b, c):
        assert ended[training] == pytest.approx(told[training].ends, abs=1.0)
    turns.work()  # with nobody there
    assert turns.standing(a) == (0, 0, 0.0, 0.0)


def test_on_a_busy_server_forecasts_are_by_the_clock():
    """Each second of training takes two, since films are computed in between; a pause between two trainings counts for
    nothing.
    """
    turns, now, (a,) = taking_turns(60, pace=2.0)
    for _ in range(40):
        turns.work()
    assert turns.standing(a).ends == pytest.approx(2 * 40, rel=0.05)
    turns.leave(a)
    now[0] += 1000
    b = Pretended(30, now, pace=2.0)
    turns.join(b)
    turns.work()
    assert turns.standing(b).ends == pytest.approx(2 * 29.5, rel=0.05)


def test_different_trainings_go_on_side_by_side(lab):
    """The second hears of its own while the first is at it, and is told with how many it takes turns; each has its
    full budget of its own computing, and the clock's end comes true within half of it or two seconds.
    """

    async def drain(stream):
        return [(time.perf_counter(), update) async for update in stream]

    async def both():
        return await asyncio.gather(*(drain(lab.start(Experiment(seed=seed), 1.5, str(seed))) for seed in (1, 2)))

    first, second = asyncio.run(both())
    assert first[-1][1].run != second[-1][1].run
    for mine, others in ((first, second), (second, first)):
        at = next(at for at, update in mine if len(update.steps))
        assert at < others[-1][0] and mine[-1][1].progress == 1 and mine[-1][1].seconds_left == 0
        together = [(at, update) for at, update in mine if update.others == 1 and update.steps]
        at, update = together[0]
        assert at + update.clock_left == pytest.approx(mine[-1][0], rel=0.5, abs=2.0)
        assert "It takes turns with 1 more" in lab_status(update)


def test_who_waits_for_a_place_is_told_how_long():
    """Behind a training of two seconds, where one alone may run: the words name the seconds, and they become fewer.
    That they come true is tested above, by a clock that no other work of the machine disturbs.
    """
    scheduler = ComputeScheduler()
    lab = Lab(ModelStore(), scheduler, place=Here(scheduler, live=1))

    async def drain(stream):
        return [(time.perf_counter(), update) async for update in stream]

    async def both():
        first = asyncio.create_task(drain(lab.start(Experiment(), 2.0, "first")))
        await asyncio.sleep(0.3)
        second = await drain(lab.start(Experiment(seed=1), 0.3, "second"))
        return await first, second

    first, second = asyncio.run(both())
    waits = [(at, update) for at, update in second if update.ahead]
    own = [update for _, update in second if not update.ahead]
    update = waits[0][1]
    assert 0 <= waits[-1][1].wait < update.wait < 60
    assert f"in about {max(1, round(update.wait))} s" in lab_status(update)
    # meanwhile it has watched the first one, from its beginning
    assert {update.run for _, update in waits} == {first[0][1].run} != {own[0].run}
    assert update.steps[: len(first[0][1].steps)] == first[0][1].steps and update.checkpoints
    assert not any(update.over or update.model for _, update in waits)
    assert own[-1].over and own[-1].progress == 1 and own[-1].model and lab.waiting == 0


def test_a_training_is_computed_in_the_computing_thread(monkeypatch):
    """Step by step, with others' work in between, and nothing is held of it afterwards."""
    scheduler, seen = ComputeScheduler(), []
    real = Training.data
    monkeypatch.setattr(Training, "data", lambda self: (seen.append(threading.current_thread()), real(self))[1])
    news = updates(Training.fresh(Experiment(), 1.0), scheduler)
    next(news)
    thread = scheduler.films(threading.current_thread)
    assert seen == [thread]
    assert list(news)[-1].over  # there is still something to come: the films' work came in between


def test_what_a_training_breaks_off_with_is_raised(monkeypatch, lab):
    """To whoever watches it; the computing thread goes on, and so do other trainings."""
    scheduler = ComputeScheduler()

    def broken(self):
        raise MemoryError("by the test")

    monkeypatch.setattr(Training, "data", broken)
    with pytest.raises(MemoryError):
        list(updates(Training.fresh(Experiment(), 1.0), scheduler))
    assert scheduler.training(lambda: 7) == 7

    async def watched():
        return [update async for update in lab.start(Experiment(), 0.2, "me")]

    with pytest.raises(MemoryError):
        asyncio.run(watched())
    monkeypatch.undo()
    assert lab.waiting == 0 and asyncio.run(watched())[-1].over
