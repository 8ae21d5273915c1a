"""What the device can compute: the operations of the kernels (explorer/device/kernels), and how a program says them.

A program is a list of 32-bit numbers: for each operation its number, how many words follow, and these words, as the
comment over its C function describes them. A place in memory is a number of floats from the memory's beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import torch
from torch import Tensor

FOURS = 4  # a vector's floats
SHORT_LINE = 16  # numbers
ALIGNED = 16  # floats: buffers begin at multiples


class Operation(IntEnum):
    """The number of each operation in kernels/run.c."""

    ELEMENTWISE = 1
    CONVOLUTION = 2
    GROUP_NORM = 3
    MATRIX_PRODUCT = 4
    SOFTMAX = 5
    GATHER = 6
    ZERO = 7
    WINOGRAD = 8
    WINOGRAD_WEIGHTS = 9
    REDUCE = 10
    GROUP_NORM_BACKWARD = 11
    SCATTER = 12
    WINOGRAD_TILES = 13
    WINOGRAD_GRADIENT_TILES = 14
    WINOGRAD_GRADIENT = 15
    CONVOLUTION_WEIGHTS = 16
    EXPECTED_INK = 17
    GRID_SAMPLE = 18
    EIGEN = 19


class Kind(IntEnum):
    """The kinds of ELEMENTWISE, by their order in kernels/elementwise.c."""

    COPY = 0
    ADD = 1
    SUBTRACT = 2
    MULTIPLY = 3
    DIVIDE = 4
    ADD_PRODUCT = 5  # a + b * c
    SILU = 6
    LOGISTIC = 7
    SINE = 8
    COSINE = 9
    SILU_BACKWARD = 10  # a, the gradient, times the slope of silu at b
    SQUARE_ROOT = 11
    EXPONENTIAL = 12
    LESS = 13  # 1 where a < b, else 0
    CHOOSE = 14  # b where a is not 0, else c
    MAXIMUM = 15
    MINIMUM = 16
    BETWEEN = 17  # a + c * (b - a)
    LOGARITHM = 18


@dataclass(eq=False)
class Buffer:
    """A stretch of memory. name: of an input, a constant, or the output; "" for what is only needed for a while."""

    floats: int
    name: str = ""
    place: int = -1  # set by the memory's plan


@dataclass(frozen=True)
class Value:
    """A tensor in a buffer. like: a tensor without memory whose shape, strides and offset say how it lies there."""

    buffer: Buffer
    like: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """As torch has it: (N, C, H, W) for pictures, also where the channels lie innermost."""
        return tuple(self.like.shape)

    @property
    def strides(self) -> tuple[int, ...]:
        """Floats from one index to the next, for each dimension."""
        return tuple(self.like.stride())

    @property
    def place(self) -> Place:
        """Where its first number is."""
        return Place(self.buffer, int(self.like.storage_offset()))


@dataclass(frozen=True)
class Place:
    """A word that is known when the memory is planned: where a number lies."""

    buffer: Buffer
    offset: int = 0


@dataclass
class Call:
    """One operation of a program; its result lies in `writes`."""

    operation: Operation
    words: list[int | Place]
    writes: Buffer

    def buffers(self) -> set[Buffer]:
        """All that it reads or writes."""
        return {self.writes} | {word.buffer for word in self.words if isinstance(word, Place)}

    def numbers(self) -> list[int]:
        """Its words in the program; the memory has been planned."""
        words = [word.buffer.place + word.offset if isinstance(word, Place) else word for word in self.words]
        return [int(self.operation), len(words), *words]


def dense(shape: tuple[int, ...], *, channels_last: bool = True) -> Tensor:
    """How a new tensor lies: without gaps, the channels of pictures (N, C, H, W) innermost."""
    like = torch.empty(shape, device="meta")
    return like.contiguous(memory_format=torch.channels_last) if channels_last and len(shape) == 4 else like


@dataclass
class Program:
    """Operations in their order."""

    calls: list[Call] = field(default_factory=list)

    def add(self, operation: Operation, words: list[int | Place], writes: Buffer) -> None:
        """Append one."""
        self.calls.append(Call(operation, words, writes))

    def elementwise(self, kind: Kind, to: Value, *operands: Value) -> None:
        """Compute `to` from operands that are broadcast to its shape."""
        spread = [to.like, *(operand.like.expand(to.shape) for operand in operands)]
        sizes, strides = merged([int(n) for n in to.shape], [list(like.stride()) for like in spread])
        words: list[int | Place] = [int(kind), len(spread), len(sizes), *sizes]
        for value, own in zip((to, *operands), strides):
            words += [value.place, *own]
        self.add(Operation.ELEMENTWISE, words, to.buffer)

    def copy(self, to: Value, source: Value) -> None:
        """Copy numbers from one lie to another."""
        self.elementwise(Kind.COPY, to, source)


def merged(sizes: list[int], strides: list[list[int]]) -> tuple[list[int], list[list[int]]]:
    """The same walk over memory with fewer dimensions: in the order in which the result (strides[0]) lies, neighbours
    that every operand walks through without a jump taken as one. At least one dimension is left. A short line is no
    good as the innermost: each costs a start of its own; the longest comes there in its place.
    """
    order = sorted((d for d, n in enumerate(sizes) if n > 1), key=lambda d: -strides[0][d])
    kept: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    for d in order:
        if kept and all(own[-1] == lie[d] * sizes[d] for own, lie in zip(steps, strides)):
            kept[-1] *= sizes[d]
            for own, lie in zip(steps, strides):
                own[-1] = lie[d]
        else:
            kept.append(sizes[d])
            for own, lie in zip(steps, strides):
                own.append(lie[d])
    if kept and kept[-1] < SHORT_LINE <= max(kept):
        longest = kept.index(max(kept))
        for each in (kept, *steps):
            each.append(each.pop(longest))
    return (kept, steps) if kept else ([1], [[1] for _ in strides])
