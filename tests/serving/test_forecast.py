"""When a film that waits will begin and end: by hand for a few films, and against the engine itself."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pytest

from explorer.serving.film_course import FilmCourse
from explorer.serving.film_news import Queued
from explorer.serving.film_request import FilmRequest
from explorer.serving.forecast import Speed, delay, forecast
from tests.films import Models, idle, slowly, wait


@dataclass
class Cost:
    pictures: int
    rows_to_come: int


def test_one_after_another():
    """Room for one film: each begins when the one before it has ended."""
    found = forecast([Cost(1, 100)], [Cost(1, 50), Cost(1, 200)], 1, 10.0)
    assert [(each.ahead, each.begins, each.ends) for each in found] == [(1, 10.0, 15.0), (2, 15.0, 35.0)]


def test_those_who_are_computed_share_alike():
    """Two films of 100 and 300 rows share 10 rows a second; the third takes the first one's place after 20 s, when the
    second has 200 left: both then have 100 more by 40 s, and the second its last 100 by 50 s.
    """
    (found,) = forecast([Cost(1, 100), Cost(1, 300)], [Cost(1, 100)], 2, 10.0)
    assert (found.ahead, found.begins, found.ends) == (1, 20.0, 40.0)


def test_a_large_film_waits_for_room():
    """A film of four pictures needs both others gone; a small one behind it does not overtake it."""
    large, small = forecast([Cost(2, 20), Cost(2, 60)], [Cost(4, 40), Cost(1, 10)], 4, 10.0)
    assert (large.ahead, large.begins, large.ends) == (2, 8.0, 12.0)
    assert (small.ahead, small.begins, small.ends) == (3, 12.0, 13.0)


def test_a_full_server_is_foreseen():
    """256 computed and 256 waiting films: nobody's end comes before their beginning, or who waits begins before those
    in front.
    """
    computed = [Cost(1, 100 + i) for i in range(256)]
    found = forecast(computed, [Cost(1, 500 - i) for i in range(256)], 256, 2000.0)
    assert all(each.begins < each.ends for each in found)
    assert [each.begins for each in found] == sorted(each.begins for each in found)


def test_the_delay_is_what_others_cost():
    """Nobody is here: none. Two films of as many rows share with a third: it ends after three times its own seconds."""
    speed = Speed()
    speed.note(100, 0.0, 10.0)
    alone = 100 / speed.rows_per_second
    assert delay([], [], Cost(1, 100), 256, speed) == 0.0
    assert delay([Cost(1, 100), Cost(1, 100)], [], Cost(1, 100), 256, speed) == pytest.approx(2 * alone)


def test_an_engine_foresees_the_delay_of_a_film_that_nobody_has_asked_for(start):
    """Long films of others delay it; the one of its own viewer, whose place it takes, does not."""
    engine = start(Models(slow=slowly))
    long, asked = FilmRequest.grid(16, 3, 0, steps=1000, model="slow"), FilmRequest.grid(1, 3, 1, model="slow")

    async def mine() -> float:
        async for _ in engine.stream(long, "me"):
            return engine.delay(asked, "me")
        raise AssertionError

    assert engine.delay(asked, "me") == 0.0
    assert asyncio.run(mine()) < 0.01
    engine.submit(long)
    assert engine.delay(asked, "me") > 0.1
    fork = FilmRequest((1,), (3,), model="slow", fork_t=500, fork_seeds=(1, 2))
    assert FilmCourse.of(fork, 1000).cost == (2, 125 + 2 * 125)


def test_the_speed_is_by_the_clock_and_rest_does_not_count():
    """Ticks of 10 ms with 20 rows, a training's 30 ms between them: 500 rows a second, also after an hour of rest."""
    speed, now = Speed(), 0.0
    for _ in range(500):
        speed.note(20, now, now + 0.01)
        now += 0.04
    assert speed.rows_per_second == pytest.approx(500, rel=0.02)
    speed.rest()
    speed.note(20, now + 3600, now + 3600.01)
    assert speed.rows_per_second == pytest.approx(500, rel=0.02)


def test_what_a_viewer_is_told_comes_true(start):
    """Behind two films that share the network, a viewer is told about when theirs begins and ends, and sooner and
    sooner; the middle estimate of the end is right within a half.
    """
    engine = start(Models(slow=slowly), capacity_rows=2)
    for i in range(2):
        engine.submit(FilmRequest.grid(1, 3, i, steps=300, model="slow"))

    async def watch():
        told, began = [], time.perf_counter()
        async for news in engine.stream(FilmRequest.grid(1, 3, 9, steps=100, model="slow"), "me"):
            told.append((time.perf_counter() - began, news))
        return told

    told = asyncio.run(watch())
    waits = [(seconds, news) for seconds, news in told if isinstance(news, Queued) and news.ahead]
    assert len(waits) >= 2 and waits[0][1].wait > waits[-1][1].wait
    end, (seconds, middle) = told[-1][0], waits[len(waits) // 2]
    assert seconds + middle.ends == pytest.approx(end, rel=0.5)
    wait(lambda: idle(engine))
