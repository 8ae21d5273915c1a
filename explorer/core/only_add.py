"""Only add, never shrink: the first idea of how to destroy a picture, before the paper's.

x_t = x_0 + sigma_t eps. The picture stays as it is while the noise grows past it, so x_t has no distribution to end in:
its variance grows without end. Divided by sqrt(1 + sigma_t^2) it is the paper's x_t, for alpha_bar_t = 1 / (1 +
sigma_t^2). (Song et al. 2021, arXiv:2011.13456, call the two ways variance exploding and variance preserving.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.schedule import MAX_T

LAST_SIGMA = 10.0  # the noise's standard deviation at t = T: 1000% of the distance from grey to white


@dataclass(frozen=True)
class OnlyAdd:
    """Noise that grows evenly from nothing to LAST_SIGMA: with T = 1000 it is 10% at t = 10 and 100% at t = 100.

    T: the number of noising steps, 1..10000. Raises ValueError for another.
    """

    T: int = 1000

    def __post_init__(self) -> None:
        if isinstance(self.T, bool) or not isinstance(self.T, int) or not 1 <= self.T <= MAX_T:
            raise ValueError(f"T must be a whole number from 1 to {MAX_T}, not {self.T!r}")

    @cached_property
    def signal(self) -> Tensor:
        """(T + 1,) float64, all 1: what x_0 is multiplied by in x_t."""
        return torch.ones(self.T + 1, dtype=torch.float64)

    @cached_property
    def noise(self) -> Tensor:
        """(T + 1,) float64: sigma_t, what eps is multiplied by in x_t."""
        return LAST_SIGMA * torch.arange(self.T + 1, dtype=torch.float64) / self.T

    def q_sample(self, x_0: Tensor, t: int, eps: Tensor) -> Tensor:
        """Jump straight to x_t = x_0 + sigma_t eps.

        x_0, eps: of one shape; t: 0..T. Raises ValueError for another t.
        """
        return (x_0.double() + self.noise[self._checked(t, 0)] * eps.double()).to(x_0.dtype)

    def q_step(self, x_prev: Tensor, t: int, noise: Tensor) -> Tensor:
        """One short step, from x_{t-1} to x_t: variances add, so this adds sigma_t^2 - sigma_{t-1}^2.

        x_prev, noise: of one shape; t: 1..T. Raises ValueError for another t.
        """
        before, after = self.noise[self._checked(t, 1) - 1], self.noise[t]
        return (x_prev.double() + (after.square() - before.square()).sqrt() * noise.double()).to(x_prev.dtype)

    def _checked(self, t: int, first: int) -> int:
        if isinstance(t, bool) or not isinstance(t, int) or not first <= t <= self.T:
            raise ValueError(f"t must be a whole number in {first}..{self.T}")
        return t
