"""What a training descends: which t are drawn, and what the error of a guess counts at each of them."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.sampling import Network
from explorer.core.schedule import NoiseSchedule

WEIGHTINGS = ("eps", "v")
TIMES = ("all", "only T", "only small t")  # which t are trained, see draw_t
SMALL_SHARE = 10  # the small t are the first tenth
SMALLEST_ALPHA_BAR = 1e-5  # bounds the weights of "v": some schedules end at alpha_bar = 0


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
