"""What is read of a checkpoint without its weights: the schedule, and the size of the whole file."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save as save_tensors

from explorer.core import checkpoint
from explorer.core.checkpoint import CheckpointError, Model, to_bytes
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet, UNetConfig
from tests.tiny import TINY, tiny_model

WHOLE = to_bytes(tiny_model())
ODD = (b"{}", b'{"a": {"data_offsets": 3}}', b'{"a": {"data_offsets": [0, Infinity]}}', b'{"a": {"data_offsets": [0]}}')


def raw_file(header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header


def test_the_schedule_is_read_without_the_weights(tmp_path):
    """From the header alone, so that a file that ends behind it is enough."""
    schedule = NoiseSchedule("cosine", 50)
    checkpoint.save(Model(UNet(UNetConfig(**TINY), schedule), schedule), tmp_path / "model.safetensors")
    data = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "header").write_bytes(data[: 8 + int.from_bytes(data[:8], "little")])
    assert checkpoint.read_schedule(tmp_path / "model.safetensors") == schedule
    assert checkpoint.read_schedule(tmp_path / "header") == schedule


def test_the_header_tells_the_size_of_the_whole_file(tmp_path):
    file = tmp_path / "model.safetensors"
    for data in (WHOLE, WHOLE[:-1], WHOLE + b"more"):
        file.write_bytes(data)
        assert checkpoint.promised_bytes(file) == len(WHOLE)
    for data in (b"", WHOLE[:50], b"\2" + b"\0" * 7 + b"[]", *map(raw_file, ODD)):
        file.write_bytes(data)
        with pytest.raises(CheckpointError, match="model.safetensors is not a whole safetensors file"):
            checkpoint.promised_bytes(file)
    with pytest.raises(CheckpointError, match="gone.safetensors"):
        checkpoint.promised_bytes(tmp_path / "gone.safetensors")


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"\0" * 8,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 9000000\n",
        save_tensors({"a": torch.zeros(1)}),
        b"\2" + b"\0" * 7 + b"[]",
    ],
    ids=["missing", "empty", "zeros", "pointer", "another's", "a list"],
)
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path, data):
    if data is not None:
        (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match="model.safetensors") as error:
        checkpoint.read_schedule(tmp_path / "model.safetensors")
    assert len(str(error.value).splitlines()) == 1
