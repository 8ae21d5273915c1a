"""Checkpoints: everything comes back, and nothing else is let in."""

from __future__ import annotations

import json
import pickle
import time

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from safetensors.torch import save as save_tensors
from torch.testing import assert_close

from explorer.core import checkpoint
from explorer.core.checkpoint import MAX_BYTES, CheckpointError, Model, from_bytes, to_bytes
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet, UNetConfig
from tests.tiny import LINEAR, TINY, noise, tiny_model, tiny_network

WHOLE = to_bytes(tiny_model())


def refused(data: bytes) -> str:
    """The one-sentence message of the CheckpointError; anything else that is raised fails the test."""
    with pytest.raises(CheckpointError) as error:
        from_bytes(data)
    message = str(error.value)
    assert len(message.splitlines()) == 1 and 10 < len(message) < 200
    return message


def file_with(**changes) -> bytes:
    """The tiny model's file with some of its metadata (text) replaced, or removed (None)."""
    model = tiny_model()
    header = checkpoint.header_of(WHOLE) | changes
    return save_tensors(
        model.network.state_dict(), metadata={key: value for key, value in header.items() if value is not None}
    )


def raw_file(header: bytes, body: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + body


# ---- there and back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["eps", "v"])
@pytest.mark.parametrize("schedule", [LINEAR, NoiseSchedule("cosine", 200)], ids=str)
def test_round_trip(output, schedule):
    """Weights bit by bit, configuration, schedule and notes come back, and with them the network's answers."""
    model = Model(tiny_network(0, output, schedule), schedule, {"steps": 3, "who": "Żółw ✎", "list": [1, None, 0.5]})
    back = from_bytes(to_bytes(model))
    assert back.network.config == model.network.config and back.schedule == schedule and back.notes == model.notes
    assert not back.network.training
    for (name, ours), (other, theirs) in zip(
        model.network.state_dict().items(), back.network.state_dict().items(), strict=True
    ):
        assert name == other
        assert_close(theirs, ours, rtol=0, atol=0)
    x_t, t, label = noise(2, 1, 28, 28), torch.tensor([1, schedule.T]), torch.tensor([3, 10])
    with torch.no_grad():
        assert_close(back.network(x_t, t, label), model.network(x_t, t, label), rtol=0, atol=1e-6)


def test_round_trip_through_a_file(tmp_path):
    """save makes missing folders, replaces what was there, leaves no scratch file; load reads it back."""
    path = tmp_path / "new" / "model.safetensors"
    checkpoint.save(tiny_model(1), path)
    checkpoint.save(tiny_model(2), path)
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"]
    assert_close(checkpoint.load(path).network.first.weight, tiny_network(2).first.weight, rtol=0, atol=0)
    assert checkpoint.load(str(path)).notes == tiny_model(2).notes


def test_the_default_network_is_a_small_file():
    """The default configuration's file stays under 10 MB, small enough for a repository."""
    assert len(to_bytes(Model(UNet(UNetConfig(), LINEAR), LINEAR))) < 10e6


def test_the_files_text_is_plain_json():
    """The format's promise: numbers and text only. The metadata is JSON that any other program can read."""
    header = checkpoint.header_of(WHOLE)
    assert json.loads(header["schedule"]) == {"kind": "linear", "T": 1000}
    assert json.loads(header["network"])["widths"] == [16, 32]


# ---- what is not let in ------------------------------------------------------------------------------------------


@given(st.integers(0, len(WHOLE) - 1))
@example(0)
@example(7)
@example(8)
@example(len(WHOLE) - 1)
def test_truncated_files(length):
    """Cut anywhere, even by one byte."""
    refused(WHOLE[:length])


@given(st.binary(max_size=300))
@example(b"")
@example(b"\xff" * 64)
@example(pickle.dumps({"network": "x"}))
@example(b"PK\x03\x04" + b"\0" * 60)
def test_random_bytes(data):
    """Noise, pickles and zip archives."""
    refused(data)


@given(st.integers(0, 2**64 - 1), st.binary(max_size=64))
@example(2**64 - 1, b"{}")
@example(2**40, b"{}")
@example(MAX_BYTES, b"{}")
def test_absurd_header_lengths(length, rest):
    """A header that claims to be longer than the file, up to 2^64, without the memory being asked for."""
    refused(length.to_bytes(8, "little") + rest)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_flipped_bytes(position, flip):
    """One byte changed: refused with CheckpointError, or read as a model whose weights are all finite. Nothing else is
    raised.
    """
    data = bytearray(WHOLE)
    data[position] ^= flip
    try:
        model = from_bytes(bytes(data))
    except CheckpointError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert all(bool(p.isfinite().all()) for p in model.network.parameters())


@given(st.integers(8, 8 + int.from_bytes(WHOLE[:8], "little") - 1), st.integers(1, 255))
def test_flipped_bytes_in_the_header(position, flip):
    """The same where it hurts most: in the header's JSON."""
    test_flipped_bytes.hypothesis.inner_test(position, flip)


def test_pickles_are_not_opened(tmp_path):
    """A torch.save file (a pickle) is refused, and its code is not run."""

    class Trap:
        def __reduce__(self):
            return open, (str(tmp_path / "owned"), "w")

    path = tmp_path / "model.safetensors"
    torch.save(Trap(), path)
    with pytest.raises(CheckpointError):
        checkpoint.load(path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "header",
    [b"{}", b'{"__metadata__":{}}', b'{"__metadata__":null}', b'{"__metadata__":[]}', b'{"__metadata__":{"format":3}}',
    b'{"__metadata__":{"format":"pt"}}', b"[]", b"null",
    b"[" * 5000, b'{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}',
    b'{"a":{"dtype":"F32","shape":[99999999999,99999999999],"data_offsets":[0,4]}}'],
    ids=lambda header: header[:40].decode(),
)  # fmt: skip
def test_odd_headers(header):
    """Headers that are JSON but not ours: empty, null, lists, deep nesting, unknown types, products that overflow."""
    refused(raw_file(header))
    refused(raw_file(header, b"\0"))


def test_somebody_elses_safetensors():
    """A whole safetensors file without our mark says so."""
    for metadata in (None, {}, {"format": "pt"}, {"format": "ddpm-explorer-2"}):
        refused(save_tensors({"weight": torch.zeros(3)}, metadata=metadata))
    assert "DDPM Explorer" in refused(save_tensors({"weight": torch.zeros(3)}, metadata={"format": "pt"}))


BIG = dict(patch=1, widths=[512] * 3, depth=[8] * 3, embedding=1024)


@pytest.mark.parametrize(
    "changes",
    [
        {"network": None}, {"schedule": None}, {"network": "{"}, {"network": "[]"}, {"network": "3"},
        {"network": "null"}, {"network": '{"size": 3}'}, {"network": '{"widths": 3}'}, {"network": '{"widths": "ab"}'},
        {"network": '{"widths": [16, 32], "depth": [1, 1], "embedding": 64}'}, {"network": "[" * 100_000},
        {"network": '{"patch": 1e999}'}, {"network": '{"patch": ' + "9" * 5000 + "}"},
        {"schedule": '{"kind": "linear", "T": 0}'}, {"schedule": '{"kind": "linear", "T": 1e9}'},
        {"schedule": '{"kind": [], "T": 5}'}, {"schedule": '{"T": true}'}, {"schedule": "[1, 2]"},
        {"notes": "{"}, {"notes": "3"}, {"notes": "[1]"}, {"format": None},
    ],
    ids=lambda changes: str(changes)[:60],
)  # fmt: skip
def test_descriptions_that_do_not_fit(changes):
    """A file of ours whose description is missing, broken, absurd, or of another network."""
    refused(file_with(**changes))


def test_a_small_file_cannot_claim_a_large_network():
    """A description within all limits can still mean 200 million weights: a file of 100 kB must be refused before they
    are allocated and initialised.
    """
    began = time.perf_counter()
    data = file_with(network=json.dumps(BIG))
    refused(data)
    assert time.perf_counter() - began < 0.5


def test_tensors_that_do_not_fit():
    """Missing, superfluous and misshapen tensors."""
    header, weights = checkpoint.header_of(WHOLE), tiny_network().state_dict()
    for change in (
        {"last.bias": None},
        {"last.bias": torch.zeros(5)},
        {"last.bias": torch.zeros(())},
        {"more": torch.zeros(1)},
    ):
        refused(
            save_tensors(
                {name: tensor for name, tensor in (weights | change).items() if tensor is not None}, metadata=header
            )
        )


@pytest.mark.parametrize(
    "bad",
    [
        torch.tensor(torch.nan),
        torch.tensor(torch.inf),
        torch.tensor(-torch.inf),
        torch.tensor(1e300, dtype=torch.float64),
    ],
    ids=str,
)
def test_weights_that_are_not_finite(bad):
    """NaN, infinities, and float64 numbers that overflow float32, in a single weight."""
    weights = {name: tensor.to(bad.dtype) for name, tensor in tiny_network().state_dict().items()}
    weights["last.weight"] = weights["last.weight"].clone()
    weights["last.weight"][0, 0, 0, 0] = bad
    assert "finite" in refused(save_tensors(weights, metadata=checkpoint.header_of(WHOLE)))


def test_a_pointer_to_large_file_storage_is_told_as_such():
    assert "git lfs pull" in refused(b"version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 9000000\n")


def test_files_that_are_too_large(tmp_path):
    """Beyond MAX_BYTES nothing is parsed, nor read into memory."""
    refused(bytes(MAX_BYTES + 1))
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: a terabyte that takes no space
    with pytest.raises(CheckpointError):
        checkpoint.load(path)


def test_files_that_cannot_be_read(tmp_path):
    """A missing file, and a folder: the message names the file in one sentence."""
    for path in (tmp_path / "nowhere.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match=path.name) as error:
            checkpoint.load(path)
        assert len(str(error.value).splitlines()) == 1


def test_training_a_loaded_model_is_possible():
    """What was loaded is an ordinary network of the described shape, with gradients."""
    network = from_bytes(WHOLE).network
    assert network.config == UNetConfig(**TINY)
    network(noise(1, 1, 28, 28), torch.tensor([5]), torch.tensor([1])).sum().backward()
    assert network.first.weight.grad is not None


def test_the_schedule_is_read_without_the_weights(tmp_path):
    """From the header alone, so that a file that ends behind it is enough."""
    schedule = NoiseSchedule("cosine", 50)
    checkpoint.save(Model(UNet(UNetConfig(**TINY), schedule), schedule), tmp_path / "model.safetensors")
    data = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "header").write_bytes(data[: 8 + int.from_bytes(data[:8], "little")])
    assert checkpoint.read_schedule(tmp_path / "model.safetensors") == schedule
    assert checkpoint.read_schedule(tmp_path / "header") == schedule


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
