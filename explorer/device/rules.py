"""How torch's operations on single numbers, tables and matrices are computed on the device, by their ATen names."""

from __future__ import annotations

import math

import torch

from explorer.device.lowering import Argument, Lowered, UnknownOperation
from explorer.device.operations import Kind, Operation, Place, Value, dense
from explorer.device.reductions import count_of, summed
from explorer.device.registry import Rule, Rules

RULES = Rules()
# All numbers are float32 on the device: whole ones up to 2^24 are exact, and true is 1.
ALIKE = {torch.float32, torch.float64, torch.int64, torch.bool}


def _elementwise(kind: Kind) -> Rule:
    def compute(done: Lowered, *operands: Argument, **options: Argument) -> Value:
        if any(value != 1 for value in options.values()):  # alpha, value
            raise UnknownOperation(f"the device cannot compute {kind.name} with {options}")
        return _computed(done, kind, *operands)

    return compute


def _computed(done: Lowered, kind: Kind, *operands: Argument) -> Value:
    """Of tensors and numbers that are broadcast."""
    values = [done.tensor(operand) for operand in operands]
    shape = tuple(torch.broadcast_shapes(*(value.shape for value in values)))
    result = done.new(shape)
    done.program.elementwise(kind, result, *values)
    return result


RULES |= {
    "aten.add.Tensor": _elementwise(Kind.ADD),
    "aten.add.Scalar": _elementwise(Kind.ADD),
    "aten.sub.Tensor": _elementwise(Kind.SUBTRACT),
    "aten.mul.Tensor": _elementwise(Kind.MULTIPLY),
    "aten.mul.Scalar": _elementwise(Kind.MULTIPLY),
    "aten.div.Tensor": _elementwise(Kind.DIVIDE),
    "aten.div.Scalar": _elementwise(Kind.DIVIDE),
    "aten.silu.default": _elementwise(Kind.SILU),
    "aten.silu_backward.default": _elementwise(Kind.SILU_BACKWARD),
    "aten.sigmoid.default": _elementwise(Kind.LOGISTIC),
    "aten.sin.default": _elementwise(Kind.SINE),
    "aten.cos.default": _elementwise(Kind.COSINE),
    "aten.sqrt.default": _elementwise(Kind.SQUARE_ROOT),
    "aten.lt.Scalar": _elementwise(Kind.LESS),
    "aten.log.default": _elementwise(Kind.LOGARITHM),
    "aten.where.self": _elementwise(Kind.CHOOSE),
    "aten.lerp.Scalar": _elementwise(Kind.BETWEEN),
    "aten.lerp.Tensor": _elementwise(Kind.BETWEEN),
}


@RULES.rule("aten.addcmul.default")
def _addcmul(done: Lowered, a: Value, b: Value, c: Value, *, value: float = 1) -> Value:
    if value != 1:
        b = _computed(done, Kind.MULTIPLY, b, value)
    return _computed(done, Kind.ADD_PRODUCT, a, b, c)


@RULES.rule("aten.addcdiv.default")
def _addcdiv(done: Lowered, a: Value, b: Value, c: Value, *, value: float = 1) -> Value:
    if value != 1:
        b = _computed(done, Kind.MULTIPLY, b, value)
    return _computed(done, Kind.ADD, a, _computed(done, Kind.DIVIDE, b, c))


@RULES.rule("aten.rsub.Scalar")
def _rsub(done: Lowered, x: Value, number: float) -> Value:
    return _computed(done, Kind.SUBTRACT, number, x)


@RULES.rule("aten.neg.default")
def _neg(done: Lowered, x: Value) -> Value:
    return _computed(done, Kind.MULTIPLY, x, -1)


@RULES.rule("aten.reciprocal.default")
def _reciprocal(done: Lowered, x: Value) -> Value:
    return _computed(done, Kind.DIVIDE, 1, x)


@RULES.rule("aten.gt.Scalar")
def _greater(done: Lowered, x: Value, number: float) -> Value:
    return _computed(done, Kind.LESS, number, x)


