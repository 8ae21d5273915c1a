"""Samplers on data for which the best denoiser is known exactly: x_0 ~ N(m, s^2).

Then E[eps | x_t] = sqrt(1 - a) (x_t - sqrt(a) m) / (a s^2 + 1 - a), every step is affine in x_t and the noise, and the
mean and variance after the whole reverse process follow without drawing one random number. The affine coefficients are
read off our own step functions, in float64. The expected values were computed elsewhere, before this code was written.
"""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from explorer.core.sampling import ddim_step, ddpm_step, pairs, timesteps
from explorer.core.schedule import NoiseSchedule

SCHEDULE = NoiseSchedule("linear", 1000)


def reverse_process(sampler: str, steps: int, m: float, s2: float, eta: float = 0.0) -> tuple[float, float]:
    """Mean and variance of x_0 when x_T ~ N(0, 1). s2 is the data's variance."""
    x_t = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64).view(3, 1, 1, 1)
    noise = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64).view(3, 1, 1, 1)
    mean, variance = 0.0, 1.0
    for t, t_prev in pairs(timesteps(SCHEDULE.T, steps)):
        a = SCHEDULE.alpha_bar[t]
        eps_hat = (1 - a).sqrt() * (x_t - a.sqrt() * m) / (a * s2 + 1 - a)
        if sampler == "ddpm":
            step = ddpm_step(SCHEDULE, x_t, eps_hat, t, t_prev, noise, clip=False)
        else:
            step = ddim_step(SCHEDULE, x_t, eps_hat, t, t_prev, noise, eta=eta, clip=False)
        at_0, at_1, at_noise = step.x_prev.flatten().tolist()
        slope, spread = at_1 - at_0, at_noise - at_0  # x_prev = at_0 + slope x_t + spread noise
        mean, variance = at_0 + slope * mean, slope**2 * variance + spread**2
    return mean, variance


def test_the_step_is_affine():
    """What the method rests on: two more points, where the affine form predicts them."""
    a = SCHEDULE.alpha_bar[400]
    x_t = torch.tensor([0.0, 1.0, 0.0, -2.5, 3.0], dtype=torch.float64).view(5, 1, 1, 1)
    noise = torch.tensor([0.0, 0.0, 1.0, 2.0, -1.5], dtype=torch.float64).view(5, 1, 1, 1)
    eps_hat = (1 - a).sqrt() * (x_t - a.sqrt() * 1.5) / (a * 0.25 + 1 - a)
    x_prev = ddpm_step(SCHEDULE, x_t, eps_hat, 400, 350, noise, clip=False).x_prev.flatten()
    predicted = x_prev[0] + (x_prev[1] - x_prev[0]) * x_t.flatten() + (x_prev[2] - x_prev[0]) * noise.flatten()
    assert_close(x_prev, predicted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "sampler, steps, m, s2, mean, variance",
    [
        ("ddpm", 1000, 0.0, 1.0, 0.0, 0.9910674),
        ("ddim", 1000, 0.0, 1.0, 0.0, 0.9962521),
        ("ddim", 50, 0.0, 1.0, 0.0, 0.9284305),
        ("ddim", 10, 0.0, 1.0, 0.0, 0.6878533),
        (
            "ddpm",
            1000,
            1.5,
            0.25,
            1.4999849,
            0.2461252,
        ),  # N(m, variance): with 0.25 as the standard deviation it would end at 0.0607
    ],
)
def test_mean_and_variance_of_the_whole_process(sampler, steps, m, s2, mean, variance):
    """The project's reference values, to all seven digits given."""
    got = reverse_process(sampler, steps, m, s2)
    assert got == pytest.approx((mean, variance), rel=0, abs=6e-8)


def test_ddim_with_eta_1_is_ddpm_on_gaussian_data():
    """The DDIM code path at eta = 1, at a stride that does not divide T, ends with DDPM's mean and variance."""
    assert reverse_process("ddim", 37, 1.5, 0.25, eta=1.0) == pytest.approx(
        reverse_process("ddpm", 37, 1.5, 0.25), rel=1e-10
    )


def test_more_steps_come_closer_to_the_data():
    """With the exact denoiser, DDPM's and DDIM's error in the variance falls as the number of steps grows (each alone,
    unsigned).
    """
    for sampler in ("ddpm", "ddim"):
        errors = [abs(reverse_process(sampler, steps, 0.5, 0.25)[1] - 0.25) for steps in (10, 50, 250, 1000)]
        assert errors == sorted(errors, reverse=True), (sampler, errors)
