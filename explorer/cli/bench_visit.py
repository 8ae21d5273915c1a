"""What a visit to the page costs over a slow link: a part of `python -m explorer bench --page`.

A classroom of phones on one access point has about 5 Mbit/s each, so that is what the browser is held to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

LINK_BYTES_PER_SECOND = 5_000_000 // 8
LINK_LATENCY_MS = 20
QUIET_MS = 2_000  # without a byte for so long, a visit has all that it asks for by itself
LONGEST_MS = 60_000
READY = "#desk [data-state=ready]"
# Presses a tab at every animation frame until it is open, and notes when that was, counted from the navigation's start.
PRESS_TABS = """() => {
  const press = () => {
    const tab = [...document.querySelectorAll("[role=tab]")].find((one) => one.textContent.includes("Guess the noise"));
    if (tab?.getAttribute("aria-selected") === "true") { window.tabsOpenedAfter = performance.now(); return; }
    tab?.click();
    requestAnimationFrame(press);
  };
  requestAnimationFrame(press);
}"""


class Received:
    """The bytes that a page has received over the network, headers included, and not what its cache held; and which of
    its requests are still open. Streams of events never end, so they do not count as open.
    """

    def __init__(self, network: CDPSession) -> None:
        self._bytes: dict[str, float] = {}
        self._open: set[str] = set()
        network.on("Network.requestWillBeSent", lambda event: self._open.add(event["requestId"]))
        network.on("Network.responseReceived", self._respond)
        network.on("Network.loadingFailed", lambda event: self._open.discard(event["requestId"]))
        network.on("Network.dataReceived", lambda event: self._add(event["requestId"], event["encodedDataLength"]))
        network.on("Network.loadingFinished", lambda event: self._set(event["requestId"], event["encodedDataLength"]))

    def _add(self, request: str, size: float) -> None:
        self._bytes[request] = self._bytes.get(request, 0) + size

    def _set(self, request: str, size: float) -> None:
        self._bytes[request] = size
        self._open.discard(request)

    def _respond(self, event: dict[str, Any]) -> None:
        if event["response"]["mimeType"] == "text/event-stream":
            self._open.discard(event["requestId"])

    def quiet(self) -> bool:
        """Whether nothing is on its way."""
        return not self._open

    def total(self) -> float:
        """Bytes so far."""
        return sum(self._bytes.values())


def visits(browser: Browser, url: str) -> dict[str, float]:
    """A first visit and a reload: kilobytes received by each, and milliseconds from the start of the navigation until
    a press on a tab opens it and until the first tab's pictures are there.
    """
    with browser.new_context() as context:
        page = context.new_page()
        network = slow(page)
        first = visit(page, network, url)
        again = visit(page, network, url)
    with browser.new_context() as context:
        page = context.new_page()
        slow(page)
        page.add_init_script(f"({PRESS_TABS})()")
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => window.tabsOpenedAfter", timeout=LONGEST_MS)
        tabs = page.evaluate("() => window.tabsOpenedAfter")
    return {
        "first_kilobytes": first["kilobytes"],
        "reload_kilobytes": again["kilobytes"],
        "first_tabs_ms": tabs,
        "first_pictures_ms": first["pictures_ms"],
        "reload_pictures_ms": again["pictures_ms"],
    }


def slow(page: Page) -> CDPSession:
    """Hold the page to the slow link; its cache works as ever."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    link: dict[str, Any] = {
        "offline": False,
        "latency": LINK_LATENCY_MS,
        "downloadThroughput": LINK_BYTES_PER_SECOND,
        "uploadThroughput": LINK_BYTES_PER_SECOND,
    }
    network.send("Network.emulateNetworkConditions", link)
    return network


def visit(page: Page, network: CDPSession, url: str) -> dict[str, float]:
    """Open the page and wait until it has all that it asks for by itself."""
    received = Received(network)
    page.goto(url, wait_until="commit")
    page.wait_for_selector(READY, timeout=LONGEST_MS)
    pictures_ms = page.evaluate("() => performance.now()")
    before = -1.0
    while received.total() > before or not received.quiet():
        before = received.total()
        page.wait_for_timeout(QUIET_MS)
    return {"kilobytes": received.total() / 1000, "pictures_ms": pictures_ms}
