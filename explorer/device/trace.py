"""What torch computes for a network, as a list of its own operations: make_fx runs the network once and writes down
every ATen call.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import functional_call
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from explorer.core.reader import Reader
from explorer.core.sampling import IMAGE_SHAPE
from explorer.core.unet import UNet

INPUTS = ("x_t", "t", "label")
OUTPUT = "eps_hat"
PICTURE, SCORES = "picture", "scores"


@dataclass(frozen=True)
class Traced:
    """graph: its placeholders are the constants, by name and in this order, and then the inputs; what it returns are
    the outputs, flat. An output with an input's name takes its place. summed: the outputs that are sums over all runs
    since the last setup. learnt: the names of those constants that are weights; the others follow from the schedule or
    from the pictures.
    """

    graph: GraphModule
    constants: dict[str, Tensor]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    learnt: frozenset[str] = frozenset()
    summed: frozenset[str] = frozenset()


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
