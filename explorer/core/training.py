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
from typing import Any

import torch
from torch import Tensor

from explorer.core.devices import CPU, on_device
from explorer.core.muon import Muon, convolutions
from explorer.core.precision import mixed_precision
from explorer.core.sampling import NULL_LABEL, Network
from explorer.core.schedule import NoiseSchedule
from explorer.core.sentences import Sentence
from explorer.core.unet import UNet, UNetConfig

MUON_RATE = 2.0  # times the learning rate of Adam
WEIGHTINGS = ("eps", "v")
TIMES = ("all", "only T", "only small t")  # which t are trained, see draw_t
SMALL_SHARE = 10  # the small t are the first tenth
SMALLEST_ALPHA_BAR = 1e-5  # bounds the weights of "v": some schedules end at alpha_bar = 0


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
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            network = UNet(config, schedule)
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


def squared_errors(
    network: Network, schedule: NoiseSchedule, x_0: Tensor, label: Tensor, t: Tensor, eps: Tensor
) -> Tensor:
    """(B,) float32: the mean of (eps - eps_hat(x_t, t))^2 over the pixels of each image.

    x_0, eps: (B, 1, 28, 28); t: (B,) int64 in 1..T; label: (B,) int64 in 0..10.
    """
    x_t = schedule.q_sample(x_0, t, eps)
    eps_hat = network(x_t, t.to(x_t.device), label)
    return (eps - eps_hat.float()).square().mean(dim=(1, 2, 3))


def ddpm_loss(network: Network, schedule: NoiseSchedule, x_0: Tensor, label: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """The mean of `squared_errors` over the batch, a 0-d float32 tensor: DDPM, equation 14, the "simple" objective.

    A network that always answers 0 scores 1 on average, since eps has variance 1.
    """
    return squared_errors(network, schedule, x_0, label, t, eps).mean()


def loss_weight(schedule: NoiseSchedule, t: Tensor, weighting: str) -> Tensor:
    """(B,) float32: what the squared error of the guess counts at each t, (B,) int64 in 1..T.

    "eps" counts every t alike (DDPM, equation 14). "v" divides by alpha_bar_t: near t = T the noise is easy to guess,
    since x_t is almost nothing else, and yet those small errors decide which digit it will be. The sum is then the
    squared error of v = sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x_0 (Salimans and Ho 2022, arXiv:2202.00512, section
    4).
    """
    if weighting == "eps":
        return torch.ones(len(t))
    return (1 / schedule.alpha_bar[t].clamp(min=SMALLEST_ALPHA_BAR)).float()


def draw_t(
    schedule: NoiseSchedule, count: int, generator: torch.Generator, middle: float = 0.0, times: str = "all"
) -> Tensor:
    """(count,) int64 in 1..T, uniform (DDPM, algorithm 1), but for a share `middle` of them: uniform where 0.05 <
    alpha_bar_t < 0.8. times: "only T" for T alone, which is all that a single leap needs; "only small t" for a uniform
    t in the first tenth; with both there is no middle.

    There (linear, T = 1000: 146 to 542) the strokes take their shape, and a picture may still turn into another digit
    than the one asked for: of real digits that are noised up to t and denoised, hardly any is lost from t = 200, and no
    more from t = 800 than from t = 500 (the table is in weights/README.md).
    """
    first, last = {"only T": (schedule.T, schedule.T), "only small t": (1, max(1, schedule.T // SMALL_SHARE))}.get(
        times, (1, schedule.T)
    )
    t = torch.randint(first, last + 1, (count,), generator=generator)
    if middle == 0 or times != "all":
        return t
    where = ((schedule.alpha_bar > 0.05) & (schedule.alpha_bar < 0.8)).nonzero().squeeze(1)
    if len(where) == 0:
        return t
    chosen = torch.rand(count, generator=generator) < middle
    return torch.where(chosen, where[torch.randint(len(where), (count,), generator=generator)], t)


def learning_rate(settings: TrainingSettings, step: int, progress: float) -> float:
    """The rate at this step: a linear rise over `warmup` steps, times half a cosine down to `final_rate` at
    progress 1.
    """
    rise = min(1.0, (step + 1) / max(1, settings.warmup))
    fall = settings.final_rate + (1 - settings.final_rate) * (1 + math.cos(math.pi * min(1.0, progress))) / 2
    return settings.learning_rate * rise * fall


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
        run.seconds += _fit_linear_guess(run, x_0, label)
    while run.step == 0 or progress() < 1:  # a fresh run learns one step at least: the guess may use up a short budget
        began = time.perf_counter()
        rate = learning_rate(settings, run.step, min(1.0, progress()))
        for group in [group for optimizer in run.optimizers for group in optimizer.param_groups]:
            group["lr"] = rate * group["factor"]

        # x_0 ~ q(x_0), t by draw_t, eps ~ N(0, I); some labels become "any digit"
        rows = torch.randint(len(x_0), (settings.batch,), generator=generator)
        t = draw_t(schedule, settings.batch, generator, settings.middle, settings.times)
        batch = x_0[rows]
        eps = torch.randn(batch.shape, generator=generator)
        dropped = torch.rand(settings.batch, generator=generator) < settings.label_dropout
        batch_label = label[rows].masked_fill(dropped, NULL_LABEL)

        run.network.train()
        with mixed_precision(run.device):
            errors = squared_errors(on_device(run.network, run.device), schedule, batch, batch_label, t, eps)
        loss = (errors * loss_weight(schedule, t, settings.weighting)).mean()
        # descend the gradient, unless it has broken: nothing broken may reach the weights
        run.network.zero_grad(set_to_none=True)
        loss.backward()
        length = torch.nn.utils.clip_grad_norm_(run.network.parameters(), settings.clip_gradient)
        errors = errors.detach()
        value = errors.mean().item()
        if not (math.isfinite(value) and math.isfinite(length.item())):
            raise TrainingDiverged(
                Sentence("the loss became {0} at step {1}: try a lower learning rate", str(value), run.step + 1)
            )
        for optimizer in run.optimizers:
            optimizer.step()
        follow(run)

        run.step += 1
        run.seconds += time.perf_counter() - began
        yield TrainStep(run.step, run.images_seen, run.seconds, value, t, errors, rate, min(1.0, progress()))


def _fit_linear_guess(run: TrainingRun, x_0: Tensor, label: Tensor) -> float:
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


@torch.no_grad()
def follow(run: TrainingRun) -> None:
    """Move the averaged weights towards the new ones; early on with a shorter memory, so as to forget the
    random start.
    """
    decay = min(run.settings.ema, (1 + run.step) / (10 + run.step))
    torch._foreach_lerp_(list(run.average.parameters()), list(run.network.parameters()), 1 - decay)
