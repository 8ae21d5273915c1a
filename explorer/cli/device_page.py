"""The device's runtime in a real browser, for the commands that measure it: a page with nothing but the modules and an
exported network.

Needs Playwright (tests/requirements.txt) and Chromium. The page has one thread, as a worker has.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.checkpoint import Model
from explorer.device.browser import chromium
from explorer.device.build import TARGET
from explorer.device.export import export

if TYPE_CHECKING:
    from playwright.sync_api import Page

# window.device: the loaded network, and what runs it
LOAD = """async () => {
  const bytes = (name) => fetch(name).then((answer) => answer.arrayBuffer());
  const { compile, load, PIXELS } = await import("./device/graph.js");
  const { filmSteps } = await import("./device/film_steps.js");
  let build;
  const began = performance.now();
  const kernels = await compile((name) => bytes(`device/${(build = name)}`));
  const network = await load(await bytes("model.bin"), kernels);
  window.device = { network, filmSteps, PIXELS, build, loadMs: performance.now() - began };
}"""


class QuietHandler(SimpleHTTPRequestHandler):
    """A folder's files, and not a word about it."""

    def log_message(self, *_: object) -> None:
        """Nothing is said of a request."""


def lay_out_modules(folder: Path) -> None:
    """Lay the device's modules into the folder, and beside their own folder what they import from it."""
    shutil.copytree(TARGET, folder / "device")
    for module in TARGET.parent.glob("*.js"):
        shutil.copy(module, folder)


@contextmanager
def folder_served(folder: Path) -> Iterator[str]:
    """The folder's files over HTTP, until the end of the block; gives their address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def device_page(model: Model) -> Iterator[tuple[Page, Path]]:
    """A page in which `LOAD` has been run for this model, and the folder that it is served from. Raises
    FileNotFoundError without Chromium.
    """
    with chromium() as browser, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lay_out_modules(folder)
        (folder / "index.html").write_text("<!doctype html><title>the device</title>")
        (folder / "model.bin").write_bytes(export(model))
        with folder_served(folder) as url:
            page = browser.new_page()
            page.set_default_timeout(600_000)
            page.goto(url)
            page.evaluate(LOAD)
            yield page, folder
