"""The models that films are made with: named by content, the latest held, shared."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from explorer.core.checkpoint import fingerprint
from explorer.core.inference import FrozenNetwork
from explorer.demos import algorithms
from explorer.serving import model_store
from explorer.serving.model_store import PRETRAINED, ModelStore
from tests.tiny import tiny_model


def test_a_models_name_is_made_from_its_content(float32):
    """The same weights get the same name each time, other weights another; so one model is not held twice."""
    store = ModelStore()
    assert len({store.add(tiny_model(0)) for _ in range(8)}) == 1
    assert store.add(tiny_model(1)) != store.add(tiny_model(0))


def test_only_the_latest_models_are_held(float32):
    """Beyond the limit the model that was not used for longest is let go, with a sentence for who asks for it."""
    store = ModelStore(held=2)
    a, b = store.add(tiny_model(0)), store.add(tiny_model(1))
    store.get(a)
    c = store.add(tiny_model(2))
    assert store.get(a) and store.get(c)
    with pytest.raises(KeyError) as error:
        store.get(b)
    assert "train it again" in str(error.value)


def test_the_pretrained_file_is_read_once(monkeypatch, float32):
    """However often the two algorithms run, and whoever makes films beside them; nothing changes the weights."""
    reads, load = [], model_store.load
    monkeypatch.setattr(model_store, "load", lambda path: reads.append(path) or load(path))
    store = ModelStore()
    before = fingerprint(store.pretrained())
    store.get(PRETRAINED)
    runs = [algorithms.run(store.pretrained(), 0) for _ in range(2)]
    assert len(reads) == 1 and fingerprint(store.pretrained()) == before
    assert torch.equal(runs[0][1][-1].images["x₀"], runs[1][1][-1].images["x₀"])


A_DAY = """
import os
from explorer.lab import recipe
from explorer.core.checkpoint import Model
from explorer.core.unet import UNet
from explorer.serving.memory import give_back_memory
from explorer.serving.model_store import ModelStore
from tests.load.viewers import memory_mb

def megabytes():
    give_back_memory()
    return memory_mb(os.getpid())

store = ModelStore(held=2)
for number in range(50):
    if number == 10:
        before = megabytes()
    store.add(Model(UNet(recipe.NETWORK, recipe.SCHEDULE), recipe.SCHEDULE))
print(megabytes() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_day_of_trainings_leaves_nothing_behind():
    """Forty more trained models, of which two are held: less than half a megabyte each stays (a recording of one would
    be 3).
    """
    done = subprocess.run(
        [sys.executable, "-c", A_DAY],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert float(done.stdout) < 20


def test_frozen_networks_are_shared(store, name):
    """Every film of a model uses one and the same network."""
    assert isinstance(store.get(name).network, FrozenNetwork) and store.get(name) is store.get(name)
