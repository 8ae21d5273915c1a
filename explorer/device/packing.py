"""A network for the device as one file: what it says of itself as JSON, two programs, and the numbers.

    8 bytes   FORMAT
    4 bytes   length of the whole file
    4 bytes   CRC-32 of all that follows
    4 bytes   length of the JSON, which is filled up with blanks to a multiple of 4
    JSON      what `Head` says
    words     int32: setup, then program
    numbers   of the constants, one after another, each from a multiple of 4 bytes on

All little-endian. A weight of two or more dimensions is whole numbers: for each row (its first dimension) a float32
scale, then the numbers, of 16 bits each, which are a whole scale apart. Such numbers take the place of float16 and are
four to nine times as exact. Where errors are magnified most they have 24 bits. All else is float32.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping
from typing import TypedDict

import torch
from torch import Tensor

from explorer.device.lowering import Lowered
from explorer.device.operations import Program

FORMAT = b"ddpm-dv2"
BYTES = {"i16": 2, "i24": 3}
# Near t = 0 parts of the picture are almost flat, and the first normalisation magnifies what is wrong there.
FINE = ("first.weight", "down.0.0.conv_1.weight")


class Constant(TypedDict):
    """name: the network's own. dtype: "i16", "i24" or "f32". rows: its first dimension, where each row has a scale. at:
    its first byte among the numbers. place: in memory, in floats.
    """

    name: str
    dtype: str
    rows: int
    count: int
    at: int
    place: int


class Head(TypedDict):
    """floats: of memory in all. rows: pictures of one guess. T: of the schedule. places: of inputs and outputs in
    memory. setup, program: how many words each has.
    """

    floats: int
    rows: int
    T: int
    places: dict[str, int]
    setup: int
    program: int
    constants: list[Constant]


def packed(lowered: Lowered, learnt: frozenset[str], floats: int, *, rows: int, T: int, dtype: str = "i16") -> bytes:
    """The file. learnt: the constants that are stored as `dtype`. floats: what `plan` returned."""
    constants: list[Constant] = []
    numbers = b""
    for name, buffer in lowered.constants.items():
        tensor = lowered.numbers[name].detach()
        own = "f32"
        if dtype == "i16" and name in learnt and tensor.ndim > 1:
            own = "i24" if name in FINE else "i16"
        rows_of_it, count = len(tensor) if tensor.ndim else 1, tensor.numel()
        at, place = len(numbers), buffer.place
        constants.append({"name": name, "dtype": own, "rows": rows_of_it, "count": count, "at": at, "place": place})
        numbers += _bytes(tensor.float()) if own == "f32" else scaled(tensor, BYTES[own])
    setup, program = _words(lowered.setup), _words(lowered.program)
    places = {name: buffer.place for name, buffer in (*lowered.inputs.items(), *lowered.outputs.items())}
    head: Head = {
        "floats": floats,
        "rows": rows,
        "T": T,
        "places": places,
        "setup": len(setup) // 4,
        "program": len(program) // 4,
        "constants": constants,
    }
    text = head_text(head)
    body = struct.pack("<I", len(text)) + text + setup + program + numbers
    return FORMAT + struct.pack("<II", 16 + len(body), zlib.crc32(body)) + body


def head_text(head: Mapping[str, object]) -> bytes:
    """A file's head as JSON, filled up with blanks so that what follows it lies at a multiple of 4."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % 4)


def name_of(file: bytes) -> str:
    """A name made from the content, under which a browser may keep the file for good."""
    return hashlib.sha256(file).hexdigest()[:16]


def _words(program: Program) -> bytes:
    words = [number for call in program.calls for number in call.numbers()]
    return struct.pack(f"<{len(words)}i", *words)


def scaled(tensor: Tensor, size: int) -> bytes:
    """The scales of its rows, and its numbers in these, `size` bytes each."""
    rows, largest = tensor.float().flatten(1), 2 ** (8 * size - 1) - 1
    scales = rows.abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny * largest) / largest
    whole = (rows / scales).round().clamp(-largest, largest).to(torch.int32)
    return _bytes(scales) + _bytes(whole[..., None].contiguous().view(torch.uint8)[..., :size])


def _bytes(tensor: Tensor) -> bytes:
    data = tensor.contiguous().numpy().tobytes()
    return data + b"\0" * (-len(data) % 4)
