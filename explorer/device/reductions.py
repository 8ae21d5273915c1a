"""Sums over dimensions, and what is made of them."""

from __future__ import annotations

import math

from explorer.device.lowering import Lowered
from explorer.device.operations import Operation, Place, Value, dense, merged


def summed(done: Lowered, x: Value, dims: list[int], *, keep: bool) -> Value:
    """The sums of x over these dimensions, which are kept with one index, or are gone."""
    gone = sorted(d % len(x.shape) for d in dims)
    shape = tuple(1 if d in gone else n for d, n in enumerate(x.shape))
    result = done.new(shape, dense(shape, channels_last=keep))
    rest = [d for d in range(len(x.shape)) if d not in gone]
    sizes, (y_steps, x_steps) = merged(
        [x.shape[d] for d in rest], [[result.strides[d] for d in rest], [x.strides[d] for d in rest]]
    )
    lost, (x_lost,) = merged([x.shape[d] for d in gone], [[x.strides[d] for d in gone]])
    words: list[int | Place] = [x.place, result.place, len(sizes), len(lost)]
    done.program.add(Operation.REDUCE, [*words, *sizes, *lost, *x_steps, *x_lost, *y_steps], result.buffer)
    if keep:
        return result
    return Value(result.buffer, dense(tuple(n for d, n in enumerate(x.shape) if d not in gone), channels_last=False))


def count_of(x: Value, dims: list[int]) -> int:
    """How many numbers each sum is of."""
    return math.prod(x.shape[d] for d in dims)
