"""How smooth the map is, for `python -m explorer bench --page`: frames a second of its canvas while a film of 16
pictures plays over 10,000 dots, and while a crowd of 256 walks, beside what the same browser paints with nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZE = {"width": 1280, "height": 800}
FILM, MAP = "#film [data-widget]", "#film-map [data-widget]"
PICTURES = 16
WATCHED_SECONDS = 3.0
LONGEST_MS = 180_000

# Counts the animation frames for so many seconds, and those in which an element's attribute `drawn` has changed.
WATCH = """([selector, seconds]) => new Promise((resolve) => {
  const element = document.querySelector(selector), began = performance.now();
  let frames = 0, drawn = 0, last = element.dataset.drawn;
  const look = (now) => {
    frames++;
    if (element.dataset.drawn !== last) { drawn++; last = element.dataset.drawn; }
    const passed = (now - began) / 1000;
    if (passed < seconds) requestAnimationFrame(look);
    else resolve({ frames: frames / passed, drawn: drawn / passed });
  };
  requestAnimationFrame(look);
})"""


class Watched(TypedDict):
    """Frames a second: that the browser painted, and of them those in which the map had drawn."""

    frames: float
    drawn: float


class MapFigures(TypedDict):
    """idle: with nothing to do, on an empty page; the others while something plays on the map."""

    idle: Watched
    film: Watched
    crowd: Watched


def map_figures(browser: Browser, url: str) -> MapFigures:
    """All three, each watched for a few seconds."""
    empty = browser.new_page(viewport=SIZE)
    empty.set_content("<p>nothing</p>")
    idle = watch(empty, "p")
    empty.close()
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(LONGEST_MS)
    page.goto(f"{url}/?tab=remove&map=film&pictures={PICTURES}")
    page.wait_for_selector(f"{FILM}[data-done=true]")
    page.wait_for_selector(f"{MAP}[data-state=ready]")
    page.locator(f"{MAP} canvas[data-part=plane]").scroll_into_view_if_needed()
    film = played(page, FILM)
    page.locator(f"{MAP} [data-view=crowd]").click()
    page.locator(f"{MAP} [data-part=gather]").click()
    page.wait_for_selector(f"{MAP}[data-done=true]")
    page.locator(f"{MAP} canvas[data-part=plane]").scroll_into_view_if_needed()
    crowd = played(page, MAP)
    page.close()
    return {"idle": idle, "film": film, "crowd": crowd}


def played(page: Page, widget: str) -> Watched:
    """What is painted while this widget's clock runs from its beginning."""
    press = "selector => document.querySelector(selector).click()"
    page.wait_for_selector(f"{widget}[data-playing=false]")
    page.evaluate(press, f"{widget} [data-part=play]")  # at its end it begins anew
    return watch(page, MAP)


def watch(page: Page, selector: str) -> Watched:
    """`WATCH` for as long as it takes."""
    return page.evaluate(WATCH, [selector, WATCHED_SECONDS])


def report(figures: MapFigures) -> str:
    """The figures as one line."""
    idle, film, crowd = figures["idle"], figures["film"], figures["crowd"]
    return (
        f"the map, frames a second: {film['drawn']:.0f} with {PICTURES} paths while their film plays (painted "
        f"{film['frames']:.0f}), {crowd['drawn']:.0f} with a crowd of 256 ({crowd['frames']:.0f}); an empty page "
        f"paints {idle['frames']:.0f}"
    )
