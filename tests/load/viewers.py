"""Many viewers of one server, over real HTTP on loopback: python -m tests.load.viewers --viewers 30

Starts `python app.py` by itself, lets the viewers press play within two seconds, and closes a tenth of the pages in
mid-film. Bounded in count and time, and it talks to 127.0.0.1 only. Each viewer speaks Gradio's own protocol, as the
page does (site.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from tests.load.devices import compute_themselves
from tests.load.site import Site, in_time

ROOT = Path(__file__).parents[2]


@dataclass
class Viewing:
    """What one viewer saw. Times in seconds since the press of the button."""

    first_frame: float | None = None
    last_frame: float | None = None
    frames: int = 0
    told_to_wait: bool = False
    finished: bool = False
    left: bool = False
    problem: str = ""

    @property
    def frames_per_second(self) -> float:
        return self.frames / max(1e-3, self.last_frame) if self.last_frame else 0.0


async def watch(
    client: httpx.AsyncClient, site: Site, seed: int, leave_after: float | None, timeout: float, steps: int = 250
) -> Viewing:
    """Press play, and look until the film has ended, `leave_after` seconds have passed, or the time is up."""
    seen, pressed, play = Viewing(), time.perf_counter(), site.event("film-play")

    async def look() -> None:
        data = site.data(play, film_seed=seed, film_steps=steps)
        async with aclosing(site.values(client, play, data)) as values:
            async for value in values:
                now = time.perf_counter() - pressed
                take(value, seen, now)
                if leave_after is not None and seen.frames and now > leave_after:
                    seen.left = not seen.finished
                    return

    seen.problem = await in_time(look(), timeout)
    return seen


def take(value: dict, seen: Viewing, now: float) -> None:
    """Note what a film's value says."""
    if value["count"]:
        seen.first_frame = now if seen.first_frame is None else seen.first_frame
        seen.last_frame = now
        seen.frames += value["count"]
    seen.told_to_wait |= "busy" in str(value["status"])
    seen.finished |= value["done"]


async def crowd(
    site: Site, viewers: int, steps: int, timeout: float, device_share: float = 0.0, *, been_here: bool = False
) -> list[Viewing]:
    """All of them within two seconds; every tenth leaves after a second of film. device_share: of them compute
    themselves, and are not among those who are returned unless something went wrong; been_here: see
    `compute_themselves`.
    """
    limits = httpx.Limits(max_connections=2 * viewers + 10)
    async with httpx.AsyncClient(timeout=timeout, limits=limits) as client:

        async def one(k: int) -> Viewing | None:
            await asyncio.sleep(2.0 * k / viewers)
            if int((k + 1) * device_share) > int(k * device_share):  # evenly among the others
                problem = await compute_themselves(client, site, k, steps, been_here=been_here)
                return Viewing(problem=problem) if problem else None
            return await watch(
                client, site, seed=k, leave_after=1.0 if k % 10 == 9 else None, timeout=timeout, steps=steps
            )

        return [seen for seen in await asyncio.gather(*map(one, range(viewers))) if seen is not None]


async def chaos(site: Site, seconds: float, timeout: float) -> dict:
    """For `seconds`, viewers come all the time and leave at random, most in mid-film; then: how long until the engine
    is idle?
    """
    rng, viewers = random.Random(0), []
    async with httpx.AsyncClient(timeout=timeout, limits=httpx.Limits(max_connections=200)) as client:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            viewers.append(
                asyncio.create_task(
                    watch(client, site, seed=len(viewers), leave_after=rng.uniform(0, 2.5), timeout=timeout, steps=1000)
                )
            )
            await asyncio.sleep(0.1)
        seen = await asyncio.gather(*viewers)
        last_left = time.perf_counter()
        while (films := await site.status(client))["films"] + films["waiting"]:
            assert time.perf_counter() - last_left < 30, f"orphan work: {films}"
            await asyncio.sleep(0.05)
    return {
        "viewers": len(seen),
        "problems": [v.problem for v in seen if v.problem],
        "idle_after_s": round(time.perf_counter() - last_left, 2),
    }


