"""What a network becomes on its way to the device: two programs, and the memory that they work on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.device.operations import Buffer, Program, Value, dense


class UnknownOperation(ValueError):
    """The device cannot compute this network; the message names the operation."""


Result = Value | tuple["Result", ...] | None
"""What an operation gives."""
Argument = Result | int | float | bool | str | torch.dtype | torch.memory_format | list["Argument"]
"""What it is called with."""


@dataclass
class Lowered:
    """A network as the device runs it.

    setup: what is done once, when the constants are in memory. program: what is done for each guess. constants: by
    name, with their buffers; the numbers that setup makes have a buffer in `kept`. inputs, output: as in the graph.
    """

    setup: Program = field(default_factory=Program)
    program: Program = field(default_factory=Program)
    constants: dict[str, Buffer] = field(default_factory=dict)
    numbers: dict[str, Tensor] = field(default_factory=dict)
    kept: list[Buffer] = field(default_factory=list)
    inputs: dict[str, Buffer] = field(default_factory=dict)
    output: Buffer = field(default_factory=lambda: Buffer(0, "eps_hat"))

    def new(self, shape: tuple[int, ...], like: Tensor | None = None) -> Value:
        """Memory for a result that is needed for a while."""
        like = dense(shape) if like is None else like
        return Value(Buffer(math.prod(shape)), like)

    def scalar(self, number: float) -> Value:
        """A number that stands in the code."""
        name = repr(float(number))
        if name not in self.constants:
            self.constants[name] = Buffer(1, name)
            self.numbers[name] = torch.tensor([float(number)])
        return Value(self.constants[name], torch.empty((), device="meta"))

    def tensor(self, argument: Argument) -> Value:
        """An operand that may be a plain number."""
        if isinstance(argument, Value):
            return argument
        if isinstance(argument, int | float):
            return self.scalar(argument)
        raise UnknownOperation(f"the device cannot compute with {argument!r}")

    def lying(self, value: Value, like: Tensor) -> Value:
        """The same numbers, lying so: copied, unless they do already."""
        wanted = [s for s, n in zip(like.stride(), like.shape) if n > 1]
        if [s for s, n in zip(value.strides, value.shape) if n > 1] == wanted:
            return value
        copied = Value(Buffer(math.prod(value.shape)), like)
        self.program.copy(copied, value)
        return copied

    def by_rows(self, value: Value) -> Value:
        """The same numbers in the order of their indices."""
        return self.lying(value, dense(value.shape, channels_last=False))

    def by_channels(self, value: Value) -> Value:
        """The same pictures, their channels innermost."""
        return self.lying(value, dense(value.shape))
