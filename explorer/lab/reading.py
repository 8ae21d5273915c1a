"""What a training draws, read by a network that has learnt from real digits alone: weights/digit-reader.safetensors.

python -m explorer reader --data DIR --out weights/digit-reader.safetensors
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes

from explorer.core.reader import Reader
from explorer.data.arrived import NotArrived, check_arrived
from explorer.data.pixels import to_images

FILE = Path(__file__).parents[2] / "weights" / "digit-reader.safetensors"


@cache
def shipped() -> Reader:
    """The reader that travels with the app. Raises NotArrived."""
    check_arrived(FILE)
    reader = Reader()
    try:
        reader.load_state_dict(load_file(str(FILE)))
    except (SafetensorError, RuntimeError) as error:
        raise NotArrived(f"{FILE} holds no reader of digits: copy it here again") from error
    return reader.eval()


def save(reader: Reader, path: Path) -> None:
    """Write its weights. Raises OSError where that cannot be done."""
    path.write_bytes(to_bytes({name: tensor.contiguous() for name, tensor in reader.state_dict().items()}))


def digits_read(pixels: np.ndarray) -> tuple[int, ...]:
    """The digit that each of these pictures, (N, 28, 28) uint8, looks most like to the reader."""
    return tuple(shipped().read(to_images(pixels)).tolist())
