"""Learning to guess the noise: the DDPM paper's algorithm 1 as a generator.

repeat                                              train()
  x_0 ~ q(x_0)                                        a random batch of digits
  t ~ Uniform({1, ..., T})                            draw_t(): T itself is trained too
  eps ~ N(0, I)
  descend the gradient of                             squared_errors(), weighted by loss_weight()
    || eps - eps_theta(sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, t) ||^2
until converged                                     until the caller closes the generator, or the budget is spent
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from explorer.core.devices import CPU, on_device
from explorer.core.muon import Muon, convolutions
from explorer.core.objective import TIMES, WEIGHTINGS, draw_t, loss_weight, squared_errors
from explorer.core.precision import mixed_precision
from explorer.core.sampling import IMAGE_SHAPE, NULL_LABEL, Network
from explorer.core.schedule import NoiseSchedule
from explorer.core.sentences import Sentence
from explorer.core.unet import UNet, UNetConfig

MUON_RATE = 2.0  # times the learning rate of Adam


class TrainingDiverged(ArithmeticError):
    """The loss is no longer a finite number. The run still holds its last good averaged weights."""


@dataclass(frozen=True)
class TrainingSettings:
    """How to train. The defaults are the Train tab's: they aim at digits within a minute on two cores."""

    batch: int = 64  # images a step; smaller means more steps a second, larger means steadier ones
    learning_rate: float = 3e-3  # at its highest
    warmup: int = 50  # steps over which the rate rises from 0, so that the first gradients do no harm
    final_rate: float = 0.02  # the share of learning_rate left at the end of the budget (cosine decay)
    ema: float = 0.995  # decay a step of the averaged weights, which are the ones that draw
    weighting: str = "v"  # how much the errors at each t count, see loss_weight
    middle: float = 0.6  # the share of the t that come from the middle of the schedule, see draw_t
    times: str = "all"  # which t are trained, one of TIMES
    label_dropout: float = 0.1  # share of labels replaced by "any digit", so that one network learns both
    clip_gradient: float = 1.0  # longest gradient allowed (2-norm)
    seed: int = 0  # fixes the initial weights, the batches, t and eps

    def __post_init__(self) -> None:
        if self.weighting not in WEIGHTINGS:
            raise ValueError(f"unknown weighting {self.weighting!r}: choose one of {', '.join(WEIGHTINGS)}")
        if self.times not in TIMES:
            raise ValueError(f"unknown times {self.times!r}: choose one of {', '.join(TIMES)}")
        values = asdict(self)
        for name, low, high in (
            ("batch", 1, 4096),
            ("learning_rate", 0.0, 1.0),
            ("warmup", 0, 100_000),
            ("final_rate", 0.0, 1.0),
            ("ema", 0.0, 0.99999),
            ("middle", 0.0, 1.0),
            ("label_dropout", 0.0, 1.0),
            ("clip_gradient", 1e-6, 1e6),
            ("seed", 0, 2**63 - 1),
        ):
            value = values[name]
            whole = isinstance(low, int)
            if not (isinstance(value, int if whole else int | float) and math.isfinite(value) and low <= value <= high):
                raise ValueError(f"{name} must lie in {low}..{high}, not {value!r}")


@dataclass(frozen=True)
class TrainStep:
    """What one optimizer step did.

    loss: MSE between eps and eps_hat over the batch, unweighted (guessing zero costs 1). t, errors: (batch,), each
    image's timestep and its part of the loss. seconds: training time so far.
    """

    step: int
    images_seen: int
    seconds: float
    loss: float
    t: Tensor
    errors: Tensor
    learning_rate: float
    progress: float  # 0..1, the share of the budget that is spent


