"""Weights in a byte each: they come back to half a level, by the ways that read any model's file."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from explorer.core import checkpoint
from explorer.core.checkpoint import CheckpointError
from explorer.core.levels import rounded
from tests.tiny import tiny_model

MODEL = replace(tiny_model(seed=3), notes={"steps": 5})
SMALL = checkpoint.to_bytes(MODEL, small=True)


def test_a_small_file_is_read_as_any_other(tmp_path):
    """Each number to half a level of its row; with schedule, notes and shape; at most a third of the bytes."""
    checkpoint.save(MODEL, tmp_path / "small", small=True)
    back = checkpoint.load(tmp_path / "small")
    assert back.notes == MODEL.notes and back.schedule == MODEL.schedule == checkpoint.read_schedule(tmp_path / "small")
    assert back.network.config == MODEL.network.config
    for name, wanted in MODEL.network.state_dict().items():
        rows = wanted.reshape(len(wanted), -1) if wanted.ndim > 1 else wanted.reshape(1, -1)
        half = rows.abs().amax(dim=1, keepdim=True) / checkpoint.LEVELS / 2
        found = back.network.state_dict()[name].reshape(rows.shape)
        assert bool(((found - rows).abs() <= half * 1.001 + 1e-7).all())
    again = checkpoint.to_bytes(back, small=True)
    assert torch.equal(
        checkpoint.from_bytes(again).network.state_dict()["first.weight"], back.network.state_dict()["first.weight"]
    )
    assert len(SMALL) < len(checkpoint.to_bytes(MODEL)) / 3


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_a_broken_file_is_told(position, change):
    """Whatever byte is wrong: a model, or one sentence."""
    broken = bytearray(SMALL)
    broken[position] ^= change
    for data in (bytes(broken), SMALL[:position]):
        try:
            checkpoint.from_bytes(data)
        except CheckpointError as error:
            assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("left_out", ["numbers", "scales"])
def test_the_packed_numbers_must_be_those_of_the_network(left_out):
    """Too few numbers, too few scales: one sentence."""
    tensors, header = load_tensors(SMALL), checkpoint.header_of(SMALL)
    fewer = rounded({"first.weight": MODEL.network.state_dict()["first.weight"]}, checkpoint.LEVELS)
    with pytest.raises(CheckpointError, match="do not fit"):
        checkpoint.from_bytes(save_tensors(tensors | {left_out: fewer[left_out]}, metadata=header))
