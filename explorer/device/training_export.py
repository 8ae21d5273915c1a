"""A training as a file that the viewer's device can carry out.

    8 bytes   FORMAT
    4 bytes   length of the whole file
    4 bytes   length of the JSON, which is filled up with blanks to a multiple of 4
    JSON      what `TrainingHead` says
    gradient  a file as packing.py describes it: the gradients of a part of a batch
    update    another: what the gradient of the whole batch does to the weights

All little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypedDict

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.core.schedule import NoiseSchedule
from explorer.core.training import (
    TrainingRun,
    TrainingSettings,
    average_decay,
    fit_linear_guess,
    initial_network,
    learning_rate,
)
from explorer.core.unet import UNetConfig
from explorer.device.packing import head_text, packed
from explorer.device.plan import plan
from explorer.device.trace import Traced
from explorer.device.training_trace import Draw, states_of, traced_gradient, traced_update
from explorer.device.walk import lowered

FORMAT = b"ddpm-tr1"
MOST_PICTURES = 8  # of one gradient: more fall out of a processor's cache
HELD_GRAPHS = 8  # 0.3 MB each
FALL_STEPS = 1000  # between the numbers of `fall` the curve is as good as straight


class Filling(TypedDict):
    """What a weight is filled with before the first step. kind: "uniform" (from a to b), "normal" (mean a, deviation b)
    or "constant" (a). A weight may be filled again; random numbers are drawn each time.
    """

    weight: str
    kind: str
    a: float
    b: float


class TrainingHead(TypedDict):
    """weights: by their names, their shapes, in the order in which they lie in memory, like the gradients; fitted: so
    what is fitted to pictures before the first step; states: and the optimizers' states, which begin with 0. filling:
    how the weights begin, by a generator with the training's seed. draws: what another generator with that seed is
    asked for in each step, after the pictures' numbers. batch: pictures of a step; pictures: of one gradient.

    rise, fall: the learning rate at the first steps, from which on it stays, and what it is multiplied by as the budget
    is spent. decays: of the averaged weights, at the first steps. gradient, update: bytes.
    """

    weights: dict[str, list[int]]
    fitted: dict[str, list[int]]
    states: dict[str, list[int]]
    filling: list[Filling]
    draws: list[Draw]
    batch: int
    pictures: int
    rise: list[float]
    fall: list[float]
    decays: list[float]
    gradient: int
    update: int


@dataclass(frozen=True)
class TrainingParts:
    """What a file is made of; the parts of several trainings are partly the same. In `head`, gradient and update have
    no length yet.
    """

    head: TrainingHead
    gradient: bytes
    update: bytes


def export_training(config: UNetConfig, schedule: NoiseSchedule, settings: TrainingSettings) -> bytes:
    """The file, which is the same for every seed and any pictures; it takes some seconds. Raises UnknownOperation for a
    training that needs what the device does not have.
    """
    parts = training_parts(config, schedule, settings)
    head: TrainingHead = {**parts.head, "gradient": len(parts.gradient), "update": len(parts.update)}
    text = head_text(head)
    body = text + parts.gradient + parts.update
    return FORMAT + struct.pack("<II", 16 + len(body), len(text)) + body


def training_parts(
    config: UNetConfig, schedule: NoiseSchedule, settings: TrainingSettings, update: bytes = b""
) -> TrainingParts:
    """The parts of the file; errors as there. update: that of another training of this config, where there is one."""
    run = TrainingRun(config, schedule, settings)
    pictures = min(MOST_PICTURES, settings.batch)
    # what the graphs do not depend on: experiments with these share them
    usual = replace(settings, batch=pictures, seed=0, learning_rate=TrainingSettings.learning_rate)
    gradient, draws = _gradient(config, schedule, usual)
    weights = dict(run.network.named_parameters())
    fitted = {name: value for name, value in run.network.state_dict().items() if name not in weights}
    head: TrainingHead = {
        "weights": _shapes(weights),
        "fitted": _shapes(fitted),
        "states": _shapes(states_of(run)),
        "filling": filling(config, schedule),
        "draws": draws,
        "batch": settings.batch,
        "pictures": pictures,
        "rise": [learning_rate(settings, step, 0) for step in range(max(1, settings.warmup))],
        "fall": fall(settings),
        "decays": decays(settings),
        "gradient": 0,
        "update": 0,
    }
    return TrainingParts(head, gradient, update or _update(config, schedule, usual))


@lru_cache(maxsize=HELD_GRAPHS)
def _gradient(config: UNetConfig, schedule: NoiseSchedule, settings: TrainingSettings) -> tuple[bytes, list[Draw]]:
    """The file, and what is drawn, for settings.batch pictures; most of its seconds are torch's tracing."""
    gradient, draws = traced_gradient(TrainingRun(config, schedule, settings), settings.batch)
    return _file(gradient, settings.batch, schedule.T), draws


