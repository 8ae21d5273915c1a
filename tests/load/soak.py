"""A long day in class: mixed viewers over real HTTP, for as long as you like: python -m tests.load.soak --minutes 20

A dozen seats, each taken by one visitor after the other: they play films, close the page in mid-film, stop, train or
queue for a training, draw and have their drawing rescued, upload, open the page and reload it, and use the public
endpoints. Every visitor holds the heartbeat that a browser holds, so that the server notices when the page is closed.
Bounded in time, and it talks to 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import math
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
from PIL import Image

from explorer.serving.scheduler import REST_SECONDS
from tests.load.site import GOOD, Site, outcome
from tests.load.viewers import memory_mb, server

SEATS = 12
THINKING = (0.0, 2.0)  # seconds between two visits to a seat
# seconds for one visit: enough for a training of 10 s, which takes twice as long beside films, with everybody else's
# before it
PATIENCE = 300.0
AT_REST = 2 * REST_SECONDS  # by then the server has given freed memory back


class Visitor:
    """One page of the site: a session with its heartbeat, and what can be done on it. Raises AssertionError where an
    answer is not as it should be.
    """

    def __init__(self, site: Site, client: httpx.AsyncClient, rng: random.Random) -> None:
        self.site, self.client, self.rng = site, client, rng
        self.session = uuid.uuid4().hex

    async def press(self, elem_id: str, event: str = "click", enough: int | None = None, **values) -> dict:
        """Do it to the end, or close the page after `enough` pieces of news."""
        dependency = self.site.event(elem_id, event)
        message = await outcome(
            self.site.press(self.client, dependency, self.site.data(dependency, **values), self.session), enough
        )
        assert message["msg"] != "process_completed" or message["success"], f"{elem_id}: {message}"
        return message

    async def film(self) -> None:
        await self.press(
            "film-play",
            film_seed=self.rng.randrange(1000),
            film_steps=self.rng.choice([20, 100, 250]),
            film_pictures=self.rng.choice([1, 1, 4]),
        )

    async def film_left(self) -> None:
        await self.press("film-play", film_steps=1000, enough=self.rng.randint(1, 8))

    async def film_stopped(self) -> None:
        film = asyncio.create_task(self.press("film-play", film_steps=1000))
        await asyncio.sleep(self.rng.uniform(0.1, 2))
        while not film.done():  # it can be stopped only once it has begun
            await self.site.press_now(self.client, self.site.event("film-stop"), [], self.session)
            await asyncio.sleep(0.3)
        await film

    async def race(self) -> None:
        await self.press("leap-play", leap_t=100)

    async def training(self) -> None:
        await self.press("train-start", train_seconds=10, train_seed=self.rng.randrange(1000), train_size="small")

    async def training_left(self) -> None:
        await self.press("train-start", train_seconds=60, enough=self.rng.randint(1, 20))

    async def drawing(self) -> None:
        x, stroke = 0.5, []
        for step in range(40):
            x = min(max(x + self.rng.randint(-12, 12) / 280, 0.1), 0.9)
            stroke.append([x, 0.1 + step / 50])
        await self.press("rescue-pad", "change", rescue_pad={"pen": 1 / 11, "strokes": [stroke]})
        await self.press("rescue-go", rescue_t=300)

    async def upload(self) -> None:
        picture = Image.new("L", (400, 300), 250)
        picture.paste(10, (180 + self.rng.randint(0, 30), 60, 220, 240))
        file = io.BytesIO()
        picture.save(file, "PNG")
        answer = await self.client.post(
            f"{self.site.url}/gradio_api/upload", files={"files": ("one.png", file.getvalue())}
        )
        (path,) = answer.raise_for_status().json()
        await self.press(
            "forward-upload", "upload", forward_upload={"path": path, "meta": {"_type": "gradio.FileData"}}
        )

    async def reload(self) -> None:
        for address in ("/", "/config", "/theme.css"):
            (await self.client.get(self.site.url + address)).raise_for_status()

    async def program(self) -> None:
        name, arguments = self.rng.choice(list(GOOD.items()))
        kind, said = await self.site.call(self.client, name, *arguments)
        assert kind == "complete", said

    async def mistake(self) -> None:
        kind, said = await self.site.call(self.client, "rescue", 7, -20, 0, 0)
        assert kind == "error" and "must be" in str(said), said


VISITS: dict[Callable[[Visitor], Awaitable[None]], int] = {  # how often each happens, compared with the others
    Visitor.film: 12,
    Visitor.film_left: 8,
    Visitor.film_stopped: 4,
    Visitor.race: 2,
    Visitor.training: 1,
    Visitor.training_left: 1,
    Visitor.drawing: 6,
    Visitor.upload: 4,
    Visitor.reload: 6,
    Visitor.program: 6,
    Visitor.mistake: 2,
}


@asynccontextmanager
async def heartbeat(visitor: Visitor) -> AsyncIterator[None]:
    """The connection that a page holds for as long as it is open."""

    async def hold() -> None:
        async with visitor.client.stream("GET", f"{visitor.site.url}/gradio_api/heartbeat/{visitor.session}") as beats:
            async for _ in beats.aiter_lines():
                pass

    beating = asyncio.create_task(hold())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def visit(
    kind: Callable[[Visitor], Awaitable[None]], site: Site, client: httpx.AsyncClient, rng: random.Random
) -> str:
    """One visit; returns what went wrong, or nothing."""
    visitor = Visitor(site, client, rng)
    try:
        async with heartbeat(visitor):
            await asyncio.wait_for(kind(visitor), PATIENCE)
    except (AssertionError, TimeoutError, httpx.HTTPError) as error:
        return f"{kind.__name__}: {error!r}"
    return ""


async def day(
    site: Site, seconds: float, enough: float = math.inf, every_minute: Callable[[], None] = lambda: None
) -> tuple[Counter, list[str], float]:
    """Visitors for so long, or until there were `enough` visits; who is still there then closes the page. Returns the
    visits by kind, the problems, and how long after the end the server was idle.
    """
    visits, problems = Counter(), []
    async with httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=10 * SEATS)) as client:

        async def seat(number: int) -> None:
            rng = random.Random(number)
            while True:
                (kind,) = rng.choices(list(VISITS), list(VISITS.values()))
                problem = await visit(kind, site, client, rng)
                visits[kind.__name__] += 1
                problems.extend([problem] if problem else [])
                if visits.total() == enough and not closing.expired():
                    closing.reschedule(0)  # the day ends now
                await asyncio.sleep(rng.uniform(*THINKING))

        async def clock() -> None:
            while True:
                await asyncio.sleep(60)
                every_minute()

        with suppress(TimeoutError):
            async with asyncio.timeout(seconds) as closing, asyncio.TaskGroup() as class_room:
                class_room.create_task(clock())
                for number in range(SEATS):
                    class_room.create_task(seat(number))
        last = time.perf_counter()
        while (status := await site.status(client))["films"] + status["waiting"] + status["trainings"]:
            if time.perf_counter() - last > 60:
                problems.append(f"work is left behind: {status}")
                break
            await asyncio.sleep(0.1)
    return visits, problems, time.perf_counter() - last


def log_of(text: str) -> tuple[Counter, list[str]]:
    """What the server's log tells: how requests ended, and every line that tells of an error, with the exception's own
    line for a traceback.
    """
    lines = text.splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    errors = []
    for number, line in enumerate(lines):
        if line.startswith("Traceback"):
            line += " " + next((later for later in lines[number + 1 :] if not later.startswith(" ")), "")
        if "Traceback" in line or "Error" in line:
            errors.append(line)
    return Counter(f"{line['what']} {line['outcome']}" for line in told if "outcome" in line), errors


def soak(minutes: float, warm_up: float = 60.0, enough: float = math.inf, rest: float = AT_REST) -> dict:
    """Start a server, have `warm_up` seconds of visitors so that everything is loaded, then the day of so many minutes,
    or of `enough` visits; and report. Before and after the day, `rest` seconds of quiet.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        (Path(folder) / "log").open("w+", encoding="utf-8") as log,
        server(log) as (url, process),
    ):
        site = Site(url)
        _, problems, _ = asyncio.run(day(site, warm_up))
        time.sleep(rest)
        before, during = memory_mb(process.pid), []
        visits, more, idle_after = asyncio.run(
            day(site, 60 * minutes, enough, every_minute=lambda: during.append(round(memory_mb(process.pid))))
        )
        time.sleep(rest)
        after = memory_mb(process.pid)
        log.seek(0)
        requests, errors = log_of(log.read())
    return {
        "minutes": minutes,
        "visits": dict(visits),
        "requests": dict(sorted(requests.items())),
        "problems": problems + more,
        "errors_in_the_log": errors,
        "memory_before_mb": round(before),
        "memory_each_minute_mb": during,
        "memory_after_mb": round(after),
        "idle_after_s": round(idle_after, 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mixed viewers of one server on loopback, for a long time.")
    parser.add_argument("--minutes", type=float, default=20.0, help="how long (default 20, at most 120)")
    print(json.dumps(soak(min(parser.parse_args().minutes, 120.0)), indent=2))
