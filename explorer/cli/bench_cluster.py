"""Films a minute through a cluster against the embedded engine, on the same cores: `python -m explorer bench
--cluster`.

Needs Ray (explorer/serving/cluster/requirements.txt). The cluster is one
machine's: a replica a core, and the page's process beside them.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from explorer.serving.cluster import connect
from explorer.serving.cluster.local import LocalCluster
from explorer.serving.engine import Engine
from explorer.serving.film_news import Frames
from explorer.serving.film_request import FilmRequest
from explorer.serving.film_source import FilmSource
from explorer.serving.model_store import ModelStore

VIEWERS = 30
STEPS = 250


def bench_cluster(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Both ways in turn, after a round that warms up; medians. `say` gets a line on each part as it begins."""
    cores = os.cpu_count() or 1
    os.environ["RAY_AUTH_MODE"] = "disabled"  # the cluster is there for this one minute
    cluster = LocalCluster()
    try:
        say(f"starting a cluster of {cores} replicas")
        cluster.head(cores)
        cluster.serve(cores)
        embedded = Engine(ModelStore())
        engine = connect(cluster.address, Engine(ModelStore()))
        ways: dict[str, FilmSource] = {"embedded": embedded, "cluster": engine}
        found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
        for number in range(rounds + 1):
            say(f"{VIEWERS} viewers, round {number} of {rounds}")
            for way, answers in ways.items():
                found[way].append(asyncio.run(crowd(answers, seed=number)))
        engine.close()
    finally:
        cluster.close()
    medians = {
        way: {name: statistics.median(one[name] for one in results[1:]) for name in results[0]}
        for way, results in found.items()
    }
    return medians | {
        "cores": cores,
        "share": medians["cluster"]["films_per_minute"] / medians["embedded"]["films_per_minute"],
    }


async def crowd(engine: FilmSource, seed: int) -> dict[str, float]:
    """VIEWERS films at the same time, each watched to its end as the page does."""
    first_frames: list[float] = []
    began, computed = time.perf_counter(), time.process_time()

    async def watch(viewer: int) -> None:
        waiting = True
        async for news in engine.stream(
            FilmRequest.grid(1, viewer % 10, 1000 * seed + viewer, steps=STEPS), f"viewer {viewer}"
        ):
            if waiting and isinstance(news, Frames):
                waiting = False
                first_frames.append(time.perf_counter() - began)

    await asyncio.gather(*(watch(viewer) for viewer in range(VIEWERS)))
    seconds = time.perf_counter() - began
    return {
        "films_per_minute": VIEWERS / seconds * 60,
        "first_frame_p95_s": statistics.quantiles(first_frames, n=20)[-1],
        "page_cpu_s_per_film": (time.process_time() - computed)
        / VIEWERS,  # embedded: the films' own computing is in it
    }


def report(figures: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [f"{VIEWERS} viewers at the same time, one picture, {STEPS} steps, on {figures['cores']} cores"]
    for way in ("embedded", "cluster"):
        one = figures[way]
        lines.append(
            f"{way:>9}: {one['films_per_minute']:6.0f} films a minute, first frame within "
            f"{one['first_frame_p95_s']:.2f} s (95%), {one['page_cpu_s_per_film'] * 1e3:.0f} ms of the page's CPU "
            "a film"
        )
    return "\n".join([*lines, f"the cluster makes {figures['share']:.0%} of the embedded engine's films"])
