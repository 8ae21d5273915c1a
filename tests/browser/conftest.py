"""The app in a real browser: one server for all tests, and every page watched for errors and foreign hosts."""

from __future__ import annotations

import os
from contextlib import contextmanager
from urllib.parse import urlparse

import pytest

pytest.importorskip("playwright", reason="the browser tests need tests/requirements.txt")

from explorer.device.browser import find_chromium
from tests.browser.pictures import PATIENCE

CHROMIUM = find_chromium(windowless=True)
STORED = "cookies,local_storage,indexeddb,cache_storage,service_workers"


def pytest_collection_modifyitems(items):
    """Without a browser these tests are skipped on a reader's machine, but never in CI."""
    if CHROMIUM is None and not os.environ.get("REQUIRE_BROWSER"):
        for item in items:
            if "browser" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine (apt-get install chromium)"))


@pytest.fixture(scope="session")
def browser_type_launch_args():
    assert CHROMIUM, "no Chromium on this machine, and REQUIRE_BROWSER is set"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu", *quiet]}


@pytest.fixture(scope="session")
def base_url():
    from explorer.page.build import LAUNCH, build

    demo = build()
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **LAUNCH)
    yield url
    demo.close()


@pytest.fixture(scope="session")
def kept_context(browser):
    """A browser's window for all tests: it keeps what it has fetched and compiled, a fifth of a page's start."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])  # a window's tab may copy unasked
    yield context
    context.close()


@pytest.fixture
def context(kept_context, base_url):
    """The window that is kept, as if it were new: without pages, routes, or anything that the last test stored."""
    yield kept_context
    kept_context.unroute_all()
    kept_context.set_offline(False)
    for page in kept_context.pages:
        page.close()
    page = kept_context.new_page()
    stored = {"origin": base_url.rstrip("/"), "storageTypes": STORED}
    kept_context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
    page.close()


@contextmanager
def watching(page, base_url):
    """While this lasts, the page's console must hold no error, and it must ask no other host for anything."""
    problems, own = [], urlparse(base_url).netloc
    page.on(
        "console",
        lambda message: (
            problems.append(f"{message.text} {message.location['url']}") if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda request: (
            problems.append(f"foreign host: {request.url}") if urlparse(request.url).netloc not in (own, "") else None
        ),
    )
    page.set_default_timeout(PATIENCE)
    yield
    assert problems == []


@pytest.fixture
def watched(page, base_url):
    """A page that is yet to open a link of ours."""
    with watching(page, base_url):
        yield page


@pytest.fixture
def app(watched, base_url):
    """The page, opened."""
    watched.goto(base_url)
    watched.wait_for_selector("#desk [data-state=ready]")
    return watched


@pytest.fixture(scope="module")
def shared(browser, base_url):
    """One opened page for all tests of a file. To load a page takes seconds; `show` brings this one back to a view."""
    context = browser.new_context()
    page = context.new_page()
    with watching(page, base_url):
        page.goto(base_url)
        page.wait_for_selector("#desk [data-state=ready]")
        yield page
    context.close()
