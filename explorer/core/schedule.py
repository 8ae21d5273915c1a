"""The noise schedule: how fast a picture is destroyed.

Indexing is the paper's (Ho et al. 2020, "Denoising Diffusion Probabilistic Models", arXiv:2006.11239):
t = 0 is the clean image, t = 1..T are noisy, every table has T + 1 entries and alpha_bar[0] == 1.
(diffusers counts from zero: t_paper = t_diffusers + 1.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

KINDS = ("linear", "cosine")
MAX_T = 10_000
PAPER_T = 1000  # of Ho et al. 2020; everything here has as many steps, unless somebody asks for others


class Posterior(NamedTuple):
    """q(x_{t'} | x_t, x_0) = N(coef_x_0 * x_0 + coef_x_t * x_t, variance): equations 6 and 7 of the DDPM paper."""

    coef_x_0: Tensor
    coef_x_t: Tensor
    variance: Tensor


@dataclass(frozen=True)
class NoiseSchedule:
    """The tables beta, alpha and alpha_bar of a diffusion with T steps.

    kind: "linear" (Ho et al. 2020, section 4: beta from 1e-4 to 0.02; the end points belong to T = 1000 and are
        kept whatever T is, so that a short T visibly leaves the last x_t unfinished) or
        "cosine" (Nichol and Dhariwal 2021, arXiv:2102.09672, equation 17, with s = 0.008 and beta <= 0.999).
    T: the number of noising steps, 1..10000.

    Frozen, and the tables are computed from these fields alone: one schedule can be shared by all.
    Raises ValueError for a kind or a T that does not exist.
    """

    kind: str = "linear"
    T: int = PAPER_T

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown schedule {self.kind!r}: choose one of {', '.join(KINDS)}")
        if isinstance(self.T, bool) or not isinstance(self.T, int) or not 1 <= self.T <= MAX_T:
            raise ValueError(f"T must be a whole number from 1 to {MAX_T}, not {self.T!r}")

    @cached_property
    def beta(self) -> Tensor:
        """(T + 1,) float64: the variance of the noise that step t adds; beta[0] = 0 (nothing happens before t = 1)."""
        if self.kind == "linear":
            beta = torch.linspace(1e-4, 0.02, self.T, dtype=torch.float64)
        else:
            s = 0.008
            u = torch.arange(self.T + 1, dtype=torch.float64) / self.T
            f = torch.cos((u + s) / (1 + s) * math.pi / 2) ** 2
            beta = (1 - f[1:] / f[:-1]).clamp(max=0.999)
        return torch.cat([torch.zeros(1, dtype=torch.float64), beta])

    @cached_property
    def alpha(self) -> Tensor:
        """(T + 1,) float64: 1 - beta, the share of the signal's variance that step t keeps."""
        return 1 - self.beta

    @cached_property
    def alpha_bar(self) -> Tensor:
        """(T + 1,) float64: the product of alpha up to t, the share of the signal's variance left in x_t."""
        return torch.cumprod(self.alpha, dim=0)

    @cached_property
    def signal(self) -> Tensor:
        """(T + 1,) float64: sqrt(alpha_bar), what x_0 is multiplied by in x_t."""
        return self.alpha_bar.sqrt()

    @cached_property
    def noise(self) -> Tensor:
        """(T + 1,) float64: sqrt(1 - alpha_bar), what eps is multiplied by in x_t."""
        return (1 - self.alpha_bar).sqrt()

    def q_sample(self, x_0: Tensor, t: Tensor | int, eps: Tensor) -> Tensor:
        """Jump straight to x_t: sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps (DDPM, equation 4).

        x_0, eps: (B, ...) of the same shape; t: an int, or (B,) int64 with one t a row. Returns x_t, shaped and typed
        like x_0. Raises ValueError where t lies outside 0..T.
        """
        signal, noise = self._rows(self.signal, t, x_0), self._rows(self.noise, t, x_0)
        return (signal * x_0.double() + noise * eps.double()).to(x_0.dtype)

    def q_step(self, x_prev: Tensor, t: Tensor | int, noise: Tensor) -> Tensor:
        """One short step of destruction: x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) noise (DDPM, equation 2).

        x_prev, noise: (B, ...) of the same shape; t: 1..T as in q_sample. Taking steps 1..t one by one gives the same
        distribution as q_sample(x_0, t, eps), though with the noise of each step in place of one eps.
        """
        beta = self._rows(self.beta, t, x_prev)
        return ((1 - beta).sqrt() * x_prev.double() + beta.sqrt() * noise.double()).to(x_prev.dtype)

    def x_0_from(self, x_t: Tensor, t: Tensor | int, eps: Tensor) -> Tensor:
        """Undo q_sample: the x_0 which, mixed with eps, gives x_t (DDPM, equation 15's argument)."""
        a = self._rows(self.alpha_bar, t, x_t)
        return ((x_t.double() - (1 - a).sqrt() * eps.double()) / a.sqrt()).to(x_t.dtype)

    def eps_from(self, x_t: Tensor, t: Tensor | int, x_0: Tensor) -> Tensor:
        """Undo q_sample: the eps which, mixed with x_0, gives x_t. Undefined at t = 0, where there is no noise."""
        signal, noise = self._rows(self.signal, t, x_t), self._rows(self.noise, t, x_t)
        return ((x_t.double() - signal * x_0.double()) / noise).to(x_t.dtype)

    def posterior(self, t: Tensor | int, t_prev: Tensor | int) -> Posterior:
        """The distribution of x_{t_prev} when both x_t and x_0 are known (DDPM, equations 6 and 7).

        t, t_prev: ints or (B,) int64 with 0 <= t_prev < t <= T. For t_prev = t - 1 these are the paper's equations;
        for a longer stride, beta_t becomes 1 - alpha_bar_t / alpha_bar_{t_prev}, the noise of the whole stride.
        Returns float64 tensors, 0-d or (B,).
        """
        t, t_prev = self._checked(t), self._checked(t_prev)
        if not bool((t_prev < t).all()):
            raise ValueError("t_prev must be smaller than t")
        a_t, a_prev = self.alpha_bar[t], self.alpha_bar[t_prev]
        alpha = a_t / a_prev
        beta = 1 - alpha
        return Posterior(
            coef_x_0=a_prev.sqrt() * beta / (1 - a_t),
            coef_x_t=alpha.sqrt() * (1 - a_prev) / (1 - a_t),
            variance=(1 - a_prev) / (1 - a_t) * beta,
        )

    def _checked(self, t: Tensor | int) -> Tensor:
        t = torch.as_tensor(t)
        if t.is_floating_point() or t.dtype == torch.bool:
            raise ValueError("t must be a whole number")
        if bool((t < 0).any() or (t > self.T).any()):
            raise ValueError(f"t must lie in 0..{self.T}")
        return t.cpu()

    def _rows(self, table: Tensor, t: Tensor | int, like: Tensor) -> Tensor:
        """table[t], shaped to multiply the rows of `like`: (B, 1, ..., 1), float64."""
        values = table[self._checked(t)]
        return values.reshape(values.shape + (1,) * (like.ndim - values.ndim)).to(like.device)
