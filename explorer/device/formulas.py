"""The core's formulas of single numbers, traced by torch like its networks, so that a page without a server can compute
the coefficients of any film: the browser has no formula of its own.

A formula is a list of steps on numbers of 64 bits, which widgets/offline/formulas.js carries out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypedDict

import torch
from torch import Tensor, fx
from torch.fx.experimental.proxy_tensor import make_fx

from explorer.core.sampling import evenly
from explorer.core.schedule import NoiseSchedule
from explorer.device.lowering import UnknownOperation
from explorer.device.tables import coefficients, guided_shares

Operand = str | float
"""A number, or the place of one that was made before: its number as a text."""
Step = tuple[str, list[Operand]]
"""The name of an operation, and what it is applied to."""

# by torch's names
OPERATIONS = {
    "add": "add",
    "sub": "subtract",
    "rsub": "subtract from",
    "mul": "multiply",
    "div": "divide",
    "sqrt": "root",
    "pow": "power",
    "clamp": "at least",
    "round": "round",
}
CONSTANT = {"ones": 1.0, "zeros": 0.0}
SAME = {"reshape", "view", "_to_copy", "lift_fresh_copy", "clone", "detach", "alias", "unsqueeze", "expand", "squeeze"}


class Formula(TypedDict):
    """inputs: how many numbers it is of; they have the first places. steps: each makes the number of the next place.
    outputs: the places, or numbers that are the same for all inputs.
    """

    inputs: int
    steps: list[Step]
    outputs: list[Operand]


def traced_formula(function: Callable[..., Sequence[Tensor]], inputs: int) -> Formula:
    """function: of so many 0-d float64 tensors, gives 0-d tensors. Raises UnknownOperation for what no formula has."""
    graph = make_fx(function)(*(torch.tensor(0.5 / (k + 1), dtype=torch.float64) for k in range(inputs)))
    graph.graph.eliminate_dead_code()
    steps: list[Step] = []
    known: dict[fx.Node, Any] = {}

    def place_of(argument: object) -> Any:  # noqa: ANN401 # a place, a number, or a list of such
        if isinstance(argument, fx.Node):
            return known[argument]
        if isinstance(argument, list | tuple):
            return [place_of(item) for item in argument]
        return argument if argument is None else float(argument)  # type: ignore[arg-type]

    outputs: list[Operand] = []
    for node in graph.graph.nodes:
        if node.op == "placeholder":
            known[node] = str(len(known))
        elif node.op == "get_attr":
            constant = getattr(graph, str(node.target))
            known[node] = [float(item) for item in constant] if constant.ndim else float(constant)
        elif node.op == "output":
            outputs = place_of(node.args[0])
        else:
            known[node] = _applied(node, place_of, steps, inputs)
    return {"inputs": inputs, "steps": steps, "outputs": outputs}


def _applied(node: fx.Node, place_of: Callable[[object], Any], steps: list[Step], inputs: int) -> Any:  # noqa: ANN401 # see place_of
    name = str(node.target).removeprefix("aten.").partition(".")[0]
    operands = [place_of(argument) for argument in node.args]
    if name in SAME:
        return operands[0]
    if name in CONSTANT:
        return CONSTANT[name]
    if name in ("cat", "stack"):
        return [item[0] if isinstance(item, list) else item for item in operands[0]]
    if name == "index":
        return operands[0][int(operands[1][0])]
    if name == "select":
        return operands[0][int(operands[2])]
    if name == "clamp" and node.kwargs.get("min") is not None:
        operands = [operands[0], place_of(node.kwargs["min"])]
    if name not in OPERATIONS or (name == "clamp" and len(operands) > 2):
        raise UnknownOperation(f"no formula has the operation {node.target}")

    def step(own: list[Operand]) -> Operand:
        steps.append((OPERATIONS[name], own))
        return str(inputs + len(steps) - 1)

    length = max((len(operand) for operand in operands if isinstance(operand, list)), default=0)
    if not length:
        return step(operands)
    return [step([operand[k] if isinstance(operand, list) else operand for operand in operands]) for k in range(length)]


@cache
def formulas() -> dict[str, Formula]:
    """ddpm, ddim: from alpha_bar at t and at t_prev, and eta, the coefficients of a step (tables.Coefficients without
    its timesteps). evenly: the k-th of `steps` timesteps, of (T, steps, k). guided: what the guesses with and without
    label count, of the guidance. mixture: from alpha_bar at t, what x_0 and eps count in x_t.
    """

    def step(sampler: str) -> Callable[[Tensor, Tensor, Tensor], list[Tensor]]:
        def of(a_t: Tensor, a_prev: Tensor, eta: Tensor) -> list[Tensor]:
            return coefficients(_moment(a_t, a_prev), 1, 0, sampler, eta)

        return of

    def mixture(a_t: Tensor) -> list[Tensor]:
        moment = _moment(a_t, a_t)
        return [moment.signal[1], moment.noise[1]]

    return {
        "mixture": traced_formula(mixture, 1),
        "ddpm": traced_formula(step("ddpm"), 3),
        "ddim": traced_formula(step("ddim"), 3),
        "evenly": traced_formula(lambda T, steps, k: [evenly(T, steps, k)], 3),
        "guided": _linear(guided_shares),
    }


def _moment(a_t: Tensor, a_prev: Tensor) -> NoiseSchedule:
    """A schedule of one step with these alpha_bar."""
    moment = NoiseSchedule(T=1)
    vars(moment)["alpha_bar"] = torch.stack([a_prev, a_t])  # in place of what it would compute
    return moment


def _linear(function: Callable[[float], Sequence[float]]) -> Formula:
    """A function that is linear in its number, by its answers to 2 and 3."""
    steps: list[Step] = []
    outputs: list[Operand] = []
    for two, three in zip(function(2.0), function(3.0)):
        slope = three - two
        steps += [("multiply", ["0", slope]), ("add", [str(len(steps) + 1), two - 2 * slope])]
        outputs.append(str(len(steps)))
    return {"inputs": 1, "steps": steps, "outputs": outputs}
