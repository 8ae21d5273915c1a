"""Networks on their way to viewers' devices: exported once, under their content's hash, and bounded."""

from __future__ import annotations

import asyncio
import gzip
import threading

import pytest
from starlette.testclient import TestClient

from explorer.core.checkpoint import to_bytes
from explorer.page.device_models import DeviceModels
from explorer.serving.errors import Refused
from explorer.serving.model_store import PERFECT, ModelStore
from tests.tiny import tiny_model


@pytest.fixture
def store():
    return ModelStore()


def test_a_network_is_exported_once_however_many_ask(store):
    """And in a thread of its own, while the page goes on."""
    calls = []

    def export(model):
        calls.append(threading.current_thread())
        return to_bytes(model)

    async def ask(files, name):
        return await asyncio.gather(*(files.address(name) for _ in range(5)), files.address(name))

    files, name = DeviceModels(store, export), store.add(tiny_model())
    assert files.ready(name) is None
    addresses = asyncio.run(ask(files, name))
    assert len(set(addresses)) == 1 and len(calls) == 1 and calls[0] is not threading.main_thread()
    assert files.ready(name) == addresses[0]


def test_it_travels_packed_and_may_be_kept_for_good(store):
    files = DeviceModels(store, lambda model: b"network" * 1000)
    address = asyncio.run(files.address(store.add(tiny_model())))
    client = TestClient(files)
    packed = client.get(f"/prefix/{address}")
    assert packed.content == b"network" * 1000 and packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(gzip.compress(packed.content, 6, mtime=0))
    assert "immutable" in packed.headers["cache-control"]
    plain = client.get(f"/{address}", headers={"accept-encoding": "identity"})
    assert plain.content == packed.content and plain.headers["content-encoding"] == "identity"
    for strange in ("explorer-models/", f"{address}x", "explorer-models/../app.py", "explorer-models/0.bin"):
        assert client.get(f"/{strange}").status_code == 404


def test_what_is_held_is_bounded(store):
    """The latest used stay; one that was let go is exported again when it is asked for."""
    count = [0]

    def export(model):
        count[0] += 1
        return b"network %d" % count[0]

    files, names = DeviceModels(store, export, held=2), [store.add(tiny_model(seed)) for seed in range(3)]

    async def ask():
        for name in names:
            await files.address(name)
        return [files.ready(name) is not None for name in names], await files.address(names[0])

    held, _ = asyncio.run(ask())
    assert held == [False, True, True] and count[0] == 4


def test_what_no_device_can_run_is_refused_with_a_sentence(store):
    def export(model):
        raise ValueError("a device cannot run aten.nothing")

    files = DeviceModels(store, export)
    with pytest.raises(Refused, match="aten.nothing"):
        asyncio.run(files.address(store.add(tiny_model())))
    with pytest.raises(Refused, match="no longer held"):
        asyncio.run(files.address("0123456789abcdef"))
    with pytest.raises(Refused):  # no network
        asyncio.run(files.address(PERFECT))
