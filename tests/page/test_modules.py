"""How the page and its modules travel: packed, and fetched once."""

from __future__ import annotations

import re

import httpx
import pytest

from explorer.widgets.modules import FILES, FOLDER, KERNELS, PAGE, SECOND_FOLDER


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_module_may_be_kept_for_good(served, name):
    answer = httpx.get(f"{served}/{FOLDER}/{name}")
    assert answer.status_code == 200 and answer.content == FILES[name]
    assert answer.headers["content-encoding"] == "gzip" and "immutable" in answer.headers["cache-control"]
    kind = "application/wasm" if name in KERNELS else "text/javascript"
    assert answer.headers["content-type"].startswith(kind)  # a browser runs no other module


def test_a_second_attempt_has_other_addresses_for_the_same_modules(served):
    answer = httpx.get(f"{served}/{SECOND_FOLDER}/{PAGE}")
    assert FOLDER != SECOND_FOLDER and answer.status_code == 200 and answer.content == FILES[PAGE]


def test_gradios_own_files_are_packed_by_gradio_and_kept(served):
    page = httpx.get(served).text
    name = re.search(r"assets/index-[\w-]+\.js", page).group()
    for encoding in ("br", "gzip"):
        answer = httpx.get(f"{served}/{name}", headers={"accept-encoding": f"{encoding}, gzip"})
        assert answer.headers["content-encoding"] == encoding and "immutable" in answer.headers["cache-control"]
    assert "immutable" not in httpx.get(f"{served}/assets/nothing.js").headers.get("cache-control", "")
    assert "cache-control" not in httpx.get(served).headers  # the page itself is new at every visit


def test_who_takes_no_gzip_gets_plain_text(served):
    answer = httpx.get(f"{served}/{FOLDER}/{PAGE}", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers and answer.content == FILES[PAGE]


@pytest.mark.parametrize(
    "path",
    [
        "explorer-modules/0000000000000000/page.js",
        f"{FOLDER}/film.js",
        f"{FOLDER}/base.py",
        f"{FOLDER}/../base.py",
        "explorer-modules/",
    ],
)
def test_nothing_else_is_served_there(served, path):
    answer = httpx.get(f"{served}/{path}")
    assert answer.status_code == 404 and "class Widget" not in answer.text


def test_the_page_travels_packed_and_names_its_modules_once_each(served):
    answer = httpx.get(served)
    assert answer.headers["content-encoding"] == "gzip" and int(answer.headers["content-length"]) < 150_000
    assert set(re.findall(r"explorer-modules/[0-9a-f]+", answer.text)) == {FOLDER}
    assert "requestAnimationFrame" not in answer.text  # no module's text is part of the page


def test_a_stream_of_events_is_not_held_back(served):
    """Events are sent as they come, and not in packets."""
    with httpx.stream("GET", f"{served}/gradio_api/heartbeat/nobody", timeout=10) as answer:
        assert "content-encoding" not in answer.headers
        assert next(answer.iter_raw())
