"""A whole class that answers at once: python -m tests.load.class_votes --members 60

Starts `python app.py`, opens a class and lets its members join; each asks for news as often as the server says, and all
vote within five seconds, while a film of 16 pictures is computed. What must hold: every vote is counted, the leader has
the histogram within a second of the last one (three, from 300 members on), and the film keeps 90% of the rate that it
has with nobody in the class. Bounded in count and time, and it talks to 127.0.0.1 only.

The members' devices would be other machines: so that they take little of this one, they speak HTTP over bare sockets.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
import uuid
from contextlib import aclosing, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from explorer.page.class_door import LEADER_HEADER, MEMBER_HEADER, ROUTE, WAIT_HEADER
from tests.load.site import Problem, Site
from tests.load.viewers import server

VOTE_SECONDS = 5.0  # in which all of them vote
ROUNDS = 4  # with and without the class, in turns: the machine is not the same from minute to minute
FILM = {"film_steps": 1000, "film_pictures": 16}
T = 1000
CROWD = 300  # members, from which on the histogram may take CROWD_SECONDS
SECONDS, CROWD_SECONDS, KEPT = 1.0, 3.0, 0.9


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> dict:
        return json.loads(self.body)


class Line:
    """One connection to the server that stays open, as a browser's."""

    def __init__(self, url: str, header: str, key: str) -> None:
        at = urlsplit(url)
        self._place = at.hostname, at.port
        self._head = f"Host: {at.netloc}\r\n{header}: {key}\r\n"
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", tag: str = "") -> Answer:
        """One request and its answer."""
        async with self._turn:
            if self._streams is None or self._streams[0].at_eof():  # the server closes one that rests for a while
                self._streams = await asyncio.open_connection(*self._place)
            reader, writer = self._streams
            known = f"If-None-Match: {tag}\r\n" if tag else ""
            head = f"{method} {ROUTE}{path} HTTP/1.1\r\n{self._head}{known}Content-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
            length = int(headers.get("content-length", 0))
            return Answer(int(lines[0].split()[1]), headers, await reader.readexactly(length))

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


class Seat:
    """A page in the class: it asks for news again and again, as widgets/class_link.js does."""

    def __init__(self, url: str, code: str, header: str, key: str) -> None:
        self.line, self.code = Line(url, header, key), code
        self.news: dict = {}
        self.refused: list[str] = []
        self.gone = False

    async def ask(self) -> float:
        """The news, if there are new ones; how many seconds to wait until the next question."""
        answer = await self.line.ask("GET", self.code, tag=self.news.get("tag", ""))
        if answer.status == 200:
            self.news = answer.value | {"tag": answer.headers["etag"], "heard": time.perf_counter()}
        elif answer.status != 304:
            self.refused.append(answer.body.decode(errors="replace"))
        return int(answer.headers.get(WAIT_HEADER, 1000)) / 1000

    async def stay(self) -> None:
        """Ask until it is gone."""
        await asyncio.sleep(random.random())  # nobody comes at the same moment
        while not self.gone:
            await asyncio.sleep(await self.ask())

    async def call(self, name: str, **body: object) -> None:
        answer = await self.line.ask("POST", f"{self.code}/{name}", json.dumps(body).encode())
        if answer.status != 204:
            self.refused.append(answer.body.decode(errors="replace"))


@dataclass
class Film:
    """How many steps of films the server has computed for a viewer who plays one after the other."""

    before: int = 0  # of films that have ended
    now: int = 0  # of the one in progress
    problem: str = ""

    @property
    def steps(self) -> int:
        return self.before + self.now

    async def play(self, site: Site, client: httpx.AsyncClient) -> None:
        """Until it is cancelled."""
        press, seed = site.event("film-play"), 0
        while not self.problem:
            data = site.data(press, film_seed=seed, **FILM)
            try:
                async with aclosing(site.values(client, press, data)) as values:
                    async for value in values:
                        self.now = T - value["t"][-1] if value["t"] else self.now
            except Problem as problem:
                self.problem = str(problem)
            seed, self.before, self.now = seed + 1, self.steps, 0


async def steps_a_second(site: Site, meanwhile) -> float:
    """Of a film that is watched while `meanwhile()` goes on."""
    async with httpx.AsyncClient(timeout=60) as client:
        film = Film()
        watching = asyncio.create_task(film.play(site, client))
        while not film.steps:
            await asyncio.sleep(0.01)
        before, start = film.steps, time.perf_counter()
        await meanwhile()
        rate = (film.steps - before) / (time.perf_counter() - start)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        assert not film.problem, film.problem
        return rate


