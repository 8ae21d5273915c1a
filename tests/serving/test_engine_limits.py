"""The engine is bounded and fair: long films, queues, capacity, and a training beside them."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.serving.engine import BATCH_ROWS, MAX_WAITING
from explorer.serving.errors import Refused
from explorer.serving.film import PENDING_BYTES, Film
from explorer.serving.film_news import Frames, Queued
from explorer.serving.film_request import MAX_PICTURES, FilmRequest
from explorer.serving.model_store import LoadedModel
from explorer.serving.scheduler import ComputeScheduler
from tests.films import SCHEDULE, SOON, Models, collect, ended, slowly, wait


@pytest.mark.parametrize("pictures", range(1, MAX_PICTURES + 1))
def test_frames_that_nobody_fetches_are_bounded(pictures):
    """For every size of film and many lengths: what is held never exceeds the cap, and first and last frame survive."""
    loaded, frame = LoadedModel(None, SCHEDULE), np.zeros((3, pictures, 28, 28), np.uint8)
    for steps in (1, 2, 100, 101, 250, 637, 638, 999, 1000):
        film = Film(FilmRequest.grid(pictures, 3, 0, steps=steps), loaded)
        for number in range(film.total):
            film.keep(number, 1, frame)
            assert len(film._pending) * frame.nbytes <= PENDING_BYTES
        runs = film.fetch()
        numbers = [start + i for start, ts, _ in runs for i in range(len(ts))]
        assert numbers[0] == 0 and numbers[-1] == film.total - 1 and numbers == sorted(set(numbers))
        assert film.fetch() == []


def test_a_film_that_nobody_watches_is_bounded(engine, name):
    """The same through the engine: sixteen pictures, nothing fetched until the end."""
    film = engine.submit(FilmRequest.grid(16, 3, 0, steps=300, sampler="ddim", model=name))
    most = 0
    while not film.over:
        most = max(most, len(film._pending))
        time.sleep(0.005)
    runs = film.fetch()
    assert most * 3 * 16 * 784 <= PENDING_BYTES + 3 * 16 * 784  # one frame more while it is being dropped
    assert sum(pixels.nbytes for _, _, pixels in runs) <= PENDING_BYTES and runs[-1][1][-1] == 0


def test_a_newcomer_does_not_wait_for_long_films(start):
    """Eight films of sixteen pictures and 1000 steps run; one picture of 20 steps joins and is served at every tick: it
    costs them about 20 ticks.
    """
    engine = start(Models(slow=slowly))
    long = [engine.submit(FilmRequest.grid(16, 3, 100 * i, steps=1000, model="slow")) for i in range(8)]
    wait(lambda: all(film.position > 2 for film in long))
    before = sum(film.position for film in long)
    newcomer = engine.submit(FilmRequest.grid(1, 5, 0, steps=20, model="slow"))
    wait(lambda: newcomer.done)
    advanced = sum(film.position for film in long) - before
    assert advanced <= (BATCH_ROWS // 16) * (20 + 10)


def test_long_films_share_equally(start):
    """Films of one size that do not fit one batch advance together: none is more than a few steps ahead."""
    engine = start(Models(slow=slowly))
    films = [engine.submit(FilmRequest.grid(16, 3, 100 * i, steps=1000, model="slow")) for i in range(10)]
    wait(lambda: all(film.position > 0 for film in films))  # the first ones began a little before the last
    before = [film.position for film in films]
    wait(lambda: films[0].position > before[0] + 30)
    steps = [film.position - begun for film, begun in zip(films, before)]
    assert max(steps) - min(steps) <= 4, steps


def test_beyond_capacity_films_wait_their_turn(start):
    """With room for two rows the third film is told that it waits, starts when a place is free, and is served to the
    end.
    """
    engine = start(Models(slow=slowly), capacity_rows=2)
    first, second = (engine.submit(FilmRequest.grid(1, 3, i, steps=300, model="slow")) for i in range(2))
    wait(lambda: first.position > 0 and second.position > 0)

    frames, told = collect(engine, FilmRequest.grid(1, 3, 9, steps=10, model="slow"))
    waiting = [news for news in told if isinstance(news, Queued) and news.ahead]
    assert waiting and waiting[0].ahead == 1 and waiting[0].wait > 0
    assert ended(told) and len(frames) == 11
    assert first.done or second.done


def test_who_left_the_queue_is_not_counted(start):
    """A film cancelled while it waits frees its place in the queue: who is behind it moves up."""
    engine = start(Models(slow=slowly), capacity_rows=1)
    first, second, third, fourth = (
        engine.submit(FilmRequest.grid(1, 3, i, steps=1000, model="slow")) for i in range(4)
    )
    wait(lambda: first.position > 0)
    assert engine.place(fourth)[0] == 3
    third.cancel()  # in the middle of the queue
    time.sleep(0.2)
    assert engine.place(fourth)[0] == 2
    second.cancel()
    first.cancel()
    wait(lambda: fourth.position > 0, SOON)


def test_a_full_queue_refuses_and_recovers(start):
    """Beyond MAX_WAITING a newcomer is refused politely; when those who wait have left, the next one is taken."""
    engine = start(Models(slow=slowly), capacity_rows=1)
    films = [engine.submit(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"))]
    wait(lambda: films[0].position > 0)
    films += [engine.submit(FilmRequest.grid(1, 3, i, steps=1, model="slow")) for i in range(MAX_WAITING)]
    with pytest.raises(Refused, match="full"):
        engine.submit(FilmRequest.grid(1, 3, 0, model="slow"))
    for film in films[2:]:
        film.cancel()  # the one being computed goes on, and one goes on waiting
    time.sleep(0.2)
    assert engine.load()["waiting"] == 1
    engine.submit(FilmRequest.grid(1, 3, 0, model="slow"))


def test_requests_and_frames_travel():
    """Both are plain data: pickled and back they are equal, and a request cannot be changed."""
    request = FilmRequest.grid(3, 4, 10, steps=20, sampler="ddim", guidance=3.0)
    assert pickle.loads(pickle.dumps(request)) == request
    assert request.seeds == (10, 11, 12) and request.labels == (4, 4, 4)
    with pytest.raises(AttributeError):
        request.steps = 3
    frames = Frames(3, (8, 7), np.arange(2 * 3 * 784, dtype=np.uint8).reshape(2, 3, 1, 28, 28), 20, seconds=0.5)
    back = pickle.loads(pickle.dumps(frames))
    assert np.array_equal(back.pixels, frames.pixels) and replace(back, pixels=None) == replace(frames, pixels=None)


@pytest.mark.parametrize("rows", [1, 16])
def test_films_and_a_training_share_the_time(start, rows):
    """A busy engine and a training on one ComputeScheduler: films get at least 40% of the time, and the training at
    least 25% (it is not starved).
    """
    turns, held, ending = ComputeScheduler(), [], threading.Event()

    def step():
        began = time.perf_counter()
        time.sleep(0.02)
        held.append(time.perf_counter() - began)

    def train():
        while not ending.is_set():
            turns.training(step)

    engine = start(Models(slow=slowly), turns=turns)
    engine.submit(FilmRequest.grid(rows, 3, 0, steps=1000, model="slow"))
    thread = threading.Thread(target=train, daemon=True)
    thread.start()
    began = time.perf_counter()
    time.sleep(1.5)
    share = sum(held) / (time.perf_counter() - began)
    ending.set()
    assert 0.25 <= share <= 0.60, f"the training had {share:.0%}"


LEAVE = """
import time
from explorer.serving.engine import Engine
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import ModelStore
from tests.tiny import tiny_model
store = ModelStore()
film = Engine(store).submit(FilmRequest.grid(16, 3, 0, steps=1000, model=store.add(tiny_model())))
while film.position < 3:
    time.sleep(0.01)
"""


def test_python_ends_quietly_while_a_film_runs():
    """Ctrl-C on the server while somebody watches: the interpreter ends with exit code 0 and says nothing."""
    done = subprocess.run(
        [sys.executable, "-c", LEAVE], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
