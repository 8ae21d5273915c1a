"""How convolutions are computed on the device, and their gradients."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from explorer.device.lowering import Argument, Lowered, Result, UnknownOperation
from explorer.device.operations import FOURS, Buffer, Operation, Place, Value, dense
from explorer.device.reductions import summed
from explorer.device.registry import Rules

CHANNELS = 8  # of the convolution's blocks, see kernels/convolution.c
POSITIONS = 16  # of a tile, see kernels/winograd.c
SMALLEST_WINOGRAD = 16  # channels: with fewer, the tiles cost more than they save
Border = tuple[int, int, int, int]
"""Places of zeros above, below, left and right of a picture."""

CONVOLUTION_RULES = Rules()


@dataclass(frozen=True)
class Weights:
    """A convolution's, as the network has them. like: (out, in, side, side), also where in and out have changed places.
    turned: by half a turn, as the gradient wants them.
    """

    value: Value
    turned: bool = False

    @property
    def in_tiles(self) -> bool:
        """Whether the 3x3 places of a pair lie side by side and there are channels enough for winograd.c."""
        out, into, side, _ = self.value.shape
        enough = into % FOURS == out % CHANNELS == 0 and min(into, out) >= SMALLEST_WINOGRAD
        return side == 3 and self.value.strides[2:] == (3, 1) and enough


@CONVOLUTION_RULES.rule("aten.convolution.default")
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
    around, step = _geometry("aten.convolution.default", weight, stride, padding, dilation, further)
    if bias is None:
        raise UnknownOperation("the device cannot compute aten.convolution.default without a bias")
    if (weight.shape[2], around, step) == (3, 1, 1) and Weights(weight).in_tiles:
        return _by_tiles(done, x, Weights(weight), bias)
    room = _with_border(done, x, _in_fours(x.shape[1]), (around,) * 4)
    return _by_blocks(done, room, Weights(weight), bias, step)


@CONVOLUTION_RULES.rule("aten.convolution_backward.default")
def _convolution_backward(
    done: Lowered,
    gradient: Value,
    x: Value,
    weight: Value,
    bias_sizes: Argument,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    *further: Argument,  # transposed, output_padding, groups, output_mask
) -> tuple[Result, ...]:
    """The gradients by x, by the weights and by the bias, of what is asked for."""
    around, step = _geometry("aten.convolution_backward.default", weight, stride, padding, dilation, further[:3])
    assert isinstance(further[3], list)
    by_x, by_weight, by_bias = further[3]
    tiled = (weight.shape[2], around, step) == (3, 1, 1) and Weights(weight).in_tiles
    return (
        _gradient_by_x(done, gradient, x, weight, around, step) if by_x else None,
        (_by_weight_tiles if tiled else _by_weight)(done, gradient, x, weight, around, step) if by_weight else None,
        summed(done, gradient, [0, 2, 3], keep=False) if by_bias else None,
    )


def _geometry(
    name: str, weight: Value, stride: list[int], padding: list[int], dilation: list[int], further: tuple[Argument, ...]
) -> tuple[int, int]:
    """The places around a picture, and the step. Raises UnknownOperation for what the device cannot compute."""
    side, other = weight.shape[2:]
    alike = side == other and len({*stride}) == len({*padding}) == 1 and {*dilation} == {1}
    if not alike or further != (False, [0, 0], 1):
        raise UnknownOperation(f"the device cannot compute {name} of this geometry")
    return padding[0], stride[0]


def _in_fours(channels: int) -> int:
    return -(-channels // FOURS) * FOURS


def _by_blocks(done: Lowered, room: Value, weights: Weights, bias: Value | None, step: int) -> Value:
    """The convolution of a picture with its border, as convolution.c computes it."""
    out, _, side, _ = weights.value.shape
    N, wide, height, width = room.shape
    blocks, edge = _in_blocks(done, weights, wide), done.kept_zeros(-(-out // CHANNELS) * CHANNELS)
    if bias is not None:
        done.setup.copy(Value(edge, torch.empty(out, device="meta")), bias)
    result = done.new((N, out, (height - side) // step + 1, (width - side) // step + 1))
    lies = [value.strides[d] for value in (room, result) for d in (0, 2, 3)]
    places: list[int | Place] = [room.place, Place(blocks), Place(edge), result.place]
    words = [*places, N, *result.shape[2:], out, wide, side, step, *lies]
    done.program.add(Operation.CONVOLUTION, words, result.buffer)
    return result


def _by_tiles(done: Lowered, x: Value, weights: Weights, bias: Value | None) -> Value:
    """3x3 with a border of one place, in tiles of 2x2."""
    out, into, _, _ = weights.value.shape
    N, _, height, width = x.shape
    blocks = done.kept_zeros(POSITIONS * out * into)
    lie = [*weights.value.strides[:2], int(weights.turned)]
    done.setup.add(Operation.WINOGRAD_WEIGHTS, [weights.value.place, Place(blocks), out, into, *lie], blocks)
    edge = Place(done.kept_zeros(out)) if bias is None else bias.place
    tiles, room = _tiles(done, x), Buffer(POSITIONS * _tiles_of(x) * out)
    result = done.new((N, out, height, width))
    places = [Place(tiles), Place(blocks), edge, result.place, Place(room)]
    lies = [result.strides[d] for d in (0, 2, 3)]
    done.program.add(Operation.WINOGRAD, [*places, N, height, width, out, into, *lies], result.buffer)
    return result


def _tiles_of(x: Value) -> int:
    """How many tiles of 2x2 places cover the pictures."""
    N, _, height, width = x.shape
    return N * ((height + 1) // 2) * ((width + 1) // 2)


def _room_for_tiles(done: Lowered, x: Value) -> Value:
    _, channels, height, width = x.shape
    return _with_border(done, x, channels, (1, 1 + height % 2, 1, 1 + width % 2))


def _tiles(done: Lowered, x: Value) -> Buffer:
    """Those of x; the gradient by the weights wants the same as the convolution."""

    def made() -> Value:
        room, (N, channels, height, width) = _room_for_tiles(done, x), x.shape
        tiles = Buffer(POSITIONS * _tiles_of(x) * channels)
        words: list[int | Place] = [
            room.place,
            Place(tiles),
            N,
            height,
            width,
            channels,
            *(room.strides[d] for d in (0, 2, 3)),
        ]
        done.program.add(Operation.WINOGRAD_TILES, words, tiles)
        return Value(tiles, dense((tiles.floats,)))

    return done.once(x, "tiles", made).buffer


def _gradient_by_x(done: Lowered, gradient: Value, x: Value, weight: Value, around: int, step: int) -> Value:
    """The gradient spread to x's steps, convolved with the weights turned around."""
    side = weight.shape[2]
    weights = Weights(Value(weight.buffer, weight.like.transpose(0, 1)), turned=True)
    if (side, around, step) == (3, 1, 1) and weights.in_tiles:
        return _by_tiles(done, gradient, weights, None)
    before, spread = side - 1 - around, [(n - 1) * step + 1 for n in gradient.shape[2:]]
    above, below = ((before, n + side - 1 - before - wide) for n, wide in zip(x.shape[2:], spread))
    if step > 1 and (side, around) == (3, 1) and weights.in_tiles:
        apart = done.new((gradient.shape[0], gradient.shape[1], *x.shape[2:]))
        done.program.add(Operation.ZERO, [apart.place, apart.buffer.floats], apart.buffer)
        inner = apart.like[:, :, ::step, ::step][:, :, : gradient.shape[2], : gradient.shape[3]]
        done.program.copy(Value(apart.buffer, inner), gradient)
        return _by_tiles(done, apart, weights, None)
    room = _with_border(done, gradient, _in_fours(gradient.shape[1]), (*above, *below), step)
    return _by_blocks(done, room, weights, None, 1)


