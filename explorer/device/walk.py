"""From torch's operations to those of the device.

What only looks at numbers in another way (view, transpose, split, expand ...) is no operation here: torch applies it to
a tensor without memory, whose strides then say where the numbers lie. For everything else there is a rule by its ATen
name in rules.py. An operation without a rule fails the export, with its name.
"""

from __future__ import annotations

import math
import operator

import torch
from torch import Tensor
from torch.fx import Node
from torch.fx.node import map_arg
from torch.utils import _pytree as pytree

from explorer.device.convolution_rules import CONVOLUTION_RULES
from explorer.device.layer_rules import LAYER_RULES
from explorer.device.lowering import Argument, Lowered, Result, UnknownOperation
from explorer.device.operations import FOURS, Buffer, Kind, Operation, Value, dense
from explorer.device.rules import RULES
from explorer.device.trace import Traced

ALL_RULES = RULES | CONVOLUTION_RULES | LAYER_RULES
# looks at memory, by torch itself
VIEWS = {
    "aten.view.default",
    "aten._unsafe_view.default",
    "aten.reshape.default",
    "aten.t.default",
    "aten.transpose.int",
    "aten.permute.default",
    "aten.expand.default",
    "aten.unsqueeze.default",
    "aten.squeeze.dim",
    "aten.select.int",
    "aten.slice.Tensor",
    "aten.split.Tensor",
    "aten.split_with_sizes.default",
    "aten.unbind.int",
}
RESHAPES = {"aten.view.default", "aten._unsafe_view.default", "aten.reshape.default"}
# nothing happens: a traced graph changes no tensor, so a copy may be the same memory
SAME = {
    "aten.clone.default",
    "aten.detach.default",
    "aten.alias.default",
    "aten.contiguous.default",
    "aten.lift_fresh_copy.default",
}


def lowered(traced: Traced) -> Lowered:
    """Raises UnknownOperation for an operation that the device does not have."""
    done, known = Lowered(), dict[Node, Result]()
    nodes = list(traced.graph.graph.nodes)
    placeholders = [node for node in nodes if node.op == "placeholder"]
    for node, name in zip(placeholders, (*traced.constants, *traced.inputs), strict=True):
        shape = tuple(node.meta["val"].shape)
        buffer = Buffer(math.prod(shape) // (FOURS if name in traced.as_bytes else 1), name)
        if name in traced.constants:
            done.constants[name], done.numbers[name] = buffer, traced.constants[name]
        else:
            done.inputs[name] = buffer
        known[node] = Value(buffer, dense(shape, channels_last=False))
    fixed = _without_inputs(traced)
    for node in nodes:
        if node in fixed:
            if any(user not in fixed for user in node.users):
                known[node] = _constant(done, node.name, fixed[node])
        elif node.op == "call_function":
            args = [_argument(known, part) for part in node.args]
            kwargs = {name: _argument(known, part) for name, part in node.kwargs.items()}
            known[node] = _result(done, node, args, kwargs)
        elif node.op == "output":
            given = [known[each] for each in pytree.tree_leaves(node.args) if isinstance(each, Node)]
            for name, value in zip(traced.outputs, given, strict=True):
                assert isinstance(value, Value)
                _put_out(done, name, value, summed=name in traced.summed)
        elif node.op != "placeholder":
            raise UnknownOperation(f"the device cannot compute {node.op} {node.target}")
    return done


def _without_inputs(traced: Traced) -> dict[Node, Tensor]:
    """What does not depend on anything, like a schedule's tables, as torch computes it, in its own precision."""
    fixed: dict[Node, Tensor] = {}
    for node in traced.graph.graph.nodes:
        if node.op == "get_attr":
            fixed[node] = getattr(traced.graph, str(node.target))
        elif node.op == "call_function" and all(each in fixed for each in node.all_input_nodes):
            assert callable(node.target)
            args, kwargs = map_arg((node.args, node.kwargs), fixed.__getitem__)
            fixed[node] = node.target(*args, **kwargs)
    return fixed


def _constant(done: Lowered, name: str, tensor: Tensor) -> Value:
    """A tensor that the code has of itself."""
    done.constants[name], done.numbers[name] = Buffer(tensor.numel(), name), tensor
    return Value(done.constants[name], dense(tuple(tensor.shape), channels_last=False))


def _put_out(done: Lowered, name: str, value: Value, *, summed: bool) -> None:
    """To the place of the output; all reading of inputs comes before."""
    to = done.inputs.get(name, Buffer(math.prod(value.shape), name))
    done.outputs[name] = to
    place = Value(to, dense(value.shape, channels_last=False))
    if summed:
        done.setup.add(Operation.ZERO, [place.place, to.floats], to)
        done.program.elementwise(Kind.ADD, place, place, value)
    else:
        done.program.copy(place, value)


def _argument(known: dict[Node, Result], given: object) -> Argument:
    """What stands in the graph for a value, as the value."""
    if isinstance(given, Node):
        return known[given]
    if isinstance(given, list | tuple):
        return [_argument(known, each) for each in given]
    assert given is None or isinstance(
        given, int | float | bool | str | torch.dtype | torch.memory_format | torch.device
    ), given
    return given


def _result(done: Lowered, node: Node, args: list[Argument], kwargs: dict[str, Argument]) -> Result:
    source = args[0]
    if node.target is operator.getitem:
        assert isinstance(source, tuple) and isinstance(args[1], int)
        return source[args[1]]
    name = str(node.target)
    if name in SAME:
        assert isinstance(source, Value)
        return source
    if name in VIEWS:
        assert isinstance(source, Value)
        return _view(done, node, source, args[1:])
    if name not in ALL_RULES:
        raise UnknownOperation(f"the device cannot compute {name}")
    return ALL_RULES[name](done, *args, **kwargs)


def _view(done: Lowered, node: Node, source: Value, how: list[Argument]) -> Result:
    """The same memory, looked at in another way; copied where its numbers lie too far apart for that."""
    assert callable(node.target)
    try:
        looked = node.target(source.like, *how)
    except RuntimeError:
        if str(node.target) not in RESHAPES:
            raise
        source = done.by_rows(source)
        looked = node.target(source.like, *how)
    if isinstance(looked, Tensor):
        return Value(source.buffer, looked)
    return tuple(Value(source.buffer, each) for each in looked)
