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
from tests.load.site import Site

HEAVY = [10, 7, "ddpm", 1000, 1.0, 0.0, 16]
LIGHT = [3, 7, "ddim", 5, 1.0, 0.0, 1]


def ask(served: str, values: list, **more) -> str:
    """Where the answer to a call of /generate is to be fetched."""
    address = f"{served}/gradio_api/call/generate"
    return f"{address}/{httpx.post(address, json={'data': values, **more}).json()['event_id']}"


def told(served: str) -> dict[str, float]:
    """The server's own account of its load."""
    status = f"{served}/gradio_api/call/status"
    text = httpx.get(f"{status}/{httpx.post(status, json={'data': []}).json()['event_id']}").text
    return json.loads(text.rpartition("data: ")[2])[0]


def films(served: str) -> float:
    """How many films are computed or wait."""
    load = told(served)
    return load["films"] + load["waiting"]


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
    text = httpx.get(address, timeout=30).text
    assert "event: complete" in text and json.loads(text.rpartition("data: ")[2])[0]["labels"] == [3]


def test_who_dies_leaves_no_job(served, monkeypatch):
    """The connection that waits for the answer breaks: the film ends soon after."""
    monkeypatch.setattr(readers, "ABSENCE_SECONDS", 0.3)
    with httpx.stream("GET", ask(served, HEAVY), timeout=30) as answer:
        lines = answer.iter_lines()
        wait(lambda: films(served) == 1)
        del lines
    wait(lambda: films(served) == 0, 10.0)


def test_what_a_page_asks_for_and_never_fetches_ends(served, monkeypatch):
    """A training of a minute would hold everybody else's up; beside it, one that is fetched goes on."""
    monkeypatch.setattr(readers, "ARRIVAL_SECONDS", 1.0)
    site = Site(served)

    def join(session: str) -> None:
        press = site.event("train-start")
        body = {"data": site.data(press, train_seconds=60), "fn_index": press["id"], "session_hash": session}
        httpx.post(f"{served}/gradio_api/queue/join", json=body).raise_for_status()

    join("never")
    wait(lambda: told(served)["trainings"] == 1)
    wait(lambda: told(served)["trainings"] == 0)
    join("fetched")
    with httpx.stream("GET", f"{served}/gradio_api/queue/data", params={"session_hash": "fetched"}, timeout=30):
        time.sleep(3.0)
        assert told(served)["trainings"] == 1
    wait(lambda: told(served)["trainings"] == 0)


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
