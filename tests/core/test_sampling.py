"""The reverse process: timesteps, the two steps, guidance, and the generator over them."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer.core.sampling import (
    NULL_LABEL,
    Step,
    clip_x_0,
    ddim_step,
    ddpm_step,
    draw_noise,
    guided_eps,
    pairs,
    samples,
    timesteps,
    trajectory_generator,
)
from explorer.core.schedule import NoiseSchedule
from tests.core.test_schedule import schedule_and_pair
from tests.tiny import LINEAR, noise, pictures


class Counting:
    """A network that counts the rows it evaluates and the calls it gets."""

    def __init__(self, network):
        self.network, self.rows, self.calls = network, 0, 0

    def __call__(self, x_t, t, label):
        self.rows, self.calls = self.rows + len(x_t), self.calls + 1
        return self.network(x_t, t, label)


def last(generator) -> Step:
    for step in generator:
        pass
    return step


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


def test_guidance_is_its_formula(network):
    """Ho and Salimans 2022, equation 6: uncond + g (cond - uncond), row by row; g = 1 conditional, g = 0 unconditional,
    null label plain.
    """
    x_t, t = noise(5, 1, 28, 28), torch.tensor([900, 500, 100, 10, 300])
    label, guidance = torch.tensor([3, 1, 4, 5, NULL_LABEL]), torch.tensor([3.0, 1.0, 0.0, 0.5, 4.0])
    cond, uncond = network(x_t, t, label), network(x_t, t, torch.full_like(label, NULL_LABEL))
    assert float((cond - uncond)[:4].abs().max()) > 0.01  # the label matters, else this proves nothing
    got = guided_eps(network, x_t, t, label, guidance)
    assert_close(got, uncond + guidance.view(-1, 1, 1, 1) * (cond - uncond), rtol=0, atol=2e-5)
    assert_close(got[1], cond[1], rtol=0, atol=1e-5)
    assert_close(got[2], uncond[2], rtol=0, atol=1e-5)
    assert_close(got[4], uncond[4], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "guidance, label, rows",
    [
        (1.0, [1, 2, 3], 3),
        (0.0, [1, 2, 3], 3),
        (3.0, [1, 2, 3], 6),
        (3.0, [1, NULL_LABEL, 3], 5),
        ([1.0, 3.0, 0.0], [1, 2, 3], 4),
        (3.0, [NULL_LABEL] * 3, 3),
    ],
)
def test_guidance_costs_only_where_it_acts(network, guidance, label, rows):
    """One call in each case, and a second row only where guidance is neither 0 nor 1 and the label is a digit."""
    counting = Counting(network)
    guided_eps(
        counting,
        noise(3, 1, 28, 28),
        torch.tensor([5, 500, 1000]),
        torch.tensor(label),
        torch.tensor(guidance) if isinstance(guidance, list) else guidance,
    )
    assert (counting.rows, counting.calls) == (rows, 1)


# ---- the whole walk ----------------------------------------------------------------------------------------------


def test_samples_is_a_lazy_generator_of_the_right_pairs(network):
    """It yields a frozen Step for each pair, computes nothing ahead, and each step begins where the one
    before ended.
    """
    counting, visited = Counting(network), timesteps(1000, 7)
    walk = samples(counting, LINEAR, [trajectory_generator(1)], visited)
    assert inspect.isgenerator(walk) and counting.calls == 0
    first = next(walk)
    assert counting.calls == 1
    steps = [first, *walk]
    assert [(step.t, step.t_prev) for step in steps] == pairs(visited)
    for before, after in zip(steps, steps[1:]):
        assert_close(after.x_t, before.x_prev, rtol=0, atol=0)
    with pytest.raises(AttributeError):
        first.t = 3


@pytest.mark.parametrize("visited", [[1000, 999, 400, 7], [300, 20], [1]])
def test_t_prev_travels_with_t(network, visited):
    """An uneven path keeps its own pairs, and the step taken is the step for that pair (nothing is derived from a fixed
    stride).
    """
    x_start = noise(1, 1, 28, 28)
    generator = trajectory_generator(9)
    for (t, t_prev), step in zip(
        pairs(visited), samples(network, LINEAR, [trajectory_generator(9)], visited, x_start=x_start), strict=True
    ):
        assert (step.t, step.t_prev) == (t, t_prev)
        fresh = draw_noise([generator]) if t_prev > 0 else torch.zeros(1, 1, 28, 28)
        eps_hat = network(step.x_t, torch.tensor([t]), torch.tensor([NULL_LABEL]))
        assert_close(step.x_prev, ddpm_step(LINEAR, step.x_t, eps_hat, t, t_prev, fresh).x_prev, rtol=0, atol=1e-6)
    assert step.t_prev == 0


@pytest.mark.parametrize("sampler, eta, guidance", [("ddpm", 0.0, 1.0), ("ddim", 0.0, 1.0), ("ddim", 0.7, 3.0)])
def test_a_picture_does_not_depend_on_its_batch(network, sampler, eta, guidance):
    """The same seed and label give the same picture alone, within a grid of five, and with the grid's order reversed.

    To 1e-3, an eighth of a grey level: rounding differs by batch size, and a network with random weights amplifies it.
    """
    seeds, label = [11, 12, 13, 14, 15], torch.tensor([0, 3, 10, 7, 3])

    def draw(order):
        walk = samples(
            network,
            LINEAR,
            [trajectory_generator(seeds[i]) for i in order],
            timesteps(1000, 20),
            label=label[list(order)],
            sampler=sampler,
            eta=eta,
            guidance=guidance,
        )
        return last(walk).x_prev

    grid, reverse = draw(range(5)), draw(range(4, -1, -1))
    assert_close(reverse.flip(0), grid, rtol=0, atol=1e-3)
    for i in range(5):
        assert_close(draw([i]), grid[i : i + 1], rtol=0, atol=1e-3)
    assert float((grid[1] - grid[4]).abs().max()) > 0.1  # same label, other seed: another picture


def test_label_none_is_any_digit(network):
    """Without labels the network sees the null class."""
    got, want = (
        last(samples(network, LINEAR, [trajectory_generator(1)], [1000, 500], label=label)).x_prev
        for label in (None, torch.tensor([NULL_LABEL]))
    )
    assert_close(got, want, rtol=0, atol=0)


def test_guidance_0_is_unconditional(network):
    """A walk at guidance 0 is the walk with the null label, and costs one evaluation a row and step, as at
    guidance 1.
    """
    counting = Counting(network)
    zero = last(
        samples(counting, LINEAR, [trajectory_generator(1)], timesteps(1000, 5), label=torch.tensor([3]), guidance=0.0)
    )
    assert counting.rows == 5
    last(
        samples(counting, LINEAR, [trajectory_generator(1)], timesteps(1000, 5), label=torch.tensor([3]), guidance=1.0)
    )
    assert counting.rows == 10
    null = last(
        samples(network, LINEAR, [trajectory_generator(1)], timesteps(1000, 5), label=torch.tensor([NULL_LABEL]))
    )
    assert_close(zero.x_prev, null.x_prev, rtol=0, atol=1e-5)


def test_ddim_draws_only_x_T(network):
    """A deterministic walk takes one picture of noise from its generator, DDPM one more for each step but the last."""
    for sampler, eta, drawn in (("ddim", 0.0, 1), ("ddim", 0.5, 6), ("ddpm", 0.0, 6)):
        used, fresh = trajectory_generator(4), trajectory_generator(4)
        last(samples(network, LINEAR, [used], timesteps(1000, 6), sampler=sampler, eta=eta))
        for _ in range(drawn):
            draw_noise([fresh])
        assert_close(used.get_state(), fresh.get_state(), rtol=0, atol=0)


def test_the_global_generator_is_not_touched(network):
    """A trajectory owns its noise: torch's own generator stands where it stood."""
    before = torch.get_rng_state()
    last(samples(network, LINEAR, [trajectory_generator(4)], timesteps(1000, 3)))
    assert_close(torch.get_rng_state(), before, rtol=0, atol=0)


