"""The map as files that a browser fetches once, when it is first opened, under addresses that name their content."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import Sequence
from functools import cache, lru_cache

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from explorer.data import digits
from explorer.data.digit_map import FILE, digit_map, whole_numbers
from explorer.data.pixels import to_base64
from explorer.page.payloads.device_jobs import plane
from explorer.widgets.map import MapFile, MapValue, MapView
from explorer.widgets.modules import for_good, takes_gzip

ROUTE = "/explorer-map"
CHUNK = 100  # digits that are fetched together: neighbours, 16 KB packed


@cache
def address() -> str:
    """The folder of the map's files, from the page's root on: its name is made from what they are made from."""
    digest = hashlib.sha256(FILE.read_bytes() + digits.BUNDLED.read_bytes())
    return f"{ROUTE[1:]}/{digest.hexdigest()[:16]}"


@cache
def map_file() -> bytes:
    """map.json: see widgets.map.MapFile."""
    found, flat = digit_map(), plane()
    file: MapFile = {
        "n": len(found.numbers),
        "chunk": CHUNK,
        "places": to_base64(whole_numbers(found.places)),
        "unit": flat["unit"],
        "labels": to_base64(found.labels.astype("u1")),
        "numbers": to_base64(found.numbers.astype("<u2")),
        "axes": flat["axes"],
        "offset": flat["offset"],
        "told": round(found.told, 4),
        "variance": round(found.variance, 4),
    }
    return json.dumps(file).encode()


def content(name: str) -> bytes | None:
    """The file of this name in the folder; None where there is none."""
    if name == "map.json":
        return map_file()
    number = name.removeprefix("digits-").removesuffix(".bin")
    numbers = digit_map().numbers
    if name != f"digits-{number}.bin" or not number.isdecimal() or not int(number) * CHUNK < len(numbers):
        return None
    first = int(number) * CHUNK
    return digits.bundled().pixels[numbers[first : first + CHUNK]].tobytes()


@lru_cache(maxsize=128)  # a stranger may ask for any name
def packed(name: str) -> bytes | None:
    """The same, as gzip; in all 2 MB."""
    found = content(name)
    return None if found is None else gzip.compress(found, 6, mtime=0)


def map_value(tab: str, views: Sequence[MapView], view: object = None) -> MapValue:
    """For a map in this tab with these views. view: which of them a link shows, "closed" for none."""
    value: MapValue = {"address": address(), "tab": tab, "views": list(views)}
    shown = next((name for name in (*views, "closed") if name == view), None)
    return value if shown is None else {**value, "view": shown}


class MapFiles:
    """ASGI application: the files below ROUTE, packed where the browser takes gzip."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        folder, _, name = scope["path"].rpartition(f"{ROUTE}/")[2].partition("/")
        if f"{ROUTE[1:]}/{folder}" != address() or len(name) > len("digits-99.bin"):
            await PlainTextResponse("there is no such map", 404)(scope, receive, send)
            return
        gzipped = takes_gzip(scope)
        found = await asyncio.to_thread(packed if gzipped else content, name)
        if found is None:
            await PlainTextResponse("there is no such part of the map", 404)(scope, receive, send)
            return
        kind = "application/json" if name.endswith(".json") else "application/octet-stream"
        await for_good(found, kind, packed=gzipped)(scope, receive, send)
