"""Walking back from noise to a digit.

One pure step (`ddpm_step`, `ddim_step`, noise injected), and one generator over it (`samples`) that yields every
`Step`, so that the caller can drain it for the last picture or animate all of them. The variables are the papers':

    code      DDPM (arXiv:2006.11239)                     DDIM (arXiv:2010.02502, whose alpha is DDPM's alpha_bar)
    eps_hat   eps_theta(x_t, t)                           eps_theta(x_t)
    x0_hat    x_0 solved from equation 4 by eps_hat       f_theta(x_t), equation 9
    x_prev    x_{t-1}, algorithm 2                        x_{t-1}, equation 12
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.core.schedule import NoiseSchedule

IMAGE_SHAPE = (1, 28, 28)  # channels, height, width
NULL_LABEL = 10  # the class that stands for "any digit": what the network sees when a label is dropped
SAMPLERS = ("ddpm", "ddim")
SPACINGS = ("trailing", "quadratic")

Network = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(x_t (B, 1, 28, 28), t (B,) int64 in 1..T, label (B,) int64 in 0..10) -> eps_hat (B, 1, 28, 28)."""


@dataclass(frozen=True)
class Step:
    """One step of the reverse process, from x_t to x_prev.

    t, t_prev: the two timesteps, 0 <= t_prev < t <= T (ints from `samples`; (B,) tensors where each row has its own).
    x_t, x_prev: (B, 1, 28, 28), before and after. eps_hat: the network's guess of all the noise in x_t. x0_hat: the
    clean image that this guess implies, clipped to [-1, 1] where clipping is on (eps_hat is then the one that belongs
    to it).
    """

    t: int | Tensor
    t_prev: int | Tensor
    x_t: Tensor
    eps_hat: Tensor
    x0_hat: Tensor
    x_prev: Tensor


def timesteps(T: int, steps: int, spacing: str = "trailing") -> list[int]:
    """The `steps` timesteps to visit, from T downwards; after the last one the walk ends at t = 0, which is not listed.

    spacing: "trailing" spreads them evenly, `timesteps(1000, 4) == [1000, 750, 500, 250]`; "quadratic" makes the steps
    shorter as the picture becomes clean (DDIM, appendix D.2), `[1000, 562, 250, 62]`. The first is always T: a walk
    that starts half-way, from an x_t, takes its t for T. Raises ValueError unless 1 <= steps <= T, and for another
    spacing.
    """
    if spacing not in SPACINGS:
        raise ValueError(f"unknown spacing {spacing!r}: choose one of {', '.join(SPACINGS)}")
    if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= T:
        raise ValueError(f"steps must be a whole number from 1 to {T}, not {steps!r}")
    if spacing == "quadratic":  # near 0, where squares would be the same whole number, one by one
        return [max(round(T * (j / steps) ** 2), j) for j in range(steps, 0, -1)]
    return evenly(T, steps, torch.arange(steps, dtype=torch.float64)).int().tolist()


def evenly(T: int | Tensor, steps: int | Tensor, k: Tensor) -> Tensor:
    """The k-th, counted from 0, of `steps` timesteps that fall evenly from T; k and what is returned: float64."""
    return (T * (steps - k) / steps).round()


def pairs(visited: Sequence[int]) -> list[tuple[int, int]]:
    """(t, t_prev) for each visited timestep, the last one going to 0. Raises ValueError unless they fall strictly to >=
    1.
    """
    path = [*visited, 0]
    if not visited or any(t <= t_prev for t, t_prev in zip(path, path[1:])):
        raise ValueError("timesteps must fall strictly and end above 0")
    return list(zip(path, path[1:]))


def clip_x_0(schedule: NoiseSchedule, x_t: Tensor, t: Tensor | int, eps_hat: Tensor) -> tuple[Tensor, Tensor]:
    """Clip the implied x0_hat to [-1, 1], where images live, and recompute the eps_hat that belongs to it.

    Never x_t itself: noise may be as large as it likes. Returns (x0_hat, eps_hat), shaped like x_t.
    """
    x0_hat = schedule.x_0_from(x_t, t, eps_hat).clamp(-1, 1)
    return x0_hat, schedule.eps_from(x_t, t, x0_hat)


def _estimate(
    schedule: NoiseSchedule, x_t: Tensor, t: Tensor | int, eps_hat: Tensor, *, clip: bool
) -> tuple[Tensor, Tensor]:
    if clip:
        return clip_x_0(schedule, x_t, t, eps_hat)
    return schedule.x_0_from(x_t, t, eps_hat), eps_hat


