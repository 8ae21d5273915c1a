"""What all tests share: the torchvision guard before anything imports diffusers, quiet hypothesis settings, tiny networks."""

from __future__ import annotations

from explorer.digits import torchvision_datasets

torchvision_datasets()  # diffusers imports torchvision too, which beside a CPU-only torch works only after this

import pytest  # noqa: E402
import torch  # noqa: E402
from hypothesis import settings  # noqa: E402

from explorer.core import inference  # noqa: E402
from tests.tiny import tiny_model, tiny_network  # noqa: E402

# the same examples each time, and no clock: this machine may be busy
settings.register_profile("steady", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("steady")


def pytest_collection_modifyitems(items):
    """The browser tests come last: Playwright leaves an event loop running in this thread, in which asyncio.run cannot start."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(autouse=True)
def one_thread(request):
    """Tiny networks are fastest on one thread, most of all on a busy machine. The browser's app runs as it is shipped."""
    if "browser" in request.path.parts:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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
    monkeypatch.setattr(inference, "best_dtype", lambda: torch.float32)
