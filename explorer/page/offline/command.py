"""`python -m explorer offline`: writes the page as one file, and says how large it is and how soon it stands."""

from __future__ import annotations

from pathlib import Path

from explorer.device.browser import chromium
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
    try:
        with chromium() as browser:
            page = browser.new_context(offline=True).new_page()
            page.goto(path.resolve().as_uri())
            page.wait_for_selector(READY)
            return float(page.evaluate("performance.now()")) / 1000
    except (FileNotFoundError, ImportError):
        return None
