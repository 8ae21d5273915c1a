"""Who waits for a training is told how long, and it comes true."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from explorer.lab.experiment import Experiment
from explorer.lab.session import StopRequest, Training
from explorer.lab.training_queue import TrainingQueue
from explorer.lab.worker import updates
from explorer.page.payloads.training import lab_status
from explorer.serving.scheduler import ComputeScheduler

pytestmark = pytest.mark.usefixtures("small_network")


def test_the_wait_is_what_those_before_need():
    """60 s of training before, then 90 s; as the first one comes on, both waits fall."""
    now = [0.0]
    queue = TrainingQueue(lambda: now[0])
    for owner, seconds in (("first", 60.0), ("second", 30.0), ("third", 10.0)):
        queue.join(owner, seconds)
    assert [queue.wait(owner) for owner in ("first", "second", "third")] == [0, 60, 90]
    queue.progress(60.0)
    for left in (59.0, 58.0):
        now[0] += 1.0
        queue.progress(left)
    assert queue.wait("second") == 58 and queue.wait("third") == 88
    queue.leave("second")
    assert queue.wait("third") == 58 and queue.ahead("third") == 1 and len(queue) == 2


def test_on_a_busy_server_the_wait_is_by_the_clock():
    """Each second of training takes two, since films are computed in between: the waits double."""
    now = [0.0]
    queue = TrainingQueue(lambda: now[0])
    queue.join("first", 60.0)
    queue.join("second", 30.0)
    queue.join("third", 10.0)
    for left in range(60, 10, -1):
        queue.progress(left)
        now[0] += 2.0
    assert queue.wait("third") == pytest.approx(2 * (11 + 30), rel=0.02)
    queue.leave("first")
    now[0] += 1000.0  # a pause between two trainings counts for nothing
    queue.progress(30.0)
    assert queue.wait("third") == pytest.approx(2 * 30, rel=0.02)


def test_who_waits_is_told_how_long(lab):
    """Behind a training of two seconds: the words name the seconds, and they come true within half of them."""

    async def drain(stream):
        return [(time.perf_counter(), update) async for update in stream]

    async def both():
        first = asyncio.create_task(drain(lab.start(Experiment(), 2.0, "first")))
        await asyncio.sleep(0.3)
        second = await drain(lab.start(Experiment(), 0.3, "second"))
        await first
        return second

    news = asyncio.run(both())
    waits = [(at, update) for at, update in news if update.ahead]
    begins = next(at for at, update in news if not update.ahead)
    at, update = waits[0]
    assert update.wait == pytest.approx(begins - at, rel=0.5, abs=0.5)
    assert waits[-1][1].wait < update.wait
    assert f"in about {max(1, round(update.wait))} s" in lab_status(update)


def test_a_training_is_computed_in_the_computing_thread(monkeypatch):
    """Step by step, with others' work in between, and nothing is held of it afterwards."""
    scheduler, seen = ComputeScheduler(), []
    real = Training.data
    monkeypatch.setattr(Training, "data", lambda self: (seen.append(threading.current_thread()), real(self))[1])
    news = updates(Training.fresh(Experiment(), 1.0), scheduler)
    next(news)
    began = time.perf_counter()
    thread = scheduler.films(threading.current_thread)
    assert time.perf_counter() - began < 0.5 and seen == [thread]
    assert list(news)[-1].over


def test_what_a_training_breaks_off_with_is_raised(monkeypatch):
    """To whoever watches it; the computing thread goes on."""
    scheduler = ComputeScheduler()

    def broken(self):
        raise MemoryError("by the test")

    monkeypatch.setattr(Training, "data", broken)
    with pytest.raises(MemoryError):
        list(updates(Training.fresh(Experiment(), 1.0), scheduler, StopRequest()))
    assert scheduler.training(lambda: 7) == 7
