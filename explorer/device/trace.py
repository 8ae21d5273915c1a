"""What torch computes for a network, as a list of its own operations: make_fx runs the network once and writes down
every ATen call.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch._decomp import get_decompositions
from torch.func import functional_call
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from explorer.core.perfect_guess import NONE_LEFT_OUT, Known, PerfectGuesser
from explorer.core.reader import Reader
from explorer.core.sampling import IMAGE_SHAPE
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet

INPUTS = ("x_t", "t", "label")
OUTPUT = "eps_hat"
PICTURE, SCORES = "picture", "scores"
IN_PARTS = (torch.ops.aten.affine_grid_generator,)  # which torch itself takes apart
INK, LABELS, LEFT_OUT = "ink", "labels", "left_out"  # of perfect_guess.Known


@dataclass(frozen=True)
class Traced:
    """graph: its placeholders are the constants, by name and in this order, and then the inputs; what it returns are
    the outputs, flat. An output with an input's name takes its place. summed: the outputs that are sums over all runs
    since the last setup. learnt: the names of those constants that are weights; the others follow from the schedule or
    from the pictures. as_bytes: the inputs that are whole numbers of 0 to 255 in memory, four in a float's place; only
    operations that expect that can read them.
    """

    graph: GraphModule
    constants: dict[str, Tensor]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    learnt: frozenset[str] = frozenset()
    summed: frozenset[str] = frozenset()
    as_bytes: frozenset[str] = frozenset()


def traced(network: UNet, rows: int) -> Traced:
    """The operations of eps_hat(x_t, t, label) for `rows` pictures, float32, without gradients."""
    network = copy.deepcopy(network).float().eval().requires_grad_(requires_grad=False).cpu()
    weights = dict(network.named_parameters())
    constants = weights | dict(network.named_buffers())

    def eps_hat(constants: dict[str, Tensor], x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        result: Tensor = functional_call(network, constants, (x_t, t, label))
        return result

    example = (torch.zeros(rows, *IMAGE_SHAPE), torch.ones(rows, dtype=torch.int64), torch.zeros(rows).long())
    with torch.no_grad():
        graph = make_fx(eps_hat)(constants, *example)
    graph.graph.eliminate_dead_code()
    return Traced(graph, constants, INPUTS, (OUTPUT,), frozenset(weights))


def traced_reader(reader: Reader) -> Traced:
    """The operations of the scores (1, 10) of a picture (1, 1, 28, 28), float32."""
    weights: dict[str, Tensor] = dict(reader.named_parameters())

    def scores(weights: dict[str, Tensor], picture: Tensor) -> Tensor:
        result: Tensor = functional_call(reader, weights, (picture,))
        return result

    with torch.no_grad():
        graph = make_fx(scores)(weights, torch.zeros(1, *IMAGE_SHAPE))
    graph.graph.eliminate_dead_code()
    return Traced(graph, weights, (PICTURE,), (SCORES,), frozenset(weights))


def traced_function(
    function: Callable[..., Tensor | tuple[Tensor, ...]], given: dict[str, Tensor], outputs: tuple[str, ...]
) -> Traced:
    """The operations of a pure function of tensors; given: by its inputs' names, examples of them, in their order."""
    parts = get_decompositions(IN_PARTS)
    with torch.no_grad():
        graph = make_fx(function, decomposition_table=parts)(*given.values())  # type: ignore[arg-type] # torch's own
    graph.graph.eliminate_dead_code()
    return Traced(graph, {}, tuple(given), outputs)


class TracedSchedule(NoiseSchedule):
    """The same schedule, but that it takes every t for one in 0..T: a graph cannot raise."""

    def _checked(self, t: Tensor | int) -> Tensor:
        return torch.as_tensor(t)


def traced_guesser(schedule: NoiseSchedule, pictures: int, rows: int) -> Traced:
    """The operations of the perfect guesser's eps_hat for `rows` pictures. What it knows, so many pictures, are inputs;
    their ink as bytes.
    """
    schedule = TracedSchedule(schedule.kind, schedule.T)
    guesser = PerfectGuesser(torch.zeros(1, *IMAGE_SHAPE), torch.zeros(1).long(), schedule)

    def eps_hat(x_t: Tensor, t: Tensor, label: Tensor, *known: Tensor) -> Tensor:
        return guesser.knowing(Known(*known))(x_t, t, label)

    example = (torch.zeros(rows, *IMAGE_SHAPE), torch.ones(rows).long(), torch.zeros(rows).long())
    of_none = (torch.zeros(pictures, math.prod(IMAGE_SHAPE)), torch.zeros(pictures).long(), torch.tensor(NONE_LEFT_OUT))
    with torch.no_grad():
        graph = make_fx(eps_hat)(*example, *of_none)
    graph.graph.eliminate_dead_code()
    inputs = (*INPUTS, INK, LABELS, LEFT_OUT)
    return Traced(graph, {}, inputs, (OUTPUT,), as_bytes=frozenset({INK}))
