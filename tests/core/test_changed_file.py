"""A model as the file of what it changed in another: it comes back to half a level, and nothing else is let in."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.core import changed_file, checkpoint
from explorer.core.checkpoint import CheckpointError
from explorer.core.schedule import NoiseSchedule
from tests.tiny import tiny_model

START = tiny_model(seed=1)
CHANGED = replace(tiny_model(seed=2), notes={"steps": 5})
FILE = changed_file.to_bytes(CHANGED, START)


@pytest.mark.parametrize("levels", [1, 15, 127])
def test_it_comes_back_to_half_a_level(levels):
    """Each number by at most half the distance of two levels of its row, whatever their number; the start stays."""
    before = {name: tensor.clone() for name, tensor in START.network.state_dict().items()}
    back = changed_file.from_bytes(changed_file.to_bytes(CHANGED, START, levels), START)
    assert back.notes == {"steps": 5} and back.schedule == START.schedule and not back.network.training
    for name, wanted in CHANGED.network.state_dict().items():
        rows = wanted.reshape(len(wanted), -1) if wanted.ndim > 1 else wanted.reshape(1, -1)
        start = before[name].reshape(rows.shape)
        half = (rows - start).abs().amax(dim=1, keepdim=True) / levels / 2
        assert bool(((back.network.state_dict()[name].reshape(rows.shape) - rows).abs() <= half * 1.001 + 1e-7).all())
        assert torch.equal(START.network.state_dict()[name], before[name])
    assert len(FILE) < len(checkpoint.to_bytes(CHANGED)) / 4


def test_only_beside_the_model_that_it_begins_with(tmp_path):
    """Another start, another shape, a whole model's file, no file: one sentence each."""
    with pytest.raises(CheckpointError, match="another model"):
        changed_file.from_bytes(FILE, CHANGED)
    with pytest.raises(ValueError, match="same shape"):
        changed_file.to_bytes(replace(CHANGED, schedule=NoiseSchedule("cosine")), START)
    with pytest.raises(ValueError, match="levels"):
        changed_file.to_bytes(CHANGED, START, 200)
    with pytest.raises(CheckpointError, match="tells no change"):
        changed_file.from_bytes(checkpoint.to_bytes(START), START)
    with pytest.raises(CheckpointError, match="cannot read"):
        changed_file.load(tmp_path / "none", START)
    whole, changed = tmp_path / "whole", tmp_path / "changed"
    whole.write_bytes(checkpoint.to_bytes(START))
    changed.write_bytes(FILE)
    assert [changed_file.is_one(path) for path in (whole, changed, tmp_path / "none")] == [False, True, False]


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_broken_file_is_told(position, change):
    """Whatever byte is wrong: a model, or one sentence."""
    broken = bytearray(FILE)
    broken[position] ^= change
    for data in (bytes(broken), FILE[:position]):
        try:
            changed_file.from_bytes(data, START)
        except CheckpointError as error:
            assert len(str(error).splitlines()) == 1