def test_impossible_walks_are_refused_before_any_work(network):
    """An unknown sampler or path raises ValueError without one evaluation."""
    counting = Counting(network)
    for visited, sampler in (([10, 5], "euler"), ([5, 5], "ddpm"), ([], "ddim"), ([1001], "ddpm")):
        with pytest.raises(ValueError):
            next(samples(counting, LINEAR, [trajectory_generator(0)], visited, sampler=sampler))
    assert counting.calls == 0


def test_seeds_give_normal_noise():
    """draw_noise is N(0, 1): mean and variance of 64 pictures within five standard errors, and each row from its own
    generator.
    """
    drawn = draw_noise([trajectory_generator(seed) for seed in range(64)])
    n = drawn.numel()
    assert drawn.shape == (64, 1, 28, 28)
    assert abs(float(drawn.mean())) < 5 / n**0.5 and abs(float(drawn.var()) - 1) < 5 * (2 / n) ** 0.5
    assert_close(draw_noise([trajectory_generator(5)])[0], drawn[5], rtol=0, atol=0)


def test_short_schedules_work():
    """T = 1 is one leap: x_prev is the clipped x0_hat."""
    step = last(samples(lambda x_t, t, label: 0.5 * x_t, NoiseSchedule("linear", 1), [trajectory_generator(0)], [1]))
    assert_close(step.x_prev, step.x0_hat, rtol=0, atol=1e-6)
