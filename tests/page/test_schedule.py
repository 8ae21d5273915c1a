"""The page shows the schedule that its model was trained on, and says no second time what that is."""

from __future__ import annotations

import pytest

from explorer.core.checkpoint import CheckpointError, Model, save
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet, UNetConfig
from explorer.page.build import build
from explorer.serving.model_store import ModelStore
from tests.tiny import TINY


def test_the_tabs_follow_the_models_schedule(tmp_path):
    """A model of another schedule: the share of the picture that the page states is that schedule's."""
    schedule = NoiseSchedule("cosine", 1000)
    save(Model(UNet(UNetConfig(**TINY), schedule), schedule), tmp_path / "cosine.safetensors")
    shown = {
        block.elem_id: block.value
        for block in build(ModelStore(tmp_path / "cosine.safetensors")).blocks.values()
        if getattr(block, "elem_id", None) in ("guess", "leap-why")
    }
    game = shown["guess"]
    for t, signal in zip(game["t"], game["signal"], strict=True):
        assert signal == pytest.approx(float(schedule.alpha_bar[t].sqrt()), abs=1e-6)
    (why, _) = shown["leap-why"]["sentence"]["values"]
    assert "√ᾱ = {1}" in why["text"] and why["values"][1] == f"{float(schedule.alpha_bar[1000].sqrt()):.4f}"


def test_without_its_model_the_page_does_not_start(tmp_path):
    """Not at the first press of Play: at once, with a sentence that names the file."""
    with pytest.raises(CheckpointError, match="gone.safetensors"):
        build(ModelStore(tmp_path / "gone.safetensors"))
