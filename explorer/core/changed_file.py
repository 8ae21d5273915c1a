"""A model that was made from another one, as a file of what has changed: two thirds of a byte a weight, or less.

Whatever is trained on from a shipped model differs from it by little. Each number's change is rounded to one of a few
dozen levels, most of which are near 0, and these are packed (levels.py). The file is of use beside the model that it
begins with, and says which one that is.
"""

from __future__ import annotations

import copy
import json
import zlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from explorer.core.checkpoint import CheckpointError, Model, fingerprint, header_of
from explorer.core.levels import restored, rounded

FORMAT = "ddpm-explorer-changed-1"
LEVELS = 15  # whole numbers from -LEVELS to LEVELS
MAX_HEADER_BYTES = 100_000


def to_bytes(model: Model, start: Model, levels: int = LEVELS) -> bytes:
    """What model.network has that start.network had otherwise. Raises ValueError where their shapes differ, and for
    levels beyond what a byte holds (1..127).
    """
    if (model.network.config, model.schedule) != (start.network.config, start.schedule):
        raise ValueError("only a model of the same shape and schedule can be told as a change")
    before = start.network.state_dict()
    change = {name: tensor.float() - before[name].float() for name, tensor in model.network.state_dict().items()}
    header = {"format": FORMAT, "start": fingerprint(start), "notes": json.dumps(model.notes)}
    return save_tensors(rounded(change, levels), metadata=header)


def from_bytes(data: bytes, start: Model) -> Model:
    """The model of `to_bytes`, to within half a level. start: the model that it was made from, which is not changed.

    Raises CheckpointError for anything that is no such file, or the change of another model.
    """
    try:
        tensors, header = load_tensors(data), header_of(data)
        if header.get("format") != FORMAT:
            raise CheckpointError("this safetensors file tells no change of a model")
        if header["start"] != fingerprint(start):
            raise CheckpointError("this file tells the change of another model than the one that is here")
        network = copy.deepcopy(start.network)
        state = network.state_dict()
        with torch.no_grad():
            for name, change in restored(tensors, state).items():
                state[name] += change
        notes = dict(json.loads(header.get("notes", "{}")))
    except (SafetensorError, zlib.error, KeyError, ValueError, TypeError, RuntimeError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError("this is not a whole file of a model's change") from error
    return Model(network.eval(), start.schedule, notes)


def is_one(path: Path) -> bool:
    """Whether this is the file of a change, by its header alone; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            first = file.read(8)
            return FORMAT.encode() in file.read(min(int.from_bytes(first, "little"), MAX_HEADER_BYTES))
    except OSError:
        return False


def load(path: Path, start: Model) -> Model:
    """`from_bytes` of a file. Raises CheckpointError also where it cannot be read."""
    try:
        return from_bytes(path.read_bytes(), start)
    except OSError as error:
        raise CheckpointError(f"cannot read the weights file {path.name}: {error.strerror}") from error
