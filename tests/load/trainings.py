"""A class that presses Start at once, over real HTTP on loopback: python -m tests.load.trainings --pages 30

With equal settings they share one training: a training of 60 s is to end within 75 s for everybody, each with a model
and a file of its own to take along. With --different each page has a seed of its own: the trainings take turns, and
what is printed is how long each waited for its first news and for its end. Starts `python app.py` by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import dataclass

import httpx

from explorer.serving.scheduler import REST_SECONDS
from tests.load.site import Site, in_time
from tests.load.viewers import memory_mb, server

SPREAD_SECONDS = 2.0  # within which all press Start


@dataclass
class Seen:
    """What one page saw. Seconds since it pressed Start; first_news: of its own training's first step."""

    first_news: float | None = None
    ended: float | None = None
    model: str = ""
    progress: float = 0.0
    problem: str = ""


async def train(client: httpx.AsyncClient, site: Site, seconds: int, seed: int, timeout: float) -> Seen:
    """Press Start, look until the training has ended, and fetch its file."""
    seen, pressed, start = Seen(), time.perf_counter(), site.event("train-start")

    async def look() -> None:
        async for value in site.values(client, start, site.data(start, train_seconds=seconds, train_seed=seed)):
            now = time.perf_counter() - pressed
            if value.get("own") and value.get("points") and seen.first_news is None:
                seen.first_news = now
            if value.get("model"):
                seen.model, seen.ended, seen.progress = value["model"], now, value["progress"]

    seen.problem = await in_time(look(), timeout)
    return seen


async def lesson(site: Site, pages: int, seconds: int, *, different: bool, timeout: float) -> list[Seen]:
    """All of them within two seconds."""
    limits = httpx.Limits(max_connections=2 * pages + 10)
    async with httpx.AsyncClient(timeout=timeout, limits=limits) as client:

        async def one(k: int) -> Seen:
            await asyncio.sleep(SPREAD_SECONDS * k / pages)
            return await train(client, site, seconds, k if different else 0, timeout)

        return list(await asyncio.gather(*map(one, range(pages))))


def report(seen: list[Seen]) -> dict:
    """The figures, of all pages."""
    first = sorted(s.first_news for s in seen if s.first_news is not None)
    ends = sorted(s.ended for s in seen if s.ended is not None)
    return {
        "pages": len(seen),
        "with_a_model": sum(bool(s.model) for s in seen),
        "with_all_their_seconds": sum(s.progress == 1 for s in seen),
        "different_models": len({s.model for s in seen if s.model}),
        "problems": [s.problem for s in seen if s.problem],
        "first_news_p50_s": round(statistics.median(first), 1) if first else None,
        "first_news_last_s": round(first[-1], 1) if first else None,
        "first_end_s": round(ends[0], 1) if ends else None,
        "last_end_s": round(ends[-1], 1) if ends else None,
    }


def run(pages: int, seconds: int, *, different: bool, timeout: float) -> dict:
    """Start a server, send the class, and report."""
    with server() as (url, process):
        site = Site(url)
        before = memory_mb(process.pid)
        seen = asyncio.run(lesson(site, pages, seconds, different=different, timeout=timeout))
        at_end = memory_mb(process.pid)
        time.sleep(2 * REST_SECONDS)  # what a training computes with is given back when nothing is computed
        memory = {"before": before, "at_the_end": at_end, "after_a_rest": memory_mb(process.pid)}
        return report(seen) | {f"memory_{when}_mb": round(mb) for when, mb in memory.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A class that presses Start at once.")
    parser.add_argument("--pages", type=int, default=30, choices=range(1, 101), metavar="1..100")
    parser.add_argument("--seconds", type=int, default=60, choices=range(10, 121), metavar="10..120")
    parser.add_argument("--different", action="store_true", help="a seed of its own for each page")
    parser.add_argument("--timeout", type=float, default=3600.0, help="seconds after which a page gives up (3600)")
    arguments = parser.parse_args()
    print(
        json.dumps(
            run(arguments.pages, arguments.seconds, different=arguments.different, timeout=arguments.timeout), indent=2
        )
    )