async def poll(leader: Seat, members: list[Seat]) -> dict:
    """Everybody votes within VOTE_SECONDS, and the leader reveals as soon as it sees that all have. Times in seconds
    since the last vote was answered.
    """
    await leader.call("ask", question="error")
    while any(member.news.get("question") != "error" for member in members):
        await asyncio.sleep(0.05)

    async def vote(k: int) -> float:
        await asyncio.sleep(VOTE_SECONDS * k / len(members))
        await members[k].call("vote", round=members[k].news["round"], answer=k / len(members))
        return time.perf_counter()

    last = max(await asyncio.gather(*map(vote, range(len(members)))))
    while leader.news["answered"] < len(members):  # as its page shows it
        await asyncio.sleep(0.02)
        assert time.perf_counter() - last < 20, f"only {leader.news['answered']} votes are counted"
    await leader.call("reveal")
    await leader.ask()
    counted, shown = sum(leader.news["result"]["counts"]), time.perf_counter() - last
    while any(member.news.get("result") is None for member in members):
        await asyncio.sleep(0.05)
        assert time.perf_counter() - last < 20, "some never see the histogram"
    everywhere = max(member.news["heard"] for member in members) - last
    await leader.call("put-away")
    return {"counted": counted, "histogram_s": shown, "everywhere_s": everywhere}


async def crowd(site: Site, members: int) -> dict:
    """The class, and a film with and without it in turns."""
    opened = httpx.post(f"{site.url}{ROUTE}open").raise_for_status().json()
    polls, with_class, alone = [], [], []
    refused: list[str] = []
    for _ in range(ROUNDS):
        alone.append(await steps_a_second(site, lambda: asyncio.sleep(VOTE_SECONDS)))
        leader = Seat(site.url, opened["code"], LEADER_HEADER, opened["secret"])
        seats = [Seat(site.url, opened["code"], MEMBER_HEADER, uuid.uuid4().hex) for _ in range(members)]
        staying = [asyncio.create_task(seat.stay()) for seat in (leader, *seats)]
        while leader.news.get("members", 0) < members:
            await asyncio.sleep(0.1)

        async def class_votes(leader: Seat = leader, seats: list[Seat] = seats) -> None:
            polls.append(await poll(leader, seats))

        with_class.append(await steps_a_second(site, class_votes))
        for seat in (leader, *seats):
            seat.gone = True
        await asyncio.gather(*staying)
        for seat in seats:
            await seat.call("leave")
        for seat in (leader, *seats):
            seat.line.close()
            refused += seat.refused
    return report(members, polls, alone, with_class, refused)


def report(members: int, polls: list[dict], alone: list[float], with_class: list[float], refused: list[str]) -> dict:
    """The figures, and which of what must hold does not."""
    kept = statistics.median(busy / free for busy, free in zip(with_class, alone, strict=True))
    slowest = max(each["histogram_s"] for each in polls)
    allowed = SECONDS if members < CROWD else CROWD_SECONDS
    missing = [
        *(f"{each['counted']} votes of {members} are counted" for each in polls if each["counted"] != members),
        *([f"the histogram took {slowest:.2f} s, allowed are {allowed:g}"] if slowest > allowed else []),
        *([f"the film kept {kept:.0%} of its rate, wanted are {KEPT:.0%}"] if kept < KEPT else []),
        *sorted(set(refused)),
    ]
    return {
        "members": members,
        "counted": [each["counted"] for each in polls],
        "histogram_s": [round(each["histogram_s"], 2) for each in polls],
        "on_every_page_s": [round(each["everywhere_s"], 2) for each in polls],
        "steps_per_second_alone": [round(rate, 1) for rate in alone],
        "steps_per_second_with_the_class": [round(rate, 1) for rate in with_class],
        "kept": round(kept, 3),
        "does_not_hold": missing,
    }


def run(members: int) -> dict:
    """Start a server and let a class of so many vote."""
    with server() as (url, _):
        site = Site(url)
        return asyncio.run(crowd(site, members))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A class that votes at once, on loopback.")
    parser.add_argument("--members", type=int, default=60, choices=range(1, 401), metavar="1..400")
    figures = run(parser.parse_args().members)
    print(json.dumps(figures, indent=2))
    raise SystemExit(1 if figures["does_not_hold"] else 0)