def initial_network(config: UNetConfig, schedule: NoiseSchedule, seed: int) -> UNet:
    """A network with random weights, which depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return UNet(config, schedule)


class TrainingRun:
    """Everything that training changes: the network, its averaged copy, the optimizers, the random generator, the
    counts.

    `train` advances it; closing that generator stops, and calling `train` again goes on where it stopped. The initial
    weights depend on the seed alone.
    """

    def __init__(
        self, config: UNetConfig, schedule: NoiseSchedule, settings: TrainingSettings, device: torch.device = CPU
    ) -> None:
        self.schedule, self.settings, self.device = schedule, settings, device
        network = initial_network(config, schedule, settings.seed)
        self.network: UNet = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).eval().requires_grad_(requires_grad=False)
        matrices = convolutions(self.network)
        taken = {id(weight) for weight in matrices}
        others = [p for p in self.network.parameters() if id(p) not in taken]
        self.optimizers: tuple[torch.optim.Optimizer, ...] = (
            Muon([{"params": matrices, "factor": MUON_RATE}], settings.learning_rate),
            torch.optim.Adam([{"params": others, "factor": 1.0}], settings.learning_rate, betas=(0.9, 0.99)),
        )
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.step = 0
        self.seconds = 0.0

    @property
    def images_seen(self) -> int:
        """How many images it has learnt from, repetitions counted."""
        return self.step * self.settings.batch

    def state_dict(self) -> dict[str, Any]:
        """All of the above as tensors and numbers, for torch.save; `load_state_dict` continues exactly there."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "generator": self.generator.get_state(),
            "step": self.step,
            "seconds": self.seconds,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken. Raises KeyError or RuntimeError for the state of another kind of run."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.generator.set_state(state["generator"])
        self.step, self.seconds = state["step"], state["seconds"]


class Drawn(NamedTuple):
    """What is drawn for each picture of a batch: t and label (B,) int64, eps (B, 1, 28, 28)."""

    t: Tensor
    eps: Tensor
    label: Tensor


def draw(schedule: NoiseSchedule, settings: TrainingSettings, label: Tensor, generator: torch.Generator) -> Drawn:
    """t by `draw_t`, eps ~ N(0, I), and the pictures' labels (B,), some of which become "any digit"."""
    t = draw_t(schedule, len(label), generator, settings.middle, settings.times)
    eps = torch.randn((len(label), *IMAGE_SHAPE), generator=generator)
    dropped = torch.rand(len(label), generator=generator) < settings.label_dropout
    return Drawn(t, eps, label.masked_fill(dropped, NULL_LABEL))


def weighted_errors(
    network: Network, schedule: NoiseSchedule, settings: TrainingSettings, x_0: Tensor, drawn: Drawn
) -> tuple[Tensor, Tensor]:
    """(B,) each: the squared errors, and what they count; the mean of these is what a step descends."""
    errors = squared_errors(network, schedule, x_0, drawn.label, drawn.t, drawn.eps)
    return errors, errors * loss_weight(schedule, drawn.t, settings.weighting)


def learning_rate(settings: TrainingSettings, step: int, progress: float) -> float:
    """The rate at this step: a linear rise over `warmup` steps, times half a cosine down to `final_rate` at
    progress 1.
    """
    rise = min(1.0, (step + 1) / max(1, settings.warmup))
    fall = settings.final_rate + (1 - settings.final_rate) * (1 + math.cos(math.pi * min(1.0, progress))) / 2
    return settings.learning_rate * rise * fall


def average_decay(settings: TrainingSettings, step: int) -> float:
    """What a step leaves of the averaged weights; early on less, so as to forget the random start."""
    return min(settings.ema, (1 + step) / (10 + step))


def clip_gradient(run: TrainingRun) -> Tensor:
    """Shorten the gradient where it is too long; returns how long it was, a 0-d tensor."""
    return torch.nn.utils.clip_grad_norm_(run.network.parameters(), run.settings.clip_gradient)


