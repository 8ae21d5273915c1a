"""What torch computes in a step of training, as two lists of its own operations: the gradient of a part of a batch, and
what the gradient of the whole batch then does to the weights.

What is drawn stays outside, as the device draws the same numbers by the same generator: `draws` lists what is asked of
it.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable
from typing import TypedDict

import torch
from torch import Tensor
from torch.func import functional_call, functionalize
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.utils.stateless import _reparametrize_module
from torch.overrides import TorchFunctionMode

from explorer.core.precision import exact
from explorer.core.sampling import IMAGE_SHAPE
from explorer.core.training import TrainingRun, clip_gradient, descend, draw, weighted_errors
from explorer.device.trace import Traced, TracedSchedule

Tensors = dict[str, Tensor]
GRADIENT, AVERAGE = "gradient.", "average."  # before a weight's name


class Draw(TypedDict):
    """Numbers that torch's generator is asked for, so many for each picture. kind: "randint" (from low on, below high),
    "rand" or "randn".
    """

    name: str
    kind: str
    low: int
    high: int
    count: int


class Drawing(TorchFunctionMode):
    """Within it, torch's random numbers are noted down; where there are `given` ones, they come instead."""

    def __init__(self, pictures: int, given: list[Tensor] | None = None) -> None:
        super().__init__()
        self.draws: list[Draw] = []
        self._pictures, self._given = pictures, given

    def __torch_function__(  # type: ignore[no-untyped-def] # noqa: D105 - torch's own interface
        self, func: Callable[..., Tensor], types, args=(), kwargs=None
    ) -> Tensor:
        kind = getattr(func, "__name__", "")
        if kind not in ("randint", "rand", "randn"):
            return func(*args, **(kwargs or {}))
        number = len(self.draws)
        drawn = func(*args, **(kwargs or {})) if self._given is None else self._given[number]
        low, high = (0, *args)[-3:-1] if kind == "randint" else (0, 0)
        count = drawn.numel() // self._pictures
        self.draws.append({"name": f"draw.{number}", "kind": kind, "low": low, "high": high, "count": count})
        return drawn


def draws(run: TrainingRun, pictures: int) -> tuple[list[Draw], list[Tensor]]:
    """What is drawn for each picture of a batch, in its order; and an example of it."""
    examples: list[Tensor] = []
    with Drawing(pictures) as drawing:
        draw(run.schedule, run.settings, torch.zeros(pictures).long(), torch.Generator())
    for drawn in drawing.draws:
        whole = drawn["kind"] == "randint"
        shape = (pictures,) if drawn["count"] == 1 else (pictures, *IMAGE_SHAPE)
        examples.append(torch.full(shape, drawn["low"]) if whole else torch.full(shape, 0.5))
    return drawing.draws, examples


