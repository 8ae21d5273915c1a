"""Jobs that nobody fetches: they do not compute, neither from the beginning nor after whoever asked has gone."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest

from explorer.page import readers
from explorer.page.readers import UNREAD, Readers
from explorer.serving.errors import FilmFailed
from tests.films import wait

HEAVY = [10, 7, "ddpm", 1000, 1.0, 0.0, 16]
LIGHT = [3, 7, "ddim", 5, 1.0, 0.0, 1]


def ask(served: str, values: list, **more) -> str:
    """Where the answer to a call of /generate is to be fetched."""
    address = f"{served}/gradio_api/call/generate"
    return f"{address}/{httpx.post(address, json={'data': values, **more}).json()['event_id']}"


def films(served: str) -> float:
    """How many films are computed or wait."""
    status = f"{served}/gradio_api/call/status"
    told = httpx.get(f"{status}/{httpx.post(status, json={'data': []}).json()['event_id']}").text
    answer = json.loads(told.rpartition("data: ")[2])[0]
    return answer["films"] + answer["waiting"]


def test_ten_posts_that_nobody_fetches_compute_nothing(served, monkeypatch):
    """Nothing is computed for them, and who comes too late is told so."""
    monkeypatch.setattr(readers, "ARRIVAL_SECONDS", 1.0)
    addresses = [ask(served, HEAVY) for _ in range(10)]
    most = 0.0
    for _ in range(6):
        most = max(most, films(served))
        time.sleep(0.25)
    assert most == 0
    late = httpx.get(addresses[0], timeout=10).text
    assert late.startswith("event: error") and UNREAD in late


@pytest.mark.parametrize("more", [{}, {"session_hash": "a program's own"}], ids=str)
def test_who_comes_later_gets_the_answer(served, more):
    """By hand one takes some seconds from the question to the answer."""
    address = ask(served, LIGHT, **more)
    time.sleep(0.5)
    told = httpx.get(address, timeout=30).text
    assert "event: complete" in told and json.loads(told.rpartition("data: ")[2])[0]["labels"] == [3]


def test_who_dies_leaves_no_job(served, monkeypatch):
    """The connection that waits for the answer breaks: the film ends soon after."""
    monkeypatch.setattr(readers, "ABSENCE_SECONDS", 0.3)
    with httpx.stream("GET", ask(served, HEAVY), timeout=30) as answer:
        lines = answer.iter_lines()
        wait(lambda: films(served) == 1, 5.0)
        del lines
    wait(lambda: films(served) == 0, 10.0)


def test_a_connection_that_breaks_for_a_moment_harms_nothing(monkeypatch):
    """Whoever comes back in time gets the answer of the same work; whoever does not, ends it."""
    monkeypatch.setattr(readers, "ABSENCE_SECONDS", 0.2)
    began, ended = [], []

    async def work():
        began.append(1)
        try:
            await asyncio.sleep(0.4)
            return 7
        finally:
            ended.append(1)

    async def visits(*pauses):
        here, answer = Readers(), None
        answer = asyncio.create_task(here.answer("me", work()))
        for absent in pauses:
            here.come("me")
            await asyncio.sleep(0.1)
            here.go("me")
            await asyncio.sleep(absent)
        here.come("me")
        return await answer

    assert asyncio.run(visits(0.05, 0.05)) == 7 and len(began) == 1
    with pytest.raises(FilmFailed, match="fetch"):
        asyncio.run(visits(0.5))
    assert len(began) == len(ended) == 2


def test_two_connections_of_one_session():
    """Somebody is there until the last of them is closed, and nothing is kept of those who have gone."""
    here = Readers()
    here.come("me")
    here.come("me")
    here.go("me")
    assert asyncio.run(here.answer("me", asyncio.sleep(0, 3))) == 3
    here.go("me")
    assert not here._connections and not here._changes
