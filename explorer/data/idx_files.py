"""Whether the files of a data set in MNIST's format are what they are named; torchvision reads them without asking.

The format is that of LeCun's page on MNIST: two zero bytes, the type of the numbers (8: uint8), the number of
dimensions, each dimension as a big-endian int32, and then the numbers.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from explorer.data.arrived import NotArrived, check_arrived

UINT8 = 8
SIDE = 28  # pixels
CLASSES = 10


def names(*, train: bool) -> tuple[str, str]:
    """The file of the pictures, and that of their labels."""
    part = "train" if train else "t10k"
    return f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"


def check_data_set(folder: Path, *, train: bool) -> None:
    """Raises FileNotFoundError where the pictures or the labels of this part are not in `folder`, and NotArrived where
    they are empty, cut, not of 28x28 pixels, not labelled 0 to 9, or not as many as each other.
    """
    pictures, labels = (_there(folder, name) for name in names(train=train))
    shape = _shape(pictures, dimensions=3)
    if shape[1:] != (SIDE, SIDE):
        raise NotArrived(f"{pictures} holds pictures of {shape[1]}x{shape[2]} pixels: MNIST's have {SIDE}x{SIDE}")
    (count,) = _shape(labels, dimensions=1)
    if shape[0] != count:
        raise NotArrived(f"{pictures} holds {shape[0]:,} pictures and {labels.name} {count:,} labels: not one data set")
    highest = int(np.fromfile(labels, np.uint8, offset=8).max())
    if highest >= CLASSES:
        raise NotArrived(f"{labels} holds the label {highest}: a digit's is 0 to {CLASSES - 1}")


def _there(folder: Path, name: str) -> Path:
    file = folder / name
    if file.is_file():
        check_arrived(file)
        return file
    if (packed := folder / f"{name}.gz").is_file():
        raise FileNotFoundError(f"{packed} is packed: unpack it (gunzip), and keep the name {name}")
    raise FileNotFoundError(f"{file} is missing")


def _shape(file: Path, dimensions: int) -> tuple[int, ...]:
    """What the file's head says, which fits its length."""
    head_bytes = 4 + 4 * dimensions
    with file.open("rb") as opened:
        head = opened.read(head_bytes)
    size = file.stat().st_size
    if len(head) < head_bytes or head[:4] != bytes([0, 0, UINT8, dimensions]):
        raise NotArrived(
            f"{file} ({size:,} bytes) is no idx file of {dimensions}-dimensional bytes: copy it here again"
        )
    shape = tuple(map(int, np.frombuffer(head, ">i4", offset=4)))
    if min(shape) < 1:
        raise NotArrived(f"{file} is empty: it says that it holds {' x '.join(map(str, shape))} bytes")
    if size != head_bytes + math.prod(shape):
        raise NotArrived(
            f"{file} has {size:,} bytes and not the {head_bytes + math.prod(shape):,} that it speaks of: it is cut, or "
            "another file: copy it here again"
        )
    return shape
