"""The whole walk as a generator, and guidance."""

from __future__ import annotations

import inspect

import pytest
import torch
from torch.testing import assert_close

from explorer.core.sampling import (
    NULL_LABEL,
    Step,
    ddpm_step,
    draw_noise,
    guided_eps,
    pairs,
    samples,
    timesteps,
    trajectory_generator,
)
from explorer.core.schedule import NoiseSchedule
from tests.tiny import LINEAR, noise


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