def report(seen: list[Viewing], before_mb: float, after_mb: float) -> dict:
    """The figures, of those to whom the server sent frames or who met a problem. Frames a second are over the whole
    time from the press to the last frame.
    """
    stayed = [v for v in seen if not v.left]
    first = sorted(v.first_frame for v in seen if v.first_frame is not None)
    rates = sorted(v.frames_per_second for v in stayed if v.frames)
    return {
        "viewers": len(seen),
        "finished": sum(v.finished for v in stayed),
        "left_in_mid_film": len(seen) - len(stayed),
        "told_to_wait": sum(v.told_to_wait for v in seen),
        "problems": [v.problem for v in seen if v.problem],
        "first_frame_p50_s": round(statistics.median(first), 3),
        "first_frame_p95_s": round(first[int(0.95 * (len(first) - 1))], 3),
        "slowest_frames_per_second": round(rates[0], 1),
        "median_frames_per_second": round(statistics.median(rates), 1),
        "last_film_ended_s": round(max(v.last_frame for v in stayed if v.last_frame), 1),
        "memory_before_mb": round(before_mb),
        "memory_after_mb": round(after_mb),
    }


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def server(log: IO[str] | None = None):
    """`python app.py` on a free port of the loopback address, ended afterwards. Yields (url, process). log: where its
    log goes, if anybody wants it.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "DDPM_LOG": "info" if log else "warning",
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(url, timeout=5)
                break
            except httpx.HTTPError:
                assert process.poll() is None, "the server ended by itself"
                time.sleep(0.2)
        yield url, process
    finally:
        process.terminate()
        process.wait(20)


def run_chaos(seconds: float, timeout: float = 60) -> dict:
    """Start a server and let viewers come and go at random."""
    with server() as (url, _):
        return asyncio.run(chaos(Site(url), seconds, timeout))


def run(viewers: int, steps: int, timeout: float, device_share: float = 0.0, *, been_here: bool = False) -> dict:
    """Start a server, warm it up with three viewers, send the crowd, and report; device_share, been_here: see `crowd`.
    The figures are of those for whom the server computes.
    """
    began = time.perf_counter()
    with server() as (url, process):
        started = time.perf_counter() - began
        site = Site(url)
        # the first film loads the network, and the first for a device exports it
        asyncio.run(crowd(site, 3, steps, timeout))
        if device_share:
            asyncio.run(crowd(site, 1, steps, timeout, 1.0))
        time.sleep(1)
        before = memory_mb(process.pid)
        seen = asyncio.run(crowd(site, viewers, steps, timeout, device_share, been_here=been_here))
        time.sleep(3)
        return {"page_after_s": round(started, 1)} | report(seen, before, memory_mb(process.pid))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Many viewers of one server on loopback.")
    parser.add_argument("--viewers", type=int, default=30, choices=range(1, 201), metavar="1..200")
    parser.add_argument("--steps", type=int, default=250, choices=range(1, 1001), metavar="1..1000")
    parser.add_argument(
        "--timeout", type=float, default=120.0, help="seconds after which a viewer gives up (default 120)"
    )
    parser.add_argument(
        "--device-share",
        type=float,
        default=0.0,
        metavar="0..1",
        help="the part of the viewers whose devices compute: they load the page and the network, and no frames",
    )
    parser.add_argument(
        "--been-here",
        action="store_true",
        help="these viewers' browsers have kept the modules and the network from a visit before",
    )
    parser.add_argument(
        "--chaos",
        type=float,
        metavar="SECONDS",
        help="instead: for so long (at most 600), viewers come and leave at random; is the engine idle afterwards?",
    )
    arguments = parser.parse_args()
    if arguments.chaos is not None:
        print(json.dumps(run_chaos(min(arguments.chaos, 600)), indent=2))
    else:
        report_of_all = run(
            arguments.viewers,
            arguments.steps,
            min(arguments.timeout, 600),
            arguments.device_share,
            been_here=arguments.been_here,
        )
        print(json.dumps(report_of_all, indent=2))