@torch.no_grad()
def descend(run: TrainingRun, rate: float | Tensor, decay: float | Tensor) -> None:
    """Move the weights along their gradients, and the averaged ones towards them. rate, decay: of this step, as numbers
    or 0-d tensors.
    """
    for group in [group for optimizer in run.optimizers for group in optimizer.param_groups]:
        group["lr"] = rate * group["factor"]
    for optimizer in run.optimizers:
        optimizer.step()
    for average, weight in zip(run.average.parameters(), run.network.parameters()):
        average.lerp_(weight, 1 - decay)


def train(
    run: TrainingRun, x_0: Tensor, label: Tensor, *, seconds: float | None = None, steps: int | None = None
) -> Iterator[TrainStep]:
    """Algorithm 1, one yield a step, until the run has used `seconds` of training time or `steps` steps (either, not
    both).

    x_0: (N, 1, 28, 28) float32 in [-1, 1]; label: (N,) int64 in 0..9. Time spent by the caller between yields does not
    count. The same seed and `steps` give the same weights on the same machine; with `seconds`, the rate follows the
    clock, so the weights depend on the machine's speed. Raises ValueError for an empty data set or no budget, and
    TrainingDiverged when the loss is not finite (run.average is then still as it was before).
    """
    budget = steps if seconds is None else seconds
    if budget is None or None not in (seconds, steps) or not (math.isfinite(budget) and budget > 0):
        raise ValueError("give a budget above 0: either seconds or steps")
    if len(x_0) == 0 or len(x_0) != len(label):
        raise ValueError("training needs at least one image, and a label for each")
    settings, schedule, generator = run.settings, run.schedule, run.generator

    def progress() -> float:
        return (run.step if seconds is None else run.seconds) / budget

    if run.step == 0:
        run.seconds += fit_linear_guess(run, x_0, label)
    while run.step == 0 or progress() < 1:  # a fresh run learns one step at least: the guess may use up a short budget
        began = time.perf_counter()
        rate = learning_rate(settings, run.step, min(1.0, progress()))
        # x_0 ~ q(x_0), and what is drawn for each picture
        rows = torch.randint(len(x_0), (settings.batch,), generator=generator)
        drawn = draw(schedule, settings, label[rows], generator)

        run.network.train()
        with mixed_precision(run.device):
            network = on_device(run.network, run.device)
            errors, weighted = weighted_errors(network, schedule, settings, x_0[rows], drawn)
        loss = weighted.mean()
        errors = errors.detach()
        value = errors.mean().item()
        learn(run, loss, value, rate)
        run.seconds += time.perf_counter() - began
        yield TrainStep(run.step, run.images_seen, run.seconds, value, drawn.t, errors, rate, min(1.0, progress()))


def learn(run: TrainingRun, loss: Tensor, value: float, rate: float) -> None:
    """One step down the gradient of `loss`, a 0-d tensor that run.network has made; value: what is told of it.

    Raises TrainingDiverged where that or the gradient is not finite: nothing broken may reach the weights.
    """
    run.network.zero_grad(set_to_none=True)
    loss.backward()
    length = clip_gradient(run)
    if not (math.isfinite(value) and math.isfinite(length.item())):
        raise TrainingDiverged(diverged(str(value), run.step + 1))
    descend(run, rate, average_decay(run.settings, run.step))
    run.step += 1


def diverged(loss: str, step: int) -> Sentence:
    """What is told of a training whose loss is no number any more."""
    return Sentence("the loss became {0} at step {1}: try a lower learning rate", loss, step)


def fit_linear_guess(run: TrainingRun, x_0: Tensor, label: Tensor) -> float:
    """Give the network the closed form of the best linear guess of these pictures, if it is one that corrects it.
    Returns the seconds that took.
    """
    began = time.perf_counter()
    if run.network.guess is not None and run.average.guess is not None:
        fitted = copy.deepcopy(run.network.guess).to(CPU)  # in float64, which not every device has
        fitted.fit(x_0, label)
        run.network.guess.load_state_dict(fitted.state_dict())
        run.average.guess.load_state_dict(fitted.state_dict())
    return time.perf_counter() - began
