"""Reading the players' pictures off their canvases."""

from __future__ import annotations

import re

import numpy as np

QUIET_MS = 1000
PATIENCE = 60_000  # ms; two servers with a browser each may share two cores
FILM = "#film [data-widget=film]"

READ = """canvas => {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  return [width, height, Array.from(context.getImageData(0, 0, width, height).data)];
}"""


def grey(page, selector: str) -> np.ndarray:
    """The canvas's grey levels, int (height, width); fails unless it is grey and opaque."""
    width, height, data = page.locator(selector).evaluate(READ)
    rgba = np.array(data, int).reshape(height, width, 4)
    assert (rgba[..., 0] == rgba[..., 1]).all() and (rgba[..., 1] == rgba[..., 2]).all() and (rgba[..., 3] == 255).all()
    return rgba[..., 0]


def wait_for_data(page, selector: str, condition: str, timeout: float = PATIENCE) -> None:
    """Wait until the element is there and `condition`, JavaScript over its dataset `d`, holds."""
    page.wait_for_function(
        f"selector => {{ const d = document.querySelector(selector)?.dataset; return d && {condition}; }}",
        arg=selector,
        timeout=timeout,
    )


def requests_of(page) -> list[str]:
    """What the page asks the server for, from when it has asked nothing for a second.

    The status line's question every few seconds does not count, nor do the page's signs of life, the fetching of
    answers to what it has asked before, and what the browser does by itself.
    """
    found: list[str] = []

    def note(request) -> None:
        if request.resource_type != "other" and not re.search("component_server|heartbeat|queue/data", request.url):
            found.append(request.url)

    page.on("request", note)
    page.wait_for_timeout(QUIET_MS)
    while found:
        found.clear()
        page.wait_for_timeout(QUIET_MS)
    return found


def data(page, selector: str) -> dict[str, str]:
    return page.locator(selector).evaluate("element => ({...element.dataset})")


def open_tab(page, name: str) -> None:
    """Select a tab; on a phone they stand in several rows."""
    page.get_by_role("tab", name=name).click()


def show(page, query: str = "") -> None:
    """Bring an opened page to a view, as a class is brought to one. What the query does not name is as at the start."""
    page.evaluate("query => document.dispatchEvent(new CustomEvent('explorer:show', { detail: { query } }))", query)
    wait_for_data(page, "#lesson-bar [data-widget]", "d.state === 'ready'")


def film_by(page, query: str):
    """Bring an opened page to this view of Remove noise, and wait until its film is computed; it still plays. Returns
    the page.
    """
    before = page.evaluate("film => document.querySelector(film)?.dataset.run ?? ''", FILM)
    show(page, query)
    wait_for_data(page, FILM, f"d.run && d.run !== '{before}' && d.done === 'true'")
    return page
