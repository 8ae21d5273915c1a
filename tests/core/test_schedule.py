"""The noise schedule: tables, the jump to x_t, and the posterior."""

from __future__ import annotations

import pytest
import torch
from diffusers import DDPMScheduler
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer.core.schedule import KINDS, MAX_T, NoiseSchedule
from tests.tiny import noise, pictures

DIFFUSERS_NAME = {"linear": "linear", "cosine": "squaredcos_cap_v2"}
SCHEDULES = [NoiseSchedule(kind, T) for kind in KINDS for T in (1, 2, 100, 1000)]


@st.composite
def schedule_and_pair(draw):
    """A schedule and 0 <= t_prev < t <= T."""
    schedule = draw(st.sampled_from(SCHEDULES))
    t = draw(st.integers(1, schedule.T))
    return schedule, t, draw(st.integers(0, t - 1))


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: f"{s.kind}-{s.T}")
def test_tables(schedule):
    """The paper's indexing: T + 1 float64 entries, nothing lost at t = 0, and alpha_bar falls strictly
    within (0, 1).
    """
    for table in (schedule.beta, schedule.alpha, schedule.alpha_bar):
        assert table.shape == (schedule.T + 1,) and table.dtype == torch.float64
    assert schedule.beta[0] == 0 and schedule.alpha[0] == 1 and schedule.alpha_bar[0] == 1
    assert bool((schedule.alpha_bar.diff() < 0).all()) and schedule.alpha_bar[-1] > 0


@pytest.mark.parametrize("T", [10, 100, 1000])
@pytest.mark.parametrize("kind", KINDS)
def test_tables_equal_diffusers(kind, T):
    """beta_t and alpha_bar_t are diffusers' betas and alphas_cumprod at t - 1 (float32 there, hence the tolerance)."""
    theirs = DDPMScheduler(num_train_timesteps=T, beta_schedule=DIFFUSERS_NAME[kind], beta_start=1e-4, beta_end=0.02)
    ours = NoiseSchedule(kind, T)
    assert_close(ours.beta[1:], theirs.betas.double(), rtol=2e-5, atol=1e-7)  # 1 - f(t)/f(t-1) in float32 has 1e-7
    assert_close(ours.alpha_bar[1:], theirs.alphas_cumprod.double(), rtol=2e-5, atol=1e-7)


def test_the_papers_numbers():
    """Ho et al. 2020, section 4: beta from 1e-4 to 0.02, T = 1000; their L_T says x_T is nearly N(0, I)."""
    schedule = NoiseSchedule("linear", 1000)
    assert_close(schedule.beta[[1, 1000]], torch.tensor([1e-4, 0.02], dtype=torch.float64), rtol=1e-12, atol=0)
    assert_close(schedule.beta.diff()[1:], torch.full((999,), 0.0199 / 999, dtype=torch.float64), rtol=1e-9, atol=0)
    assert schedule.alpha_bar[1000] < 1e-4


def test_cosine_is_the_papers_equation():
    """Nichol and Dhariwal 2021, equation 17, wherever beta is not capped: alpha_bar_t = f(t)/f(0)."""
    t = torch.arange(0, 901, dtype=torch.float64)
    f = torch.cos((t / 1000 + 0.008) / 1.008 * torch.pi / 2) ** 2
    assert_close(NoiseSchedule("cosine", 1000).alpha_bar[:901], f / f[0], rtol=1e-10, atol=1e-12)
    assert NoiseSchedule("cosine", 1000).beta.max() == 0.999


@pytest.mark.parametrize("kind", KINDS)
def test_q_sample_equals_add_noise(kind):
    """Row by row, at every kind of t (t_paper = t_diffusers + 1), q_sample is diffusers' add_noise."""
    theirs = DDPMScheduler(num_train_timesteps=1000, beta_schedule=DIFFUSERS_NAME[kind])
    x_0, eps = pictures(7), noise(7, 1, 28, 28)
    t = torch.tensor([1, 2, 10, 333, 500, 999, 1000])
    ours = NoiseSchedule(kind, 1000).q_sample(x_0, t, eps)
    assert ours.dtype == torch.float32
    assert_close(ours, theirs.add_noise(x_0, eps, t - 1), rtol=1e-5, atol=1e-5)
    for row, one in enumerate(t.tolist()):  # an int t is the same as a row of t
        assert_close(
            NoiseSchedule(kind, 1000).q_sample(x_0[row : row + 1], one, eps[row : row + 1]),
            ours[row : row + 1],
            rtol=0,
            atol=0,
        )


def test_nothing_happens_at_t_0():
    """q_sample at t = 0 returns x_0 itself."""
    assert_close(NoiseSchedule().q_sample(pictures(2), 0, noise(2, 1, 28, 28)), pictures(2), rtol=0, atol=0)


@given(schedule_and_pair())
def test_posterior_reproduces_the_marginals(case):
    """q(x_s | x_t, x_0) averaged over q(x_t | x_0) is q(x_s | x_0), and has q's covariance with x_t (float64, any
    stride).

    With x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) e: mean, variance and covariance follow from the three coefficients alone.
    """
    schedule, t, s = case
    a_t, a_s = schedule.alpha_bar[t], schedule.alpha_bar[s]
    q = schedule.posterior(t, s)
    assert q.variance >= 0
    assert_close(q.coef_x_0 + q.coef_x_t * a_t.sqrt(), a_s.sqrt(), rtol=1e-10, atol=1e-12)
    assert_close(q.coef_x_t**2 * (1 - a_t) + q.variance, 1 - a_s, rtol=1e-10, atol=1e-12)
    assert_close(q.coef_x_t * (1 - a_t), (a_t / a_s).sqrt() * (1 - a_s), rtol=1e-10, atol=1e-12)


