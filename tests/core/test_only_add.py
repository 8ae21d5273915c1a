"""Only add, never shrink: exact shares of noise, long way = short way, and the paper's x_t but for its size."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from explorer.core.only_add import OnlyAdd
from tests.tiny import LINEAR, noise, pictures

RULE = OnlyAdd(1000)


def test_the_shares_of_noise_are_exact():
    """10%, 20% ... 100% ... 1000%, and x_0 itself is never touched."""
    x_0, eps = pictures(1, dtype=torch.float64), noise(1, 1, 28, 28, dtype=torch.float64)
    for t, share in ((0, 0.0), (10, 0.1), (20, 0.2), (100, 1.0), (1000, 10.0)):
        assert_close(RULE.q_sample(x_0, t, eps), x_0 + share * eps, rtol=0, atol=1e-14)
    assert OnlyAdd(10).noise.tolist() == list(range(11))


def test_many_small_steps_are_one_jump():
    """From any t to the next the added variances sum up to that of the jump; each step is the affine map it says."""
    one, none = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    added = torch.stack([RULE.q_step(none, t, one) for t in range(1, 1001)])[:, 0].square()
    assert_close(added.cumsum(0), RULE.noise[1:].square(), rtol=1e-12, atol=0)
    assert all(float(RULE.q_step(one, t, none)) == 1 for t in (1, 500, 1000))


def test_divided_by_its_size_it_is_the_papers_x_t():
    """At a t of each rule with the same ratio of signal to noise: the same picture."""
    x_0, eps = pictures(1, dtype=torch.float64), noise(1, 1, 28, 28, dtype=torch.float64)
    for t in (200, 500, 800):
        alpha_bar = LINEAR.alpha_bar[t]
        sigma = ((1 - alpha_bar) / alpha_bar).sqrt()
        added = x_0 + sigma * eps
        assert_close(LINEAR.q_sample(x_0, t, eps), added / (1 + sigma**2).sqrt(), rtol=0, atol=1e-12)


def test_the_variance_grows_where_the_papers_stays():
    """Of x_0 with variance 1: 1 + sigma^2 here, at every t, and 1 there."""
    assert_close(RULE.signal**2 + RULE.noise**2, 1 + RULE.noise**2, rtol=0, atol=0)
    assert float(RULE.noise[-1] ** 2) == 100
    assert_close(LINEAR.signal**2 + LINEAR.noise**2, torch.ones(1001, dtype=torch.float64), rtol=0, atol=1e-15)


@pytest.mark.parametrize("T", [0, -1, 10_001, 1.5, "10", True, None])
def test_impossible_lengths_are_refused(T):
    with pytest.raises(ValueError, match="T must be a whole number"):
        OnlyAdd(T)


@pytest.mark.parametrize("t", [-1, 1001, 1.0, True, "1", None])
def test_impossible_t_are_refused(t):
    x = torch.zeros(1)
    with pytest.raises(ValueError, match="t must be a whole number"):
        RULE.q_sample(x, t, x)
    with pytest.raises(ValueError, match="t must be a whole number"):
        RULE.q_step(x, t, x)
    with pytest.raises(ValueError, match="t must be a whole number"):
        RULE.q_step(x, 0, x)