@RULES.rule("aten.pow.Tensor_Scalar")
def _power(done: Lowered, x: Value, exponent: float) -> Value:
    if exponent == 1:
        return x
    if exponent == 2:
        return _computed(done, Kind.MULTIPLY, x, x)
    raise UnknownOperation(f"the device cannot compute aten.pow.Tensor_Scalar with the exponent {exponent}")


@RULES.rule("aten.pow.Scalar")
def _exponential(done: Lowered, base: float, x: Value) -> Value:
    return _computed(done, Kind.EXPONENTIAL, _computed(done, Kind.MULTIPLY, x, math.log(base)))


@RULES.rule("aten.clamp.default")
def _clamp(done: Lowered, x: Value, low: float | None = None, high: float | None = None) -> Value:
    if low is not None:
        x = _computed(done, Kind.MAXIMUM, x, low)
    return x if high is None else _computed(done, Kind.MINIMUM, x, high)


@RULES.rule("aten.relu.default")
def _relu(done: Lowered, x: Value) -> Value:
    return _computed(done, Kind.MAXIMUM, x, 0.0)


@RULES.rule("aten.masked_fill.Scalar")
def _masked_fill(done: Lowered, x: Value, mask: Value, number: float) -> Value:
    return _computed(done, Kind.CHOOSE, mask, number, x)


@RULES.rule("aten._to_copy.default")
def _to_copy(done: Lowered, x: Value, *, dtype: torch.dtype = torch.float32, **further: Argument) -> Value:
    if dtype not in ALIKE:
        raise UnknownOperation(f"the device cannot compute aten._to_copy.default to {dtype}")
    return x


@RULES.rule("aten.ones_like.default")
def _ones_like(done: Lowered, x: Value, **further: Argument) -> Value:
    one = done.scalar(1)
    return Value(one.buffer, one.like.expand(x.shape))


@RULES.rule("aten.ones.default")
def _ones(done: Lowered, shape: list[int], **further: Argument) -> Value:
    one = done.scalar(1)
    return Value(one.buffer, one.like.expand(shape))


@RULES.rule("aten.sum.dim_IntList")
def _sum(done: Lowered, x: Value, dims: list[int], keep: bool = False) -> Value:  # noqa: FBT001, FBT002 - torch's
    return summed(done, x, dims, keep=keep)


@RULES.rule("aten.sum.default")
def _sum_of_all(done: Lowered, x: Value) -> Value:
    return summed(done, x, list(range(len(x.shape))), keep=False)


@RULES.rule("aten.mean.dim")
def _mean(done: Lowered, x: Value, dims: list[int], keep: bool = False) -> Value:  # noqa: FBT001, FBT002 - torch's
    return _computed(done, Kind.DIVIDE, summed(done, x, dims, keep=keep), count_of(x, dims))


@RULES.rule("aten.linalg_vector_norm.default")
def _norm(done: Lowered, x: Value, order: float = 2, dims: list[int] | None = None, keep: bool = False) -> Value:  # noqa: FBT001, FBT002 - torch's
    if order != 2:
        raise UnknownOperation(f"the device cannot compute aten.linalg_vector_norm.default of order {order}")
    squares = _computed(done, Kind.MULTIPLY, x, x)
    return _computed(done, Kind.SQUARE_ROOT, summed(done, squares, dims or list(range(len(x.shape))), keep=keep))


@RULES.rule("aten._foreach_norm.Scalar")
def _norms(done: Lowered, each: list[Value], order: float = 2) -> tuple[Value, ...]:
    return tuple(_norm(done, x, order) for x in each)


@RULES.rule("aten._foreach_mul.Tensor")
def _products(done: Lowered, each: list[Value], factor: Value) -> tuple[Value, ...]:
    return tuple(_computed(done, Kind.MULTIPLY, x, factor) for x in each)


@RULES.rule("aten.index.Tensor")
def _index(done: Lowered, table: Value, which: list[Value | None]) -> Value:
    if len(which) != 1 or which[0] is None or len(which[0].shape) != 1:
        raise UnknownOperation("the device cannot compute aten.index.Tensor but of rows")
    return _rows(done, table, which[0])


