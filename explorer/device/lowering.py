"""What a network becomes on its way to the device: two programs, and the memory that they work on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.device.operations import Buffer, Program, Value, dense


class UnknownOperation(ValueError):
    """The device cannot compute this network; the message names the operation."""


Result = Value | tuple["Result", ...] | None
"""What an operation gives."""
Argument = Result | int | float | bool | str | torch.dtype | torch.memory_format | torch.device | list["Argument"]
"""What it is called with."""


@dataclass
class Lowered:
    """A graph as the device runs it.

    setup: what is done once, when the constants (and those inputs that setup reads) are in memory. program: what is
    done each time. constants: by name, with their buffers and numbers; the numbers that setup makes have a buffer in
    `kept`. inputs, outputs: by name, as in the graph; an output may lie where an input does.
    """

    setup: Program = field(default_factory=Program)
    program: Program = field(default_factory=Program)
    constants: dict[str, Buffer] = field(default_factory=dict)
    numbers: dict[str, Tensor] = field(default_factory=dict)
    kept: list[Buffer] = field(default_factory=list)
    inputs: dict[str, Buffer] = field(default_factory=dict)
    outputs: dict[str, Buffer] = field(default_factory=dict)
    made: dict[tuple[Buffer, str], Value] = field(default_factory=dict)

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

    def kept_zeros(self, floats: int) -> Buffer:
        """Memory that setup may fill, and that stays; it is zero before."""
        buffer = Buffer(floats)
        self.kept.append(buffer)
        return buffer

    def once(self, value: Value, what: str, make: Callable[[], Value]) -> Value:
        """What `make` makes of this value; where it has been made before, that."""
        key = (value.buffer, f"{what} {value.like.storage_offset()} {value.shape} {value.strides}")
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]
