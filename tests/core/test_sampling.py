"""The reverse process: timesteps, the two steps, guidance, and the generator over them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer.core.sampling import (
    clip_x_0,
    ddim_step,
    ddpm_step,
    pairs,
    timesteps,
)
from tests.core.test_schedule import schedule_and_pair
from tests.tiny import LINEAR, noise, pictures

# ---- which timesteps are visited ---------------------------------------------------------------------------------


@given(st.integers(1, 2000).flatmap(lambda T: st.tuples(st.just(T), st.integers(1, T))))
def test_timesteps_fall_strictly_from_T(case):
    """As many as asked for, the first always T, falling strictly, never reaching 0, and spread evenly to within
    rounding.
    """
    T, steps = case
    visited = timesteps(T, steps)
    assert len(visited) == steps and visited[0] == T and visited[-1] >= 1
    gaps = -np.diff([*visited, 0])
    assert gaps.min() >= 1 and gaps.max() - gaps.min() <= 2


def test_timesteps_equal_diffusers_trailing_spacing():
    """For every number of steps: diffusers' "trailing" (arXiv:2305.08891, table 2), plus 1.

    diffusers computes the same numbers by repeated float subtraction, so an exact half (x.5) may round to the other
    side there; and its arange then sometimes yields a spurious extra 0. Both are excluded by comparing where the exact
    value is no half.
    """
    theirs = DDIMScheduler(num_train_timesteps=1000, timestep_spacing="trailing")
    compared = 0
    for steps in range(1, 1001):
        theirs.set_timesteps(steps)
        other = (theirs.timesteps + 1).tolist()[:steps]
        for k, (a, b) in enumerate(zip(timesteps(1000, steps), other, strict=True)):
            half = (2 * 1000 * (steps - k)) % steps == 0 and (2 * 1000 * (steps - k) // steps) % 2 == 1
            assert a == b or (half and abs(a - b) == 1), (steps, k, a, b)
            compared += not half
    assert compared > 490_000
    assert timesteps(1000, 4) == [1000, 750, 500, 250]


@pytest.mark.parametrize("steps", [0, -1, 1001, 2.0, "10", None, True])
def test_impossible_numbers_of_steps_are_refused(steps):
    """1..T whole steps, else ValueError."""
    with pytest.raises(ValueError):
        timesteps(1000, steps)


@pytest.mark.parametrize("visited", [[], [5, 5], [3, 4], [5, 0], [5, -1]])
def test_impossible_paths_are_refused(visited):
    """A path must fall strictly and end above 0."""
    with pytest.raises(ValueError):
        pairs(visited)


# ---- one step ----------------------------------------------------------------------------------------------------


@given(schedule_and_pair(), st.booleans())
def test_ddim_with_eta_1_is_ddpm(case, clip):
    """Song et al. 2021, section 4.1: at eta = 1 DDIM is DDPM; for any pair (t, t_prev), in float64, with the same
    noise.
    """
    schedule, t, t_prev = case
    x_t, eps_hat, fresh = (noise(2, 1, 28, 28, seed=seed, dtype=torch.float64) for seed in (1, 2, 3))
    ddpm = ddpm_step(schedule, x_t, eps_hat, t, t_prev, fresh, clip=clip)
    ddim = ddim_step(schedule, x_t, eps_hat, t, t_prev, fresh, eta=1.0, clip=clip)
    size = float(ddpm.x0_hat.abs().max())  # unclipped, x0_hat may be thousands
    assert_close(ddim.x_prev, ddpm.x_prev, rtol=1e-9, atol=1e-11 * max(1.0, size))
    assert_close(ddim.x0_hat, ddpm.x0_hat, rtol=0, atol=0)


@given(schedule_and_pair(), st.floats(0, 1))
def test_a_perfect_guess_keeps_the_marginal(case, eta):
    """DDIM, lemma 1: with the true eps, x_prev has mean sqrt(a_prev) x_0 and variance 1 - a_prev, whatever eta is.

    x_prev is linear in (x_0, eps, noise); its three coefficients are read off by feeding unit vectors.
    """
    schedule, t, t_prev = case
    x_0, eps, fresh = (unit.view(3, 1, 1, 1) for unit in torch.eye(3, dtype=torch.float64))
    x_t = schedule.q_sample(x_0, t, eps)
    signal, from_eps, from_noise = ddim_step(schedule, x_t, eps, t, t_prev, fresh, eta=eta, clip=False).x_prev.flatten()
    a_prev = schedule.alpha_bar[t_prev]
    rounding = 1e-14 * max(1.0, float(schedule.alpha_bar[t]) ** -0.5)
    assert_close(signal, a_prev.sqrt(), rtol=1e-9, atol=10 * rounding)
    assert_close(from_eps**2 + from_noise**2, 1 - a_prev, rtol=1e-9, atol=1e-9 * max(1.0, rounding * 1e10))


@pytest.mark.parametrize("step", [ddpm_step, ddim_step])
def test_rows_may_have_their_own_timesteps(step):
    """A batch with per-row t and t_prev (ints in tensors) is the rows computed one by one."""
    x_t, eps_hat, fresh = (noise(3, 1, 28, 28, seed=seed, dtype=torch.float64) for seed in (1, 2, 3))
    t, t_prev = torch.tensor([1000, 17, 1]), torch.tensor([900, 16, 0])
    together = step(LINEAR, x_t, eps_hat, t, t_prev, fresh)
    for i in range(3):
        row = slice(i, i + 1)
        alone = step(LINEAR, x_t[row], eps_hat[row], int(t[i]), int(t_prev[i]), fresh[row])
        for name in ("x_prev", "x0_hat", "eps_hat"):
            assert_close(getattr(together, name)[row], getattr(alone, name), rtol=1e-12, atol=1e-12)


def test_eta_may_differ_by_row():
    """ddim_step with a tensor eta is the rows computed one by one with their own eta."""
    x_t, eps_hat, fresh = (noise(3, 1, 28, 28, seed=seed, dtype=torch.float64) for seed in (1, 2, 3))
    eta = torch.tensor([0.0, 0.5, 1.0])
    together = ddim_step(LINEAR, x_t, eps_hat, 500, 400, fresh, eta=eta).x_prev
    for i in range(3):
        row = slice(i, i + 1)
        assert_close(
            together[row],
            ddim_step(LINEAR, x_t[row], eps_hat[row], 500, 400, fresh[row], eta=float(eta[i])).x_prev,
            rtol=1e-12,
            atol=1e-12,
        )


@pytest.mark.parametrize("t, t_prev", [(1000, 999), (500, 250), (3, 0)])
@pytest.mark.parametrize("step", [ddpm_step, ddim_step])
def test_clipping_touches_x0_hat_only(step, t, t_prev):
    """x0_hat is the unclipped one clamped; x_t is left alone; eps_hat is recomputed so that (x0_hat, eps_hat) still mix
    to x_t.
    """
    x_0, eps = pictures(2, dtype=torch.float64), noise(2, 1, 28, 28, dtype=torch.float64)
    x_t = LINEAR.q_sample(x_0, t, eps)
    eps_hat = (
        eps
        + 0.3
        * noise(2, 1, 28, 28, seed=5, dtype=torch.float64)
        * (float(LINEAR.alpha_bar[t]) / (1 - float(LINEAR.alpha_bar[t]))) ** 0.5
    )
    before, guess = x_t.clone(), eps_hat.clone()
    fresh = noise(2, 1, 28, 28, seed=6, dtype=torch.float64)
    free, clipped = (step(LINEAR, x_t, eps_hat, t, t_prev, fresh, clip=clip) for clip in (False, True))

    assert_close(free.x0_hat, LINEAR.x_0_from(x_t, t, eps_hat), rtol=0, atol=0)
    assert_close(free.eps_hat, guess, rtol=0, atol=0)
    outside = free.x0_hat.abs() > 1
    assert 0.05 < float(outside.double().mean()) < 0.95  # the case is a real one
    assert_close(clipped.x0_hat, free.x0_hat.clamp(-1, 1), rtol=0, atol=0)
    assert_close(LINEAR.q_sample(clipped.x0_hat, t, clipped.eps_hat), x_t, rtol=1e-10, atol=1e-10)
    assert_close(clipped.eps_hat[~outside], guess[~outside], rtol=1e-8, atol=1e-8)
    assert not torch.allclose(clipped.eps_hat[outside], guess[outside], atol=1e-4)
    assert_close(clipped.x_t, before, rtol=0, atol=0)
    assert_close(x_t, before, rtol=0, atol=0)
    if t_prev > 100:
        assert float(clipped.x_prev.abs().max()) > 1.2  # x itself is not clamped


def test_ddim_after_clipping_uses_the_recomputed_eps():
    """Equation 12 at eta = 0 with the clipped x0_hat and the eps that belongs to it; with the stale eps it would
    differ.
    """
    x_t, eps_hat = (noise(2, 1, 28, 28, seed=seed, dtype=torch.float64) for seed in (1, 2))
    x0_hat, eps_new = clip_x_0(LINEAR, x_t, 600, eps_hat)
    a = LINEAR.alpha_bar[400]
    x_prev = ddim_step(LINEAR, x_t, eps_hat, 600, 400).x_prev
    assert_close(x_prev, a.sqrt() * x0_hat + (1 - a).sqrt() * eps_new, rtol=1e-12, atol=1e-12)
    assert float((x_prev - (a.sqrt() * x0_hat + (1 - a).sqrt() * eps_hat)).abs().max()) > 0.1


def test_the_last_step_adds_no_noise():
    """At t_prev = 0 the posterior's variance is 0: the result is x0_hat, whatever the noise."""
    x_t, eps_hat, fresh = (noise(2, 1, 28, 28, seed=seed) for seed in (1, 2, 3))
    for t in (1, 50):
        assert_close(
            ddpm_step(LINEAR, x_t, eps_hat, t, 0, fresh).x_prev,
            ddpm_step(LINEAR, x_t, eps_hat, t, 0, fresh).x0_hat,
            rtol=0,
            atol=1e-6,
        )


def test_eta_above_0_needs_noise():
    """Leaving the noise out is refused where it would matter, and allowed where it would not."""
    x_t, eps_hat = noise(1, 1, 28, 28), noise(1, 1, 28, 28, seed=1)
    with pytest.raises(ValueError, match="noise"):
        ddim_step(LINEAR, x_t, eps_hat, 10, 5, eta=0.5)
    ddim_step(LINEAR, x_t, eps_hat, 10, 5)
    ddim_step(LINEAR, x_t, eps_hat, 10, 0, eta=0.5)


# ---- guidance ----------------------------------------------------------------------------------------------------


# ---- the whole walk ----------------------------------------------------------------------------------------------