def traced_gradient(run: TrainingRun, pictures: int) -> tuple[Traced, list[Draw]]:
    """The gradients of a loss that is a sum over pictures, `share` times what the error of each counts.

    Inputs: the weights, what is fitted to pictures, x_0 (pictures, 1, 28, 28), label and share (pictures,), and the
    draws. Outputs: the gradients, and of each picture its error and t.
    """
    network = copy.deepcopy(run.network).cpu().train()
    schedule = TracedSchedule(run.schedule.kind, run.schedule.T)
    weights = dict(network.named_parameters())
    fitted = {name: buffer for name, buffer in network.named_buffers() if name in network.state_dict()}
    constants = {name: buffer for name, buffer in network.named_buffers() if name not in fitted}
    wanted, examples = draws(run, pictures)

    def gradients(
        constants: Tensors, weights: Tensors, fitted: Tensors, *batch: Tensor
    ) -> tuple[Tensors, Tensor, Tensor]:
        x_0, label, share, *given = batch
        learnt = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
        with Drawing(pictures, given):
            drawn = draw(schedule, run.settings, label, torch.Generator())

        def guess(x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
            result: Tensor = functional_call(network, constants | fitted | learnt, (x_t, t, label))
            return result

        errors, weighted = weighted_errors(guess, schedule, run.settings, x_0, drawn)
        found = torch.autograd.grad((weighted * share).sum(), list(learnt.values()))
        return dict(zip(learnt, found)), errors.detach(), drawn.t

    x_0, label = torch.zeros(pictures, *IMAGE_SHAPE), torch.zeros(pictures).long()
    graph = make_fx(gradients)(constants, weights, fitted, x_0, label, torch.ones(pictures), *examples)
    graph.graph.eliminate_dead_code()
    sums = tuple(GRADIENT + name for name in weights)
    inputs = (*weights, *fitted, "x_0", "label", "share", *(drawn["name"] for drawn in wanted))
    return Traced(graph, constants, inputs, (*sums, "errors", "t"), summed=frozenset(sums)), wanted


def traced_update(run: TrainingRun) -> Traced:
    """What a gradient does: it is clipped, moves the weights, and these draw the averaged ones along.

    Inputs: the gradients, the weights, the averaged ones, the optimizers' states, and rate and decay, of this step.
    Outputs: all but the gradients, rate and decay, in their places, and "length", how long the gradient was.
    """
    run = TrainingRun(run.network.config, run.schedule, run.settings)
    names = {id(weight): name for name, weight in run.network.named_parameters()}
    members = [
        [[names[id(weight)] for weight in group["params"]] for group in each.param_groups] for each in run.optimizers
    ]
    states = states_of(run)
    for optimizer in run.optimizers:
        for group in optimizer.param_groups:
            group["differentiable"] = True  # of Adam: it computes with tensors alone then
    weights = {name: weight.detach() for name, weight in run.network.named_parameters()}

    def moved(gradients: Tensors, weights: Tensors, averages: Tensors, states: Tensors, *now: Tensor) -> list[Tensor]:
        # a weight lies with its channels innermost, as in training; the copy is ours to change
        own, averaged = ({k: _by_channels(v.clone()) for k, v in each.items()} for each in (weights, averages))
        held = {name: state.clone() for name, state in states.items()}
        for name, weight in own.items():
            weight.grad = _by_channels(gradients[name].clone())
        for optimizer, groups in zip(run.optimizers, members):
            optimizer.state = defaultdict(dict)
            for group, inside in zip(optimizer.param_groups, groups):
                group["params"] = [own[name] for name in inside]
        for key, state in held.items():
            number, what, name = key.split(" ")
            run.optimizers[int(number)].state[own[name]][what] = state
        with _reparametrize_module(run.network, own), _reparametrize_module(run.average, averaged):
            length = clip_gradient(run)
            descend(run, *now)
        return [*own.values(), *averaged.values(), *held.values(), length]

    # each a tensor of its own: the tracing knows them by that
    like = [{name: torch.zeros_like(weight) for name, weight in weights.items()} for _ in range(3)]
    example = [*like, states, torch.ones(()), torch.ones(())]
    with exact():
        graph = make_fx(functionalize(moved))(*example)
    graph.graph.eliminate_dead_code()
    mine = (*weights, *(AVERAGE + name for name in weights), *states)
    return Traced(graph, {}, (*(GRADIENT + name for name in weights), *mine, "rate", "decay"), (*mine, "length"))


def states_of(run: TrainingRun) -> Tensors:
    """The optimizers' states before the first step, by the optimizer's number, what it is, and the weight's name."""
    names = {id(weight): name for name, weight in run.network.named_parameters()}
    found: Tensors = {}
    for weight in run.network.parameters():
        weight.grad = torch.zeros_like(weight)
    descend(run, 0.0, 1.0)
    for number, optimizer in enumerate(run.optimizers):
        for moved, state in optimizer.state.items():
            found |= {f"{number} {what} {names[id(moved)]}": torch.zeros_like(value) for what, value in state.items()}
    return found


def _by_channels(weight: Tensor) -> Tensor:
    return weight.contiguous(memory_format=torch.channels_last) if weight.ndim == 4 else weight
