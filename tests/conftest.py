"""What all tests share: the torchvision guard before anything imports diffusers, quiet hypothesis settings, tiny
networks.
"""

from __future__ import annotations

from explorer.data.digits import torchvision_datasets

torchvision_datasets()  # diffusers imports torchvision too, which beside a CPU-only torch works only after this

import pytest
import torch
from hypothesis import settings

from explorer.core import inference
from explorer.serving.engine import Engine
from explorer.serving.model_store import ModelStore
from tests.films import idle, wait
from tests.tiny import tiny_model, tiny_network

# the same examples each time, and no clock: this machine may be busy
settings.register_profile("steady", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("steady")


def pytest_xdist_auto_num_workers(config):
    """Two processes for a whole suite; a file or a test that is named runs in this process, where a debugger works."""
    return 0 if any(".py" in name for name in config.args) else 2


def pytest_collection_modifyitems(items):
    """The browser tests come last: Playwright leaves an event loop running in this thread, in which asyncio.run cannot
    start.
    """
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(autouse=True)
def one_thread(request):
    """Tiny networks are fastest on one thread, most of all on a busy machine. The browser's app runs as it
    is shipped.
    """
    if "browser" in request.path.parts:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def served():
    """The address of the app as it is shipped, in this process, for tests that talk to it without a browser."""
    from explorer.page.build import LAUNCH, build

    demo = build()
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **LAUNCH)
    yield url.rstrip("/")
    demo.close()


@pytest.fixture
def network():
    """A tiny network with random weights in every layer, in evaluation mode."""
    return tiny_network()


@pytest.fixture
def model():
    """That network with a schedule of 1000 steps."""
    return tiny_model()


@pytest.fixture
def float32(monkeypatch):
    """Networks for viewers in float32, whatever this processor can do, so that tolerances are those of float32."""
    monkeypatch.setattr(inference, "best_dtype", lambda *device: torch.float32)


@pytest.fixture
def start():
    """Makes engines; when the test ends their films are cancelled, so that nothing computes on into the next test."""
    engines = []

    def make(models, **options):
        engines.append(Engine(models, **options))
        return engines[-1]

    yield make
    for engine in engines:
        with engine._lock:
            for film in [*engine._films, *engine._waiting]:
                film.cancel()
        wait(lambda engine=engine: idle(engine) or not engine._films)


@pytest.fixture
def store(float32):
    return ModelStore()


@pytest.fixture
def engine(store, start):
    return start(store)


@pytest.fixture
def name(store):
    """A tiny float32 model in the store."""
    return store.add(tiny_model())
