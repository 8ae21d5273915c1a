"""The map's files, and the crowd on it."""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.error
import urllib.request

import numpy as np
import pytest

from explorer.data import digits
from explorer.data.digit_map import UNIT, digit_map, places_of
from explorer.page import crowd
from explorer.page.crowd import CROWD, Crowds
from explorer.page.map_files import CHUNK, address, content, map_value
from explorer.page.settings import Generate
from explorer.page.viewer import Viewer
from explorer.serving.errors import Refused


def test_the_browser_can_place_any_picture_with_what_it_is_sent():
    """The sum that map_places.js makes, from the file's own numbers, is the place that Python knows."""
    file = json.loads(content("map.json"))
    axes = np.frombuffer(base64.b64decode(file["axes"]), "<f4").reshape(784, 2).astype(float)
    grey = digits.bundled().pixels[:50]
    found = (grey.reshape(50, 784) / 127.5 - 1) @ axes - file["offset"]
    np.testing.assert_allclose(found, places_of(grey), atol=1e-4)
    dots = np.frombuffer(base64.b64decode(file["places"]), "<i2").reshape(-1, 2) / UNIT
    np.testing.assert_allclose(dots, digit_map().places, atol=1 / UNIT)
    assert file["n"] == 10_000 and file["told"] > 0.6


def test_the_digits_of_the_map_come_in_chunks():
    numbers = digit_map().numbers
    chunk = np.frombuffer(content("digits-7.bin"), np.uint8).reshape(CHUNK, 28, 28)
    assert np.array_equal(chunk, digits.bundled().pixels[numbers[7 * CHUNK : 8 * CHUNK]])
    for name in ("digits-100.bin", "digits--1.bin", "digits-.bin", "digits-7", "../x", "digits-7.binx"):
        assert content(name) is None


def test_over_http(served):
    """Kept by the browser for good under its name; nothing under another."""
    with urllib.request.urlopen(f"{served}/{address()}/digits-3.bin", timeout=20) as answer:
        assert len(answer.read()) == CHUNK * 784 and "immutable" in answer.headers["Cache-Control"]
    for wrong in ("explorer-map/0123456789abcdef/map.json", f"{address()}/digits-999.bin", f"{address()}/{'9' * 300}"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{served}/{wrong}", timeout=20)


def test_a_link_opens_the_map():
    views = ("film", "crowd")
    assert map_value("remove", views)["views"] == ["film", "crowd"] and "view" not in map_value("remove", views)
    assert map_value("remove", views, "crowd")["view"] == "crowd"
    assert map_value("remove", views, "closed")["view"] == "closed"


def test_a_crowd_is_computed_once_for_all(engine, name, monkeypatch):
    """Each picture once, in order, and the last value says all again; a second viewer gets the same without a film."""
    monkeypatch.setattr(crowd, "STEPS", 2)
    monkeypatch.setattr(crowd, "GROUPS", 3)
    crowds, settings = Crowds(engine), Generate(label=4, seed=5)

    async def gathered(viewer: str) -> list:
        return [news async for news in crowds.gather(settings, name, Viewer(viewer))]

    first = asyncio.run(gathered("one"))
    groups = [number for news in first[:-1] for number in news["groups"]]
    assert sorted(groups) == [0, 1, 2] and first[-1]["groups"] == [0, 1, 2] and first[-1]["done"]
    assert all(not news["done"] for news in first[:-1]) and first[-1]["t"] == [1000, 500, 0]
    places = np.frombuffer(base64.b64decode(first[-1]["places"]), "<i2").reshape(48, 3, 2)
    assert len(first[-1]["read"]) == 48 and first[-1]["total"] == CROWD

    async def alone() -> np.ndarray:
        request = crowd.group_request(crowd.request_of(settings, name, 1000), 1)
        async for news in engine.stream(request, "alone"):
            if hasattr(news, "pixels"):
                last = news.pixels[-1, 1]
        return last

    np.testing.assert_allclose(places[16:32, -1] / UNIT, places_of(asyncio.run(alone())), atol=0.02)

    monkeypatch.setattr(engine, "stream", None)
    second = asyncio.run(gathered("two"))
    assert len(second) == 1 and second[0]["places"] == first[-1]["places"] and second[0]["run"] != first[-1]["run"]


def test_a_crowd_that_is_stopped_goes_on_where_it_was(engine, name, monkeypatch):
    """Stopped after its first groups, it says so; asked for again it computes the others only."""
    monkeypatch.setattr(crowd, "STEPS", 2)
    monkeypatch.setattr(crowd, "SIDE_BY_SIDE", 1)
    monkeypatch.setattr(crowd, "GROUPS", 4)
    crowds, viewer = Crowds(engine), Viewer("one")

    async def gathered(stop_after: int) -> list[list[int]]:
        found = []
        async for news in crowds.gather(Generate(), name, viewer):
            found.append(news["groups"])
            if len(found) == stop_after:
                crowds.stop(viewer)
        return found

    before = asyncio.run(gathered(2))
    again = asyncio.run(gathered(99))
    assert before[0] == [] and before[-1] == [0] and len(before) == 3
    assert [groups for groups in again[:-1] if groups] == [[1], [2], [3]] and again[-1] == [0, 1, 2, 3]


def test_a_model_that_is_gone_is_one_sentence(engine):
    async def gathered() -> None:
        async for _ in Crowds(engine).gather(Generate(), "no such model", Viewer("one")):
            pass

    with pytest.raises(Refused, match="no longer held"):
        asyncio.run(gathered())
