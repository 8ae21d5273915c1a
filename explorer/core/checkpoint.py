"""A trained model as one safetensors file: the weights, and in its metadata everything needed to rebuild it.

safetensors holds numbers and text only, so opening a stranger's file cannot run a stranger's code.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from explorer.core.levels import restored, rounded
from explorer.core.schedule import NoiseSchedule
from explorer.core.sentences import Sentence
from explorer.core.unet import UNet, UNetConfig

FORMAT = "ddpm-explorer-1"
SMALL = "ddpm-explorer-small-1"  # its numbers rounded to LEVELS below and above 0, see levels.py
LEVELS = 127
MAX_BYTES = 64 * 2**20
LFS_POINTER = b"version https://git-lfs"  # how the little file begins that Git keeps in place of a large one


class CheckpointError(ValueError):
    """The file cannot be used; the message says why in one sentence."""


@dataclasses.dataclass(frozen=True)
class Model:
    """A network with the schedule it was trained on, and notes about its training (plain JSON values)."""

    network: UNet
    schedule: NoiseSchedule
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)


def to_bytes(model: Model, *, small: bool = False) -> bytes:
    """The whole model as the bytes of a safetensors file, float32. small: in less than a third of the bytes, each
    number to half a level.
    """
    header = {
        "format": SMALL if small else FORMAT,
        "network": json.dumps(dataclasses.asdict(model.network.config)),
        "schedule": json.dumps({"kind": model.schedule.kind, "T": model.schedule.T}),
        "notes": json.dumps(model.notes),
    }
    state = model.network.state_dict()
    if small:
        return save_tensors(rounded(state, LEVELS), metadata=header)
    tensors = {name: tensor.detach().float().cpu().contiguous() for name, tensor in state.items()}
    return save_tensors(tensors, metadata=header)


def from_bytes(data: bytes) -> Model:
    """Rebuild a model from `to_bytes`. Raises CheckpointError for anything that is not such a file, whole
    and finite.
    """
    if len(data) > MAX_BYTES:
        raise CheckpointError(
            Sentence("this file is larger than {0} MB, which no model of ours is", MAX_BYTES // 2**20)
        )
    if data.startswith(LFS_POINTER):
        raise CheckpointError(
            "this file is a pointer to Git's large file storage and not the file itself: run git lfs pull, or download "
            "the file"
        )
    try:
        tensors = load_tensors(data)
        header = header_of(data)
    except (SafetensorError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise CheckpointError("this is not a whole safetensors file") from error
    if header.get("format") not in (FORMAT, SMALL):
        raise CheckpointError("this safetensors file was not written by DDPM Explorer")
    try:
        schedule = NoiseSchedule(**json.loads(header["schedule"]))
        config = UNetConfig(**json.loads(header["network"]))
        notes = dict(json.loads(header.get("notes", "{}")))
        with torch.random.fork_rng(devices=[]):  # building draws random weights, which are then replaced
            network = UNet(config, schedule)
        if header["format"] == SMALL:
            tensors = restored(tensors, network.state_dict())
        network.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, RuntimeError, zlib.error) as error:  # RecursionError is a RuntimeError
        raise CheckpointError("this file's weights do not fit the network that it describes") from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in network.state_dict().values()):
        raise CheckpointError("this file's weights are not all finite numbers")
    return Model(network.eval(), schedule, notes)


def save(model: Model, path: str | Path, *, small: bool = False) -> None:
    """Write the model to `path`, replacing it only when the new file is whole. small: as in `to_bytes`. Raises
    OSError where that cannot be done; `path` is then as it was, and no part of the new file is left.
    """
    path, data = Path(path), to_bytes(model, small=small)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".part")
    try:
        scratch.write_bytes(data)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def load(path: str | Path) -> Model:
    """Read a model. Raises CheckpointError if there is no such file or it is not one of ours."""
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CheckpointError(
                Sentence("this file is larger than {0} MB, which no model of ours is", MAX_BYTES // 2**20)
            )
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"cannot read the weights file {path.name}: {error.strerror}") from error
    return from_bytes(data)


def read_schedule(path: str | Path) -> NoiseSchedule:
    """The schedule that a saved model was trained on, from its file's header alone: no weight is read.

    Raises CheckpointError if there is no such file or it is not one of ours.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little")
            header = header_of(start + file.read(min(length, MAX_BYTES)))
    except OSError as error:
        raise CheckpointError(f"cannot read the weights file {path.name}: {error.strerror}") from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"the weights file {path.name} is not a whole safetensors file") from error
    try:
        return NoiseSchedule(**json.loads(header["schedule"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"the weights file {path.name} was not written by DDPM Explorer") from error


def fingerprint(model: Model) -> str:
    """A name made from the weights, their shapes and the schedule: the same for the same model, wherever it is
    computed.
    """
    digest = hashlib.sha256(repr((model.network.config, model.schedule)).encode())
    for name, tensor in sorted(model.network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def header_of(data: bytes) -> dict[str, str]:
    """The text part of a safetensors header: 8 bytes of little-endian length, then JSON."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]).get("__metadata__") or {}
