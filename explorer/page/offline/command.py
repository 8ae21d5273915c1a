"""`python -m explorer offline`: writes the page as one file, and says how large it is and how soon it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

from explorer.page.offline.lesson_file import Only
from explorer.page.offline.write import one_file

READY = "#desk [data-state=ready]"


def write_file(path: Path, only: Only) -> None:
    """Raises OSError where the file cannot be written, and InvalidSetting for a lesson or control that there is not."""
    text = one_file(only).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    print(f"{path}: {len(text) / 1e6:.1f} MB", end="")
    seconds = start_seconds(path)
    print("" if seconds is None else f", its first picture stands {seconds:.1f} s after it is opened")


def start_seconds(path: Path) -> float | None:
    """From its opening to the first picture, in Chromium with the network off; None where there is none here, or no
    Playwright to drive it.
    """
    browser_file = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if browser_file is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_file, args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        page.goto(path.resolve().as_uri())
        page.wait_for_selector(READY)
        seconds = float(page.evaluate("performance.now()")) / 1000
        browser.close()
    return seconds