def _by_weight(done: Lowered, gradient: Value, x: Value, weight: Value, around: int, step: int) -> Value:
    """A sum of products over all places, for each place of the weights."""
    out, into, side, _ = weight.shape
    N, _, height, width = gradient.shape
    room, gradient = _with_border(done, x, _in_fours(into), (around,) * 4), done.by_channels(gradient)
    result = done.new(weight.shape, dense(weight.shape, channels_last=False))
    lies = [value.strides[d] for value in (room, gradient) for d in (0, 2, 3)]
    sizes = [N, height, width, out, into, side, step]
    words: list[int | Place] = [room.place, gradient.place, result.place, *sizes, *lies, *result.strides]
    done.program.add(Operation.CONVOLUTION_WEIGHTS, words, result.buffer)
    return result


def _by_weight_tiles(done: Lowered, gradient: Value, x: Value, weight: Value, around: int, step: int) -> Value:
    """The same of tiles of 2x2, see winograd_gradient.c."""
    out, into, _, _ = weight.shape
    N, _, height, width = gradient.shape
    room, tiles = _room_for_tiles(done, gradient), Buffer(POSITIONS * _tiles_of(x) * out)
    inner = Value(room.buffer, room.like[:, :, 1:, 1:])
    lies = [room.strides[d] for d in (0, 2, 3)]
    done.program.add(
        Operation.WINOGRAD_GRADIENT_TILES, [inner.place, Place(tiles), N, height, width, out, *lies], tiles
    )
    result = done.new(weight.shape, dense(weight.shape, channels_last=False))
    places = [Place(_tiles(done, x)), Place(tiles), result.place, Place(Buffer(POSITIONS * into * out))]
    done.program.add(Operation.WINOGRAD_GRADIENT, [*places, _tiles_of(x), out, into], result.buffer)
    return result


