"""How smooth the page is: `python -m explorer bench --page` drives a real browser and counts what it paints.

Needs Playwright (tests/requirements.txt) and Chromium. Server and browser share the machine, as on a teacher's laptop.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli import bench_map
from explorer.cli.bench_visit import visits
from explorer.device.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
DESK, FILM = "#desk [data-widget]", "#film [data-widget]"
SIZE = {"width": 1280, "height": 800}
DRAG_SECONDS = 3.0
FILM_STEPS = 1000

# Counts the animation frames in which an element shows another position than in the one before.
COUNT = """([selector, key]) => {
  const element = document.querySelector(selector);
  const count = { frames: 0, changes: 0, since: performance.now(), last: element.dataset[key], stopped: false };
  window.painted = count;
  const look = () => {
    if (count.stopped) return;
    count.frames++;
    if (element.dataset[key] !== count.last) { count.changes++; count.last = element.dataset[key]; }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
STOP = (
    "() => { window.painted.stopped = true; return { ...window.painted, seconds: (performance.now() - "
    "window.painted.since) / 1000 }; }"
)
# Moves a slider to and fro, 125 times a second, as a mouse would. (The driver's own mouse waits for the page at each
# move, and manages 25 a second.)
DRAG = """([selector, seconds]) => new Promise((resolve) => {
  const slider = document.querySelector(selector), began = performance.now();
  const timer = setInterval(() => {
    const passed = (performance.now() - began) / 1000 / seconds;
    if (passed >= 1) { clearInterval(timer); return resolve(); }
    slider.value = Math.round(slider.max * (0.05 + 0.9 * Math.abs((4 * passed) % 2 - 1)));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, 8);
})"""
# Presses a button and waits for the film's first frame, within the page: no time of the driver's is in it.
PRESS = """([button, selector]) => new Promise((resolve) => {
  const film = document.querySelector(selector), run = film.dataset.run, began = performance.now();
  const there = () => film.dataset.run !== run && Number(film.dataset.held) > 0;
  const look = () => (there() ? resolve(performance.now() - began) : requestAnimationFrame(look));
  document.querySelector(button).click();
  requestAnimationFrame(look);
})"""


def bench_page() -> dict[str, Any]:
    """What a visit costs over a slow link, frames a second while t is dragged, the first frame, the smoothness and the
    size of a film of 1000 steps, and frames a second of the map.
    """
    with chromium() as browser, app() as url:
        visit = visits(browser, url)
        page = browser.new_page(viewport=SIZE)
        page.goto(url)
        page.wait_for_selector(f"{DESK}[data-state=ready]")
        return {"visit": visit, "drag": drag(page), "film": film(page), "map": bench_map.map_figures(browser, url)}


@contextmanager
def app() -> Iterator[str]:
    """`python app.py` on a free port, until the end of the block; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        while not answers(port):
            if process.poll() is not None:
                raise RuntimeError("the app ended by itself")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> bool:
    """Whether somebody listens on this port of this machine."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def drag(page: Page) -> dict[str, float]:
    """Drag t in Add noise to and fro for a few seconds. requests: what the page asked the server for meanwhile."""
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.evaluate(COUNT, [DESK, "t"])
    page.evaluate(DRAG, [f"{DESK} input[type=range]", DRAG_SECONDS])
    painted = page.evaluate(STOP)
    return {
        "painted_per_second": painted["changes"] / painted["seconds"],
        "screen_per_second": painted["frames"] / painted["seconds"],
        "requests": len(requests),
    }


def film(page: Page) -> dict[str, float]:
    """One picture, 1000 steps: milliseconds from the press to the first frame, frames a second live and replayed,
    megabytes received.
    """
    received = [0]
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    page.get_by_role("tab", name="Remove noise").click()
    page.wait_for_selector(FILM)
    page.wait_for_function(
        f"() => document.querySelector('{FILM}').dataset.done === 'true'", timeout=60_000
    )  # the one that begins by itself
    steps = page.locator("#film-steps input[type=number]")
    steps.fill(str(FILM_STEPS))
    steps.press("Tab")
    page.wait_for_timeout(500)
    network.on("Network.dataReceived", lambda event: received.__setitem__(0, received[0] + event["encodedDataLength"]))
    page.evaluate(COUNT, [FILM, "frame"])
    first = page.evaluate(PRESS, ["#film-play", FILM])
    page.wait_for_function(f"() => document.querySelector('{FILM}').dataset.done === 'true'", timeout=60_000)
    live = page.evaluate(STOP)
    size = received[0]
    page.wait_for_function(f"() => document.querySelector('{FILM}').dataset.playing === 'false'", timeout=60_000)
    page.evaluate(COUNT, [FILM, "frame"])
    page.locator(f"{FILM} [data-part=play]").click()
    page.wait_for_timeout(DRAG_SECONDS * 1000)
    replayed = page.evaluate(STOP)
    return {
        "first_frame_ms": first,
        "live_per_second": live["changes"] / (live["seconds"] - first / 1000),
        "replayed_per_second": replayed["changes"] / replayed["seconds"],
        "megabytes": size / 1e6,
    }


def report(figures: dict[str, Any]) -> str:
    """The figures as text."""
    visit, drag, film = figures["visit"], figures["drag"], figures["film"]
    return "\n".join(
        (
            (
                f"over 5 Mbit/s: a first visit {visit['first_kilobytes']:.0f} kB, tabs open after "
                f"{visit['first_tabs_ms']:.0f} ms, pictures after {visit['first_pictures_ms']:.0f} ms; a reload "
                f"{visit['reload_kilobytes']:.0f} kB, pictures after {visit['reload_pictures_ms']:.0f} ms"
            ),
            (
                f"dragging t: {drag['painted_per_second']:.0f} pictures a second (the screen: "
                f"{drag['screen_per_second']:.0f}), {drag['requests']} requests to the server"
            ),
            (
                f"a film of {FILM_STEPS} steps: first frame {film['first_frame_ms']:.0f} ms after the press, "
                f"{film['live_per_second']:.0f} frames a second while it is computed, "
                f"{film['replayed_per_second']:.0f} replayed, {film['megabytes']:.2f} MB received"
            ),
            bench_map.report(figures["map"]),
        )
    )
