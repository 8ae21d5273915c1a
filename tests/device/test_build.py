"""The kernels in the repository are what the compiler makes of the C beside them."""

from __future__ import annotations

import gzip

from explorer.device.build import BUILDS, TARGET, build
from explorer.widgets.modules import FILES


def test_a_rebuild_gives_the_same_bytes(tmp_path):
    build(tmp_path)
    for name in BUILDS:
        assert (tmp_path / name).read_bytes() == (TARGET / name).read_bytes(), "run python -m explorer.device.build"


def test_the_runtime_is_small():
    """What a browser fetches beside the network: the modules, and one of the two builds."""
    sizes = {name: len(gzip.compress(text, 9)) for name, text in FILES.items() if name.startswith("device/")}
    assert sum(sizes.values()) < 60_000 and {"device/kernels.wasm", "device/worker.js"} <= set(sizes)