def _with_border(done: Lowered, x: Value, wide: int, around: Border, apart: int = 1) -> Value:
    """x with its channels innermost, zeros for channels up to `wide`, and places of zeros about it and, with `apart`,
    between its own.
    """
    N, channels, height, width = x.shape
    if around == (0, 0, 0, 0) and wide == channels and apart == 1:
        return done.by_channels(x)
    above, below, left, right = around

    def made() -> Value:
        tall, broad = (height - 1) * apart + 1, (width - 1) * apart + 1
        lie = dense((N, wide, above + tall + below, left + broad + right))
        room = done.new(tuple(lie.shape), lie)
        done.program.add(Operation.ZERO, [room.place, room.buffer.floats], room.buffer)
        inner = room.like[:, :channels, above : above + tall : apart, left : left + broad : apart]
        done.program.copy(Value(room.buffer, inner), x)
        return Value(room.buffer, lie)

    return done.once(x, f"border {wide} {around} {apart}", made)


def _in_blocks(done: Lowered, weights: Weights, wide: int) -> Buffer:
    """The weights (out, in, side, side) as the kernel reads them: (out / 8, side, side, in, 8)."""
    out, into, side, _ = weights.value.shape
    packed = done.kept_zeros(-(-out // CHANNELS) * CHANNELS * side * side * wide)
    lie = torch.empty(-(-out // CHANNELS), side, side, wide, CHANNELS, device="meta")
    lie = lie.permute(0, 4, 3, 1, 2)  # (out / 8, 8, in, side, side)
    whole = out // CHANNELS * CHANNELS
    for first, count in ((0, whole), (whole, out - whole)):
        if count:
            taken = weights.value.like[first : first + count].unflatten(0, (-1, min(count, CHANNELS)))
            given = lie[first // CHANNELS : first // CHANNELS + taken.shape[0], : taken.shape[1], :into]
            for to, source in _places(given, taken) if weights.turned else [(given, taken)]:
                done.setup.copy(Value(packed, to), Value(weights.value.buffer, source))
    return packed


def _places(given: torch.Tensor, taken: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Each place of the weights, with the one across from it."""
    side = given.shape[-1]
    last = side - 1
    return [(given[..., i, j], taken[..., last - i, last - j]) for i in range(side) for j in range(side)]
