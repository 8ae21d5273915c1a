"""Where everything lies in the device's memory, decided once, at the export."""

from __future__ import annotations

from explorer.device.lowering import Lowered
from explorer.device.operations import ALIGNED, Buffer, Call


def plan(lowered: Lowered) -> int:
    """Give every buffer its place; returns how many floats of memory that takes.

    Inputs, outputs and constants, in their order, have their own; what is only needed from one operation to another
    shares, the largest first. Nothing may be read or written beyond a buffer by more than a vector.
    """
    end = 0
    own = (*lowered.inputs.values(), *lowered.outputs.values(), *lowered.constants.values(), *lowered.kept)
    for buffer in dict.fromkeys(own):
        buffer.place = end
        end += _aligned(buffer.floats)
    lives = _lives(lowered.program.calls)
    placed: list[tuple[Buffer, int, int]] = []
    top = end
    for buffer in sorted(lives, key=lambda each: -each.floats):
        first, last = lives[buffer]
        others = [other for other, begins, ends in placed if begins <= last and first <= ends]
        buffer.place = _gap(sorted(others, key=lambda each: each.place), end, buffer.floats)
        placed.append((buffer, first, last))
        top = max(top, buffer.place + _aligned(buffer.floats))
    return top + ALIGNED


def _gap(others: list[Buffer], start: int, floats: int) -> int:
    """The lowest place from `start` on where a buffer of this size meets none of the others."""
    for other in others:
        if start + floats <= other.place:
            break
        start = max(start, other.place + _aligned(other.floats))
    return start


def _lives(calls: list[Call]) -> dict[Buffer, tuple[int, int]]:
    """From which operation to which each buffer without a place is in use."""
    lives: dict[Buffer, tuple[int, int]] = {}
    for number, call in enumerate(calls):
        for buffer in call.buffers():
            if buffer.place < 0:
                lives[buffer] = (lives.get(buffer, (number, 0))[0], number)
    return lives


def _aligned(floats: int) -> int:
    return -(-floats // ALIGNED) * ALIGNED
