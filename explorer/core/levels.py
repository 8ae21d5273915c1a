"""Weights in a byte each, or less: every number rounded to one of a few levels, and the levels packed.

A weight's rows, one for each of its outputs, have a scale each: a number is a whole number times its row's scale.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import torch
from torch import Tensor

MAX_NUMBERS = 16_000_000  # of a file, before anything is unpacked


def rounded(numbers: Mapping[str, Tensor], levels: int) -> dict[str, Tensor]:
    """The tensors of a file: "numbers", zlib's bytes of int8, and "scales", float32; in the order of the names.

    levels: whole numbers go from -levels to levels. Raises ValueError for levels beyond what a byte holds (1..127).
    """
    if not 1 <= levels <= 127:
        raise ValueError("the levels must lie in 1..127")
    whole, scales = [], []
    for _, tensor in sorted(numbers.items()):
        rows = _rows(tensor.detach().float().cpu())
        scale = (rows.abs().amax(dim=1) / levels).clamp(min=1e-12)
        whole.append((rows / scale[:, None]).round().to(torch.int8).flatten())
        scales.append(scale)
    packed = zlib.compress(torch.cat(whole).numpy().tobytes(), 9)
    return {"numbers": torch.frombuffer(bytearray(packed), dtype=torch.uint8), "scales": torch.cat(scales)}


def restored(tensors: Mapping[str, Tensor], like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The numbers of `rounded`, float32, each to within half a level. like: tensors of their names and shapes.

    Raises KeyError, ValueError, RuntimeError or zlib.error for what `rounded` has not made of such numbers.
    """
    unpacked = zlib.decompressobj().decompress(tensors["numbers"].numpy().tobytes(), MAX_NUMBERS)
    whole = torch.frombuffer(bytearray(unpacked), dtype=torch.int8)
    shapes = {name: _rows(tensor) for name, tensor in sorted(like.items())}
    scales = torch.split(tensors["scales"].float(), [len(rows) for rows in shapes.values()])
    parts = torch.split(whole, [rows.numel() for rows in shapes.values()])
    return {
        name: (part.reshape(rows.shape).float() * scale[:, None]).reshape(like[name].shape)
        for (name, rows), scale, part in zip(shapes.items(), scales, parts)
    }


def _rows(tensor: Tensor) -> Tensor:
    """(rows, the rest): a weight by its outputs; what has no rows as one."""
    return tensor.reshape(len(tensor), -1) if tensor.ndim > 1 else tensor.reshape(1, -1)
