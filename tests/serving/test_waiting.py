"""Nobody looks again and again: viewers are woken when there is something for them, and one thread computes."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from explorer.serving.bell import Bell
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.film_request import FilmRequest
from explorer.serving.scheduler import ComputeScheduler
from explorer.serving.streams import until
from tests.films import SOON, Models, idle, slowly, wait


def test_a_bell_wakes_from_any_thread():
    """Rung before, it wakes at once; rung later, then; never rung, after the time given."""

    async def listen():
        bell, times = Bell(), []
        for ring_after in (None, 0.05):
            if ring_after is None:
                bell.ring()
            else:
                threading.Timer(ring_after, bell.ring).start()
            began = time.perf_counter()
            await bell.wait(5.0)
            times.append(time.perf_counter() - began)
        await bell.wait(0.01)
        return bell, times

    bell, times = asyncio.run(listen())
    assert times[0] < 2.5 and 0.04 < times[1] < 2.5
    bell.ring()  # its loop has ended: nothing happens


def test_the_first_frame_comes_at_once(start):
    """Before the second step has been computed, although chunks come much less often from then on."""
    computed, seen = [], threading.Event()

    def network(x_t, t, label):
        seen.wait(20.0 if computed else 0.0)  # the second step takes until the first frame has been seen
        computed.append(int(t[0]))
        return 0.9 * x_t

    engine = start(Models(patient=network))

    async def first():
        async for news in engine.stream(FilmRequest.grid(1, 3, 0, steps=5, model="patient"), "me"):
            return news
        raise AssertionError("a film without frames")

    news = asyncio.run(first())
    assert news.t == (1000,) and len(computed) == 1
    seen.set()


def test_a_viewer_is_woken_a_few_times_a_second(start, monkeypatch):
    """However many steps are computed: a film of a thousand quick steps rings for its chunks and its end only."""
    rings, ring = [], Bell.ring
    monkeypatch.setattr(Bell, "ring", lambda bell: (rings.append(1), ring(bell)))
    engine = start(Models(quick=lambda x_t, t, label: 0.9 * x_t))

    async def watch():
        return [news async for news in engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="quick"), "me")]

    assert len(rings) <= 2 * len(asyncio.run(watch())) < 200


def test_stop_from_another_thread_wakes_its_viewer(start):
    """A film that shows nothing for a long time, a fork say, ends within a moment of Stop."""
    engine = start(Models(slow=slowly))
    request = FilmRequest.grid(1, 3, 0, steps=1000, model="slow", fork_t=1, fork_seeds=(1, 2))

    async def stopped():
        threading.Timer(0.1, engine.stop, ("me",)).start()
        return [news async for news in engine.stream(request, "me")]

    (last,) = asyncio.run(stopped())
    assert last.stopped
    wait(lambda: idle(engine), SOON)


def test_until_ends_when_told():
    """The stream is closed as soon as it is over, though it has nothing to give."""

    async def silent():
        try:
            await asyncio.sleep(60)
            yield 0
        finally:
            closed.append(1)

    async def watch():
        bell = Bell()
        threading.Timer(0.05, lambda: (over.append(1), bell.ring())).start()
        return [item async for item in until(lambda: bool(over), bell, silent())]

    over, closed = [], []
    assert asyncio.run(asyncio.wait_for(watch(), 20)) == [] and closed == [1]


def test_films_are_computed_in_the_computing_thread(start):
    """No thread of the engine's own stands between its viewers and the scheduler's."""
    threads = set()

    def network(x_t, t, label):
        threads.add(threading.current_thread())
        return 0.9 * x_t

    turns = ComputeScheduler()
    engine = start(Models(mine=network), turns=turns)
    film = engine.submit(FilmRequest.grid(1, 3, 0, steps=20, model="mine"))
    wait(lambda: film.over)
    assert threads == {turns.films(threading.current_thread)}


def test_a_closed_engine_tells_those_who_watch(start):
    """Its films break off with a sentence, and newcomers are refused with one; others on the scheduler go on."""
    turns = ComputeScheduler()
    engine, other = start(Models(slow=slowly), turns=turns), start(Models(slow=slowly), turns=turns)

    async def watch():
        threading.Timer(0.1, engine.close).start()
        async for _ in engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"), "me"):
            pass

    with pytest.raises(FilmFailed, match="shutting down"):
        asyncio.run(watch())
    with pytest.raises(Refused, match="shutting down"):
        engine.submit(FilmRequest.grid(1, 3, 0, steps=10, model="slow"))
    film = other.submit(FilmRequest.grid(1, 3, 0, steps=3, model="slow"))
    wait(lambda: film.done)


class Counter:
    """A worker that counts its turns, and breaks at the one that it is told to."""

    def __init__(self, breaks_at=None):
        self.turns, self.busy, self._breaks_at = 0, True, breaks_at

    def work(self):
        self.turns += 1
        time.sleep(0.001)
        if self.turns == self._breaks_at:
            raise ZeroDivisionError("by the test")


def test_workers_and_single_pieces_take_turns(caplog):
    """Two workers of one party get as many turns as each other, a piece of work comes between them at once, one that
    breaks is served no longer, and one that is withdrawn has no turn from then on.
    """
    turns, one, two, broken = ComputeScheduler(), Counter(), Counter(), Counter(breaks_at=3)
    for worker in (one, two, broken):
        turns.serve_films(worker)
    wait(lambda: one.turns > 20)
    before = one.turns + two.turns
    turns.films(lambda: None)
    assert one.turns + two.turns - before <= 3
    turns.withdraw(one)
    had = one.turns
    assert abs(one.turns - two.turns) <= 2
    time.sleep(0.05)
    assert one.turns == had and two.turns > had and broken.turns == 3
    turns.close()
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]