@lru_cache(maxsize=HELD_GRAPHS)
def _update(config: UNetConfig, schedule: NoiseSchedule, settings: TrainingSettings) -> bytes:
    """The file."""
    return _file(traced_update(TrainingRun(config, schedule, settings)), settings.batch, schedule.T)


def fitted(config: UNetConfig, schedule: NoiseSchedule, x_0: Tensor, label: Tensor) -> bytes:
    """What is fitted to pictures before the first step, as float32, in the order of `TrainingHead.fitted`; x_0
    (N, 1, 28, 28), label (N,), N >= 1. The same for every seed.
    """
    run = TrainingRun(config, schedule, TrainingSettings())
    fit_linear_guess(run, x_0, label)
    weights = dict(run.network.named_parameters())
    numbers = [value.float().contiguous() for name, value in run.network.state_dict().items() if name not in weights]
    return b"".join(value.numpy().tobytes() for value in numbers)


def _file(traced: Traced, pictures: int, T: int) -> bytes:
    steps = lowered(traced)
    return packed(steps, frozenset(), plan(steps), rows=pictures, T=T, dtype="f32")


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in tensors.items()}


def fall(settings: TrainingSettings) -> list[float]:
    """The share of the learning rate that is left, from the budget's beginning to its end."""
    rates = [learning_rate(settings, settings.warmup, k / FALL_STEPS) for k in range(FALL_STEPS + 1)]
    return [rate / rates[0] if rates[0] else 1.0 for rate in rates]


def decays(settings: TrainingSettings) -> list[float]:
    """Of the averaged weights, step by step until it stays as it is."""
    found = [average_decay(settings, 0)]
    while found[-1] < settings.ema:
        found.append(average_decay(settings, len(found)))
    return found


class _Filling(TorchDispatchMode):
    """Notes down what tensors are filled with."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[Tensor, str, float, float]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def] # as torch has it
        name, rest = str(func), [float(value) for value in args[1:] if isinstance(value, int | float)]
        if name == "aten.uniform_.default":
            self.found.append((args[0], "uniform", *(rest or [0.0, 1.0])))
        elif name == "aten.normal_.default":
            self.found.append((args[0], "normal", *(rest or [0.0, 1.0])))
        elif name in ("aten.fill_.Scalar", "aten.zero_.default"):
            self.found.append((args[0], "constant", *(rest or [0.0]), 0.0))
        return func(*args, **(kwargs or {}))


def filling(config: UNetConfig, schedule: NoiseSchedule) -> list[Filling]:
    """How the weights of `initial_network` come about; what is no weight is left out."""
    with _Filling() as noted:
        network = initial_network(config, schedule, 0)
    names = {weight.data_ptr(): name for name, weight in network.named_parameters()}
    found = [(names.get(tensor.data_ptr()), kind, a, b) for tensor, kind, a, b in noted.found]
    return [{"weight": name, "kind": kind, "a": a, "b": b} for name, kind, a, b in found if name]