def test_posterior_is_equations_6_and_7():
    """For neighbours the coefficients are the DDPM paper's, written with its own beta_t and alpha_t, for all
    t at once.
    """
    schedule = NoiseSchedule("linear", 1000)
    t = torch.arange(1, 1001)
    beta, alpha, a_t, a_prev = schedule.beta[t], schedule.alpha[t], schedule.alpha_bar[t], schedule.alpha_bar[t - 1]
    q = schedule.posterior(t, t - 1)
    assert_close(q.coef_x_0, a_prev.sqrt() * beta / (1 - a_t), rtol=1e-10, atol=0)
    assert_close(q.coef_x_t, alpha.sqrt() * (1 - a_prev) / (1 - a_t), rtol=1e-10, atol=0)
    assert_close(q.variance, (1 - a_prev) / (1 - a_t) * beta, rtol=1e-10, atol=0)


@pytest.mark.parametrize(
    "schedule", [NoiseSchedule(kind, T) for kind in KINDS for T in (10, 1000)], ids=lambda s: f"{s.kind}-{s.T}"
)
def test_long_way_is_short_way_exactly(schedule):
    """t single steps give the closed form's mean and variance: each q_step is a*x + b*noise; a and b are read off it
    and composed.
    """
    one, zero = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    signal, variance = one, zero  # x_0 itself
    for t in range(1, schedule.T + 1):
        a, b = schedule.q_step(one, t, zero), schedule.q_step(zero, t, one)
        signal, variance = a * signal, a**2 * variance + b**2
        assert_close(signal, schedule.q_sample(one, t, zero), rtol=1e-10, atol=1e-14)
        assert_close(variance, schedule.q_sample(zero, t, one) ** 2, rtol=1e-10, atol=1e-14)


def test_long_way_is_short_way_in_samples():
    """40,000 points walked 300 single steps have the closed form's mean and variance, within five standard errors."""
    schedule, n, t = NoiseSchedule("linear", 1000), 40_000, 300
    generator = torch.Generator().manual_seed(1)
    x = torch.full((n,), 0.8, dtype=torch.float64)
    for s in range(1, t + 1):
        x = schedule.q_step(x, s, torch.randn(n, generator=generator, dtype=torch.float64))
    mean, variance = 0.8 * schedule.alpha_bar[t].sqrt(), 1 - schedule.alpha_bar[t]
    assert_close(x.mean(), mean, rtol=0, atol=float(5 * (variance / n).sqrt()))
    assert_close(x.var(), variance, rtol=0, atol=float(5 * variance * (2 / n) ** 0.5))


@given(schedule_and_pair())
def test_x_0_from_and_eps_from_undo_q_sample(case):
    """In float64, q_sample followed by either inverse gives back what went in."""
    schedule, t, _ = case
    x_0, eps = pictures(2, dtype=torch.float64), noise(2, 1, 28, 28, dtype=torch.float64)
    x_t = schedule.q_sample(x_0, t, eps)
    blow_up = float(schedule.alpha_bar[t]) ** -0.5  # a rounding error in x_t is divided by sqrt(alpha_bar)
    assert_close(schedule.x_0_from(x_t, t, eps), x_0, rtol=0, atol=1e-14 * max(10.0, blow_up * 10))
    assert_close(schedule.eps_from(x_t, t, x_0), eps, rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    "kind, T",
    [
        ("sigmoid", 10),
        ("", 10),
        (None, 10),
        ("linear", 0),
        ("linear", -5),
        ("linear", MAX_T + 1),
        ("linear", 10.0),
        ("linear", True),
        ("linear", "10"),
        ("linear", None),
    ],
)
def test_impossible_schedules_are_refused(kind, T):
    """A kind or a T that does not exist raises ValueError at once."""
    with pytest.raises(ValueError):
        NoiseSchedule(kind, T)


@pytest.mark.parametrize(
    "t", [-1, 1001, torch.tensor([5, 1001]), torch.tensor([-1, 5]), 3.0, torch.tensor([1.0, 2.0]), True]
)
def test_impossible_timesteps_are_refused(t):
    """t outside 0..T, or not whole, raises ValueError in every method (a negative index would silently read the table's
    end).
    """
    schedule, x = NoiseSchedule("linear", 1000), pictures(2)
    for method in (schedule.q_sample, schedule.q_step, schedule.x_0_from, schedule.eps_from):
        with pytest.raises(ValueError):
            method(x, t, x)
    with pytest.raises(ValueError):
        schedule.posterior(t, 0)


@pytest.mark.parametrize("t, t_prev", [(5, 5), (5, 6), (0, 0), (torch.tensor([5, 6]), torch.tensor([4, 6]))])
def test_a_step_that_does_not_go_down_is_refused(t, t_prev):
    """The posterior needs t_prev < t in every row."""
    with pytest.raises(ValueError):
        NoiseSchedule().posterior(t, t_prev)
