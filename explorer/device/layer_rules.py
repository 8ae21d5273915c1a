"""How normalisations and products of matrices are computed on the device, and their gradients."""

from __future__ import annotations

import struct

import torch

from explorer.core.sampling import NULL_LABEL
from explorer.device.lowering import Argument, Lowered, Result, UnknownOperation
from explorer.device.operations import FOURS, Buffer, Kind, Operation, Place, Value, dense
from explorer.device.reductions import summed
from explorer.device.registry import Rules

LAYER_RULES = Rules()
VECTOR_BYTES, MOST_PIXELS = 16, 1024  # see kernels/expected_ink.c
DOUBLE = 2  # floats
INK_OF_1 = 127.5  # a byte of 255 is 2, from black to white


@LAYER_RULES.rule("aten.native_group_norm.default")
def _group_norm(
    done: Lowered, x: Value, weight: Value, bias: Value, N: int, channels: int, places: int, groups: int, eps: float
) -> tuple[Result, ...]:
    """The result, the means, and 1 over the standard deviations."""
    _groups_of_fours("aten.native_group_norm.default", channels, groups)
    x = done.by_channels(x)
    result, means, scales = done.new(x.shape), done.new((N, groups)), done.new((N, groups))
    (bits,) = struct.unpack("<i", struct.pack("<f", eps))
    lie = [x.place, result.place, weight.place, bias.place, means.place, scales.place]
    done.program.add(Operation.GROUP_NORM, [*lie, N, places, channels, groups, bits], result.buffer)
    return (result, means, scales)


@LAYER_RULES.rule("aten.native_group_norm_backward.default")
def _group_norm_backward(
    done: Lowered,
    gradient: Value,
    x: Value,
    means: Value,
    scales: Value,
    weight: Value,
    N: int,
    channels: int,
    places: int,
    groups: int,
    wanted: list[bool],
) -> tuple[Result, ...]:
    """The gradients by x, by the weight and by the bias."""
    _groups_of_fours("aten.native_group_norm_backward.default", channels, groups)
    gradient, x = done.by_channels(gradient), done.by_channels(x)
    by_x, by_weight, by_bias = done.new(x.shape), done.new((channels,)), done.new((channels,))
    given = [gradient.place, x.place, weight.place, means.place, scales.place]
    words: list[int | Place] = [*given, by_x.place, by_weight.place, by_bias.place, N, places, channels, groups]
    done.program.add(Operation.GROUP_NORM_BACKWARD, words, by_x.buffer)
    return (by_x, by_weight, by_bias)


def _groups_of_fours(name: str, channels: int, groups: int) -> None:
    if channels // groups % FOURS:
        raise UnknownOperation(f"the device cannot compute {name} of such groups")


@LAYER_RULES.rule("aten._softmax.default")
def _softmax(done: Lowered, x: Value, dim: int, *further: Argument) -> Value:
    if dim not in (-1, len(x.shape) - 1) or any(further):
        raise UnknownOperation("the device cannot compute aten._softmax.default but of rows")
    x = done.by_rows(x)
    result = Value(Buffer(x.like.numel()), dense(x.shape, channels_last=False))
    rows = x.like.numel() // x.shape[-1]
    done.program.add(Operation.SOFTMAX, [x.place, result.place, rows, x.shape[-1]], result.buffer)
    return result


@LAYER_RULES.rule("aten._softmax_backward_data.default")
def _softmax_backward(done: Lowered, gradient: Value, y: Value, dim: int, dtype: torch.dtype) -> Value:
    """y * (gradient - the sum of gradient * y)."""
    rows = dense(y.shape, channels_last=False)
    product, away, result = (done.new(y.shape, rows) for _ in range(3))
    done.program.elementwise(Kind.MULTIPLY, product, gradient, y)
    done.program.elementwise(Kind.SUBTRACT, away, gradient, summed(done, product, [dim], keep=True))
    done.program.elementwise(Kind.MULTIPLY, result, y, away)
    return result


@LAYER_RULES.rule("aten.bmm.default")
def _bmm(done: Lowered, a: Value, b: Value) -> Value:
    return _product(done, a, b, None)


@LAYER_RULES.rule("aten.baddbmm.default")
def _baddbmm(done: Lowered, c: Value, a: Value, b: Value, *, beta: float = 1, alpha: float = 1) -> Value:
    """beta * c + alpha * a b."""
    product, result = _product(done, a, b, None), done.new(c.shape)
    scaled = done.new(c.shape)
    done.program.elementwise(Kind.MULTIPLY, scaled, c, done.scalar(beta))
    done.program.elementwise(Kind.ADD_PRODUCT, result, scaled, product, done.scalar(alpha))
    return result


@LAYER_RULES.rule("aten.mm.default")
def _mm(done: Lowered, a: Value, b: Value) -> Value:
    return _matrix(_product(done, _one(a), _one(b), None))


@LAYER_RULES.rule("aten.addmm.default")
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


@LAYER_RULES.rule("aten._linalg_eigh.default")
def _eigh(done: Lowered, x: Value, *how: Argument) -> tuple[Result, ...]:
    """The values, rising, and the vectors, a column each."""
    x, n = done.by_rows(x), x.shape[-1]
    values, vectors = (done.new(shape, dense(shape, channels_last=False)) for shape in (x.shape[:-1], x.shape))
    room = Buffer(2 * DOUBLE * n * (n + 2))
    matrices = x.like.numel() // n**2
    words: list[int | Place] = [x.place, values.place, vectors.place, Place(room), matrices, n]
    done.program.add(Operation.EIGEN, words, vectors.buffer)
    return (values, vectors)


@LAYER_RULES.rule("aten.flip.default")
def _flip(done: Lowered, x: Value, dims: list[int]) -> Value:
    """Number by number from the other end: no tensor lies so, but the kernel takes steps back too."""
    x = done.by_rows(x)
    result = done.new(x.shape, dense(x.shape, channels_last=False))
    back = [d % len(x.shape) for d in dims]
    steps = [-step if d in back else step for d, step in enumerate(x.strides)]
    last = sum((x.shape[d] - 1) * x.strides[d] for d in back)
    from_end = Place(x.buffer, x.place.offset + last)
    words: list[int | Place] = [int(Kind.COPY), 2, len(x.shape), *x.shape, result.place, *result.strides]
    done.program.add(Operation.ELEMENTWISE, [*words, from_end, *steps], result.buffer)
    return result


@LAYER_RULES.rule("explorer.expected_ink.default")
def _expected_ink(
    done: Lowered,
    x_t: Value,
    signal: Value,
    noise: Value,
    label: Value,
    ink: Value,
    labels: Value,
    left_out: Value,
    *again: Value | None,
) -> Value:
    """See core.perfect_guess; the ink lies as bytes."""
    rows, pixels = x_t.shape
    if pixels % VECTOR_BYTES or pixels > MOST_PIXELS or any(each is not None for each in again):
        raise UnknownOperation(f"the device cannot compute explorer.expected_ink.default of {pixels} pixels")
    x_t, pictures = done.by_rows(x_t), len(labels.like)
    result, room = done.new(x_t.shape), Buffer(2 * pictures)
    places = [value.place for value in (x_t, signal, noise, label, ink, labels, left_out, result)]
    (ink_of_1,) = struct.unpack("<i", struct.pack("<f", INK_OF_1))
    words: list[int | Place] = [*places, Place(room), rows, pictures, pixels, NULL_LABEL, ink_of_1]
    done.program.add(Operation.EXPECTED_INK, words, result.buffer)
    return result
