"""How each of torch's operations is computed on the device, by its ATen name."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeVar

import torch

from explorer.device.lowering import Argument, Lowered, Result, UnknownOperation
from explorer.device.operations import Buffer, Kind, Operation, Place, Value, dense

CHANNELS = 8  # of the convolution's blocks, see kernels/convolution.c
FOURS = 4  # a vector's floats
POSITIONS = 16  # of a tile, see kernels/winograd.c
SMALLEST_WINOGRAD = 16  # channels: with fewer, the tiles cost more than they save

Rule = Callable[..., Result]
RULES: dict[str, Rule] = {}


Registered = TypeVar("Registered", bound=Rule)


def rule(name: str) -> Callable[[Registered], Registered]:
    """Register a rule for this ATen name."""

    def register(function: Registered) -> Registered:
        RULES[name] = function
        return function

    return register


def _elementwise(kind: Kind) -> Rule:
    def compute(done: Lowered, *operands: Argument, **options: Argument) -> Value:
        if any(value != 1 for value in options.values()):  # alpha, value
            raise UnknownOperation(f"the device cannot compute {kind.name} with {options}")
        values = [done.tensor(operand) for operand in operands]
        shape = tuple(torch.broadcast_shapes(*(value.shape for value in values)))
        result = done.new(shape)
        done.program.elementwise(kind, result, *values)
        return result

    return compute


RULES |= {
    "aten.add.Tensor": _elementwise(Kind.ADD),
    "aten.sub.Tensor": _elementwise(Kind.SUBTRACT),
    "aten.mul.Tensor": _elementwise(Kind.MULTIPLY),
    "aten.div.Tensor": _elementwise(Kind.DIVIDE),
    "aten.addcmul.default": _elementwise(Kind.ADD_PRODUCT),
    "aten.silu.default": _elementwise(Kind.SILU),
    "aten.sigmoid.default": _elementwise(Kind.LOGISTIC),
    "aten.sin.default": _elementwise(Kind.SINE),
    "aten.cos.default": _elementwise(Kind.COSINE),
}


@rule("aten.index.Tensor")
def _index(done: Lowered, table: Value, which: list[Value | None]) -> Value:
    if len(which) != 1 or which[0] is None or len(which[0].shape) != 1:
        raise UnknownOperation("the device cannot compute aten.index.Tensor but of rows")
    return _rows(done, table, which[0])


@rule("aten.embedding.default")
def _rows(done: Lowered, table: Value, rows: Value) -> Value:
    """Rows of a table, by their numbers."""
    table = done.by_rows(table)
    shape = (rows.shape[0], *table.shape[1:])
    result = done.new(shape, dense(shape, channels_last=False))
    columns = table.like.numel() // table.shape[0]
    words: list[int | Place] = [table.place, table.shape[0], rows.place, result.place, rows.shape[0], columns]
    done.program.add(Operation.GATHER, words, result.buffer)
    return result


@rule("aten.convolution.default")
def _convolution(
    done: Lowered,
    x: Value,
    weight: Value,
    bias: Value | None,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    *further: Argument,  # transposed, output_padding, groups
) -> Value:
    out, into, side, other = weight.shape
    N, _, height, width = x.shape
    plain = (
        side == other
        and len({*stride}) == len({*padding}) == 1
        and {*dilation} == {1}
        and further == (False, [0, 0], 1)
    )
    if not plain or bias is None:
        raise UnknownOperation("the device cannot compute aten.convolution.default of this geometry")
    around, step = padding[0], stride[0]
    if (
        (side, around, step) == (3, 1, 1)
        and into % FOURS == out % CHANNELS == 0
        and min(into, out) >= SMALLEST_WINOGRAD
    ):
        return _winograd(done, x, weight, bias)
    wide = -(-into // FOURS) * FOURS
    room = _with_border(done, x, wide, (around,) * 4)
    blocks = _in_blocks(done, weight, wide)
    edge = _kept(done, -(-out // CHANNELS) * CHANNELS)
    done.setup.copy(Value(edge, torch.empty(out, device="meta")), bias)
    result = done.new((N, out, (height + 2 * around - side) // step + 1, (width + 2 * around - side) // step + 1))
    lies = [value.strides[d] for value in (room, result) for d in (0, 2, 3)]
    places: list[int | Place] = [room.place, Place(blocks), Place(edge), result.place]
    words = [*places, N, *result.shape[2:], out, wide, side, step, *lies]
    done.program.add(Operation.CONVOLUTION, words, result.buffer)
    return result


def _winograd(done: Lowered, x: Value, weight: Value, bias: Value) -> Value:
    """3x3 with a border of one place, in tiles of 2x2."""
    out, into, _, _ = weight.shape
    N, _, height, width = x.shape
    down, across = (height + 1) // 2, (width + 1) // 2
    blocks = _kept(done, POSITIONS * out * into)
    words: list[int | Place] = [done.by_rows(weight).place, Place(blocks), out, into]
    done.setup.add(Operation.WINOGRAD_WEIGHTS, words, blocks)
    room = _with_border(done, x, into, (1, 2 * down + 1 - height, 1, 2 * across + 1 - width))
    result = done.new((N, out, height, width))
    tiles = [Buffer(POSITIONS * N * down * across * channels) for channels in (into, out)]
    lies = [value.strides[d] for value in (room, result) for d in (0, 2, 3)]
    places = [room.place, Place(blocks), bias.place, result.place, Place(tiles[0]), Place(tiles[1])]
    done.program.add(Operation.WINOGRAD, [*places, N, height, width, out, into, *lies], result.buffer)
    return result


def _kept(done: Lowered, floats: int) -> Buffer:
    """Memory that setup fills, and that stays; it is zero before."""
    buffer = Buffer(floats)
    done.kept.append(buffer)
    return buffer


def _with_border(done: Lowered, x: Value, wide: int, around: tuple[int, int, int, int]) -> Value:
    """x with its channels innermost, zeros for channels up to `wide`, and places of zeros about it: so many above,
    below, left and right of it.
    """
    N, channels, height, width = x.shape
    if around == (0, 0, 0, 0) and wide == channels:
        return done.by_channels(x)
    above, below, left, right = around
    lie = dense((N, wide, above + height + below, left + width + right))
    room = done.new(tuple(lie.shape), lie)
    done.program.add(Operation.ZERO, [room.place, room.buffer.floats], room.buffer)
    inner = room.like[:, :channels, above : above + height, left : left + width]
    done.program.copy(Value(room.buffer, inner), x)
    return Value(room.buffer, lie)


def _in_blocks(done: Lowered, weight: Value, wide: int) -> Buffer:
    """The weights (out, in, side, side) as the kernel reads them: (out / 8, side, side, in, 8)."""
    out, into, side, _ = weight.shape
    packed = _kept(done, -(-out // CHANNELS) * CHANNELS * side * side * wide)
    lie = torch.empty(-(-out // CHANNELS), side, side, wide, CHANNELS, device="meta")
    lie = lie.permute(0, 4, 3, 1, 2)  # (out / 8, 8, in, side, side)
    whole = out // CHANNELS * CHANNELS
    for first, count in ((0, whole), (whole, out - whole)):
        if count:
            taken = weight.like[first : first + count].unflatten(0, (-1, min(count, CHANNELS)))
            given = lie[first // CHANNELS : first // CHANNELS + taken.shape[0], : taken.shape[1], :into]
            done.setup.copy(Value(packed, given), Value(weight.buffer, taken))
    return packed


@rule("aten.native_group_norm.default")
def _group_norm(
    done: Lowered, x: Value, weight: Value, bias: Value, N: int, channels: int, places: int, groups: int, eps: float
) -> tuple[Result, ...]:
    if channels // groups % FOURS:
        raise UnknownOperation("the device cannot compute aten.native_group_norm.default of such groups")
    x = done.by_channels(x)
    result = done.new(x.shape)
    (bits,) = struct.unpack("<i", struct.pack("<f", eps))
    words = [x.place, result.place, weight.place, bias.place, N, places, channels, groups, bits]
    done.program.add(Operation.GROUP_NORM, words, result.buffer)
    return (result, None, None)


@rule("aten._softmax.default")
def _softmax(done: Lowered, x: Value, dim: int, *further: Argument) -> Value:
    if dim not in (-1, len(x.shape) - 1) or any(further):
        raise UnknownOperation("the device cannot compute aten._softmax.default but of rows")
    x = done.by_rows(x)
    result = Value(Buffer(x.buffer.floats), dense(x.shape, channels_last=False))
    rows = x.like.numel() // x.shape[-1]
    done.program.add(Operation.SOFTMAX, [x.place, result.place, rows, x.shape[-1]], result.buffer)
    return result


@rule("aten.bmm.default")
def _bmm(done: Lowered, a: Value, b: Value) -> Value:
    return _product(done, a, b, None)


@rule("aten.mm.default")
def _mm(done: Lowered, a: Value, b: Value) -> Value:
    return _matrix(_product(done, _one(a), _one(b), None))


@rule("aten.addmm.default")
def _addmm(done: Lowered, c: Value, a: Value, b: Value) -> Value:
    plus = Value(c.buffer, c.like.expand(a.shape[0], b.shape[1])[None])
    return _matrix(_product(done, _one(a), _one(b), plus))


def _one(value: Value) -> Value:
    """A matrix as a batch of one."""
    return Value(value.buffer, value.like[None])


def _matrix(value: Value) -> Value:
    """A batch of one as its matrix."""
    return Value(value.buffer, value.like[0])


def _product(done: Lowered, a: Value, b: Value, c: Value | None) -> Value:
    """(batch, rows, inner) times (batch, inner, columns), plus c; of matrices where the batch is 1 and c or none."""
    batch, rows, inner = a.shape
    columns = b.shape[2]
    lie = torch.empty(batch, rows, columns, device="meta")
    result = done.new(tuple(lie.shape), lie)
    plus = [0, 0, 0] if c is None else c.strides
    places = [a.place, b.place, result.place if c is None else c.place, result.place]
    words = [*places, batch, rows, columns, inner, *a.strides, *b.strides, *plus, *result.strides]
    done.program.add(Operation.MATRIX_PRODUCT, words, result.buffer)
    return result


@rule("aten.cat.default")
def _cat(done: Lowered, parts: list[Value], dim: int = 0) -> Value:
    shape = list(parts[0].shape)
    shape[dim] = sum(part.shape[dim] for part in parts)
    result = done.new(tuple(shape))
    first = 0
    for part in parts:
        done.program.copy(Value(result.buffer, result.like.narrow(dim, first, part.shape[dim])), part)
        first += part.shape[dim]
    return result


@rule("aten.pixel_unshuffle.default")
def _pixel_unshuffle(done: Lowered, x: Value, r: int) -> Value:
    """Each r x r patch becomes r^2 channels."""
    N, C, H, W = x.shape
    patches = x.like.unflatten(3, (W // r, r)).unflatten(2, (H // r, r)).permute(0, 1, 3, 5, 2, 4)
    result = done.new((N, C * r * r, H // r, W // r))
    done.program.copy(Value(result.buffer, result.like.unflatten(1, (C, r, r))), Value(x.buffer, patches))
    return result


@rule("aten.pixel_shuffle.default")
def _pixel_shuffle(done: Lowered, x: Value, r: int) -> Value:
    """r^2 channels become an r x r patch."""
    N, C, H, W = x.shape
    result = done.new((N, C // r**2, H * r, W * r))
    patches = result.like.unflatten(3, (W, r)).unflatten(2, (H, r)).permute(0, 1, 3, 5, 2, 4)
    done.program.copy(Value(result.buffer, patches), Value(x.buffer, x.like.unflatten(1, (C // r**2, r, r))))
    return result