@RULES.rule("aten.embedding.default")
def _rows(done: Lowered, table: Value, rows: Value) -> Value:
    """Rows of a table, by their numbers."""
    table = done.by_rows(table)
    shape = (rows.shape[0], *table.shape[1:])
    result = done.new(shape, dense(shape, channels_last=False))
    columns = table.like.numel() // table.shape[0]
    words: list[int | Place] = [table.place, table.shape[0], rows.place, result.place, rows.shape[0], columns]
    done.program.add(Operation.GATHER, words, result.buffer)
    return result


@RULES.rule("aten.embedding_dense_backward.default")
def _rows_backward(done: Lowered, gradient: Value, rows: Value, count: int, padding: int, *further: Argument) -> Value:
    """The sums of the gradients that belong to each row of a table."""
    if padding >= 0 or any(further):
        raise UnknownOperation("the device cannot compute aten.embedding_dense_backward.default with these options")
    gradient, columns = done.by_rows(gradient), gradient.shape[1]
    result = done.new((count, columns))
    words: list[int | Place] = [gradient.place, rows.place, result.place, count, rows.shape[0], columns]
    done.program.add(Operation.SCATTER, words, result.buffer)
    return result


@RULES.rule("aten.cat.default")
def _cat(done: Lowered, parts: list[Value], dim: int = 0) -> Value:
    shape = list(parts[0].shape)
    shape[dim] = sum(part.shape[dim] for part in parts)
    result = done.new(tuple(shape))
    first = 0
    for part in parts:
        done.program.copy(Value(result.buffer, result.like.narrow(dim, first, part.shape[dim])), part)
        first += part.shape[dim]
    return result


@RULES.rule("aten.stack.default")
def _stack(done: Lowered, parts: list[Value], dim: int = 0) -> Value:
    shape = list(parts[0].shape)
    shape.insert(dim, len(parts))
    result = done.new(tuple(shape), dense(tuple(shape), channels_last=False))
    for number, part in enumerate(parts):
        done.program.copy(Value(result.buffer, result.like.select(dim, number)), part)
    return result


@RULES.rule("aten.grid_sampler_2d.default")
def _grid_sampler(done: Lowered, x: Value, grid: Value, *how: Argument) -> Value:
    """how: interpolation, padding, align_corners, as numbers."""
    if any(how):
        raise UnknownOperation("the device cannot compute aten.grid_sampler_2d.default but bilinear, padded with zeros")
    x, grid = done.by_rows(x), done.by_rows(grid)
    shape = (*x.shape[:2], *grid.shape[1:3])
    result = done.new(shape, dense(shape, channels_last=False))
    done.program.add(
        Operation.GRID_SAMPLE, [x.place, grid.place, result.place, *x.shape, *grid.shape[1:3]], result.buffer
    )
    return result


@RULES.rule("aten.pixel_unshuffle.default")
def _pixel_unshuffle(done: Lowered, x: Value, r: int) -> Value:
    """Each r x r patch becomes r^2 channels."""
    N, C, H, W = x.shape
    patches = x.like.unflatten(3, (W // r, r)).unflatten(2, (H // r, r)).permute(0, 1, 3, 5, 2, 4)
    result = done.new((N, C * r * r, H // r, W // r))
    done.program.copy(Value(result.buffer, result.like.unflatten(1, (C, r, r))), Value(x.buffer, patches))
    return result


@RULES.rule("aten.pixel_shuffle.default")
def _pixel_shuffle(done: Lowered, x: Value, r: int) -> Value:
    """r^2 channels become an r x r patch."""
    N, C, H, W = x.shape
    result = done.new((N, C // r**2, H * r, W * r))
    patches = result.like.unflatten(3, (W, r)).unflatten(2, (H, r)).permute(0, 1, 3, 5, 2, 4)
    done.program.copy(Value(result.buffer, patches), Value(x.buffer, x.like.unflatten(1, (C // r**2, r, r))))
    return result