def _like_rows(value: Tensor, like: Tensor) -> Tensor:
    """A 0-d or (B,) float64 coefficient, shaped to multiply the rows of `like`."""
    return value.reshape(value.shape + (1,) * (like.ndim - value.ndim)).to(like.device)


def ddpm_step(
    schedule: NoiseSchedule,
    x_t: Tensor,
    eps_hat: Tensor,
    t: Tensor | int,
    t_prev: Tensor | int,
    noise: Tensor,
    *,
    clip: bool = True,
) -> Step:
    """Draw x_prev from the posterior q(x_prev | x_t, x_0 = x0_hat): DDPM, equations 6 and 7, algorithm 2.

    x_t, eps_hat, noise: (B, 1, 28, 28); noise ~ N(0, I) is injected, so the step is a pure function (and at t_prev = 0
    it has no effect, as the posterior's variance is 0 there). t, t_prev: ints or (B,) int64, 0 <= t_prev < t <= T; the
    variance is the paper's second choice, beta-tilde. Raises ValueError for timesteps out of range.
    """
    # 1. the clean image that eps_hat implies (equation 4 solved for x_0)
    x0_hat, eps_hat = _estimate(schedule, x_t, t, eps_hat, clip=clip)
    # 2. the posterior's mean and variance (equations 6, 7)
    posterior = schedule.posterior(t, t_prev)
    mean = _like_rows(posterior.coef_x_0, x_t) * x0_hat + _like_rows(posterior.coef_x_t, x_t) * x_t
    # 3. the mean plus fresh noise (algorithm 2, line 4)
    x_prev = mean + _like_rows(posterior.variance, x_t).sqrt() * noise
    return Step(t, t_prev, x_t, eps_hat, x0_hat, x_prev.to(x_t.dtype))


class DdimTerms(NamedTuple):
    """x_{t'} ~ N(coef_x_0 * x0_hat + coef_eps * eps_hat, variance): DDIM, equation 12. float64, 0-d or (B,)."""

    coef_x_0: Tensor
    coef_eps: Tensor
    variance: Tensor


def ddim_terms(schedule: NoiseSchedule, t: Tensor | int, t_prev: Tensor | int, eta: float | Tensor = 0.0) -> DdimTerms:
    """What `ddim_step` multiplies its three terms by; t, t_prev and eta as there."""
    # sigma_t(eta), equation 16: eta times the posterior's standard deviation
    variance = torch.as_tensor(eta, dtype=torch.float64) ** 2 * schedule.posterior(t, t_prev).variance
    a_prev = schedule.alpha_bar[torch.as_tensor(t_prev).cpu()]
    # the clamp only absorbs rounding below 0
    return DdimTerms(a_prev.sqrt(), (1 - a_prev - variance).clamp(min=0).sqrt(), variance)


def ddim_step(
    schedule: NoiseSchedule,
    x_t: Tensor,
    eps_hat: Tensor,
    t: Tensor | int,
    t_prev: Tensor | int,
    noise: Tensor | None = None,
    *,
    eta: float | Tensor = 0.0,
    clip: bool = True,
) -> Step:
    """Move to x_prev along DDIM's path: equation 12, with sigma scaled by eta (equation 16).

    eta = 0 is deterministic and needs no noise; eta = 1 is DDPM (for the same t and t_prev, exactly). Shapes, range
    and errors as in `ddpm_step`; eta: a number in 0..1, or (B,) with one a row.
    """
    # 1. "predicted x_0", the first term of equation 12
    x0_hat, eps_hat = _estimate(schedule, x_t, t, eps_hat, clip=clip)
    # 2. and the "direction pointing to x_t", the second
    terms = ddim_terms(schedule, t, t_prev, eta)
    x_prev = _like_rows(terms.coef_x_0, x_t) * x0_hat + _like_rows(terms.coef_eps, x_t) * eps_hat
    # 3. and the "random noise", the third
    if noise is not None:
        x_prev = x_prev + _like_rows(terms.variance.sqrt(), x_t) * noise
    elif bool((terms.variance > 0).any()):
        raise ValueError("eta above 0 needs noise")
    return Step(t, t_prev, x_t, eps_hat, x0_hat, x_prev.to(x_t.dtype))


def is_random(sampler: str, eta: float) -> bool:
    """Whether a sampler (one of SAMPLERS) draws fresh noise after x_T. Without it the walk is determined by its
    beginning.
    """
    return sampler == "ddpm" or eta > 0


