"""A Chromium of this machine, which plays the viewer's: for benchmarks, for the file's start, and for tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WHOLE = ("chromium", "chromium-browser", "google-chrome")
WINDOWLESS = "chromium-headless-shell"  # the same without what nobody sees here: a page's start costs a third less


def find_chromium(*, windowless: bool = False) -> str | None:
    """Its program, None where there is none; windowless: rather without its window, to be quick than to measure."""
    names = (WINDOWLESS, *WHOLE) if windowless else WHOLE
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """It, running until the end of the block. Raises FileNotFoundError where there is none, and ImportError without
    Playwright.
    """
    from playwright.sync_api import sync_playwright

    program = find_chromium()
    if program is None:
        raise FileNotFoundError("no Chromium on this machine (apt-get install chromium)")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser,
    ):
        yield browser
