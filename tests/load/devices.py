"""Viewers whose devices compute: what these ask of the server."""

from __future__ import annotations

import asyncio

import httpx

from explorer.widgets.modules import FILES, FOLDER
from tests.load.site import Problem, Site

CONNECTIONS = 6  # of a browser with one server


async def compute_themselves(
    client: httpx.AsyncClient, site: Site, seed: int, steps: int, *, been_here: bool = False
) -> str:
    """A viewer whose device computes: loads the page, presses play, and gets a job in place of frames. A browser that
    has never been here also fetches the modules and the network. Returns what went wrong, or "".
    """
    try:
        await fetch(client, site.url)
        if not been_here:
            await fetch_all([f"{site.url}/{FOLDER}/{name}" for name in FILES])
        play, job = site.event("film-play"), None
        data = site.data(play, film_seed=seed, film_steps=steps, film_compute="device")
        async for value in site.values(client, play, data):
            job = job or value["device"]
        if job is None:
            return "the server gave no job to a device"
        if not been_here:
            await fetch(client, f"{site.url}/{job['model']}")
    except (httpx.HTTPError, KeyError, Problem) as error:
        return repr(error)
    return ""


async def fetch(client: httpx.AsyncClient, url: str) -> None:
    """Fetch a file, and leave it packed: unpacking is the viewer's work, and the viewer's device is another one."""
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        async for _ in response.aiter_raw():
            pass


async def fetch_all(urls: list[str]) -> None:
    """Fetch these files as a browser does: over a few connections of its own. One pool for all viewers would spend more
    time on finding a connection than the server on its answers.
    """
    left = list(urls)

    async def one_after_another() -> None:
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(timeout=60, limits=limits, verify=False) as client:  # noqa: S501 # it speaks http
            while left:
                await fetch(client, left.pop())

    await asyncio.gather(*(one_after_another() for _ in range(CONNECTIONS)))