def reverse_step(
    sampler: str,
    schedule: NoiseSchedule,
    x_t: Tensor,
    eps_hat: Tensor,
    t: Tensor | int,
    t_prev: Tensor | int,
    noise: Tensor,
    *,
    eta: float | Tensor = 0.0,
    clip: bool = True,
) -> Step:
    """The step of a sampler by its name, one of SAMPLERS; eta is DDIM's. All else as in `ddpm_step` and `ddim_step`."""
    if sampler == "ddpm":
        return ddpm_step(schedule, x_t, eps_hat, t, t_prev, noise, clip=clip)
    return ddim_step(schedule, x_t, eps_hat, t, t_prev, noise, eta=eta, clip=clip)


def guided_eps(network: Network, x_t: Tensor, t: Tensor, label: Tensor, guidance: Tensor | float) -> Tensor:
    """eps_uncond + guidance * (eps_cond - eps_uncond): classifier-free guidance (arXiv:2207.12598, equation 6 with w =
    guidance - 1).

    x_t: (B, 1, 28, 28); t, label: (B,) int64; guidance: a number, or (B,) with one a row. 1 is the plain conditional
    network and 0 the unconditional one; only rows at another guidance cost a second evaluation, in the same forward
    pass.
    """
    guidance = torch.as_tensor(guidance, dtype=x_t.dtype).expand(len(x_t))
    null = torch.full_like(label, NULL_LABEL)
    label = torch.where(guidance.eq(0), null, label)
    twice = (guidance.ne(0) & guidance.ne(1) & label.ne(NULL_LABEL)).nonzero().squeeze(1)
    if len(twice) == 0:
        return network(x_t, t, label)
    both = network(torch.cat([x_t, x_t[twice]]), torch.cat([t, t[twice]]), torch.cat([label, null[twice]]))
    eps, uncond = both[: len(x_t)], both[len(x_t) :]
    guided = uncond + _like_rows(guidance[twice], x_t) * (eps[twice] - uncond)
    return eps.index_copy(0, twice, guided)


def trajectory_generator(seed: int) -> torch.Generator:
    """The random generator that one trajectory owns: all its noise, from x_T to the last step, comes from here.

    That is what makes a picture independent of who shares its batch. It lives on the CPU so that every device gets
    the same numbers. seed: 0..2**63 - 1.
    """
    return torch.Generator().manual_seed(seed)


def draw_noise(generators: Sequence[torch.Generator], like: Tensor | None = None) -> Tensor:
    """(B, 1, 28, 28) of N(0, 1), row i from generators[i]; typed and placed like `like` (float32 on the CPU without
    it).
    """
    noise = torch.stack([torch.randn(IMAGE_SHAPE, generator=g) for g in generators])
    return noise if like is None else noise.to(like)


@torch.no_grad()
def samples(
    network: Network,
    schedule: NoiseSchedule,
    generators: Sequence[torch.Generator],
    visited: Sequence[int],
    *,
    label: Tensor | None = None,
    sampler: str = "ddpm",
    eta: float = 0.0,
    guidance: float = 1.0,
    clip: bool = True,
    x_start: Tensor | None = None,
) -> Iterator[Step]:
    """The reverse process as a generator: yields a `Step` for each visited timestep; the last one's x_prev is the
    picture.

    network: (x_t, t, label) -> eps_hat. generators: one for each of the B trajectories (`trajectory_generator`).
    visited: falling timesteps, such as `timesteps(T, steps)`, or any subset. label: (B,) int64 in 0..10, or None for
    "any digit". sampler: "ddpm" (DDPM, algorithm 2) or "ddim" (DDIM, equation 12, with its eta). guidance: see
    `guided_eps`. x_start: (B, 1, 28, 28) to begin from in place of fresh noise x_T, at t = visited[0].
    Raises ValueError for an unknown sampler or impossible timesteps, before anything is computed.
    """
    if sampler not in SAMPLERS:
        raise ValueError(f"unknown sampler {sampler!r}: choose one of {', '.join(SAMPLERS)}")
    path = pairs(visited)
    if path[0][0] > schedule.T:
        raise ValueError(f"timesteps must lie in 1..{schedule.T}")
    x_t = draw_noise(generators) if x_start is None else x_start
    label = torch.full((len(x_t),), NULL_LABEL) if label is None else label
    fresh = is_random(sampler, eta)
    for t, t_prev in path:
        eps_hat = guided_eps(network, x_t, torch.full((len(x_t),), t, device=x_t.device), label, guidance)
        noise = draw_noise(generators, x_t) if fresh and t_prev > 0 else torch.zeros_like(x_t)
        step = reverse_step(sampler, schedule, x_t, eps_hat, t, t_prev, noise, eta=eta, clip=clip)
        yield step
        x_t = step.x_prev
