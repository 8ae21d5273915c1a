"""What the tests of trainings share: a small network, and a lab that is closed at the end."""

from __future__ import annotations

import pytest

from explorer.core.unet import UNetConfig
from explorer.lab import experiment
from explorer.lab.trainings import Lab
from explorer.serving.model_store import ModelStore
from explorer.serving.scheduler import ComputeScheduler


@pytest.fixture
def small_network(monkeypatch):
    """The Train tab's network, made so small that a test can train it."""
    monkeypatch.setattr(
        experiment, "NETWORK", UNetConfig(widths=(16, 16), depth=(1, 1), embedding=16, attention=False, output="v")
    )


@pytest.fixture
def lab():
    return Lab(ModelStore(), ComputeScheduler())
