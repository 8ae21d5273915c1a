"""Long way = short way: the chain of small steps and the closed form have one distribution, and no pixel in common."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from explorer.data import pictures
from explorer.data.pixels import to_pixels
from explorer.demos import noising
from explorer.demos.two_ways import BINS, BLOCK, COPIES, SHOWN, STEPS_A_TURN, two_ways
from explorer.page.payloads.noising import two_ways_value

SEVEN = pictures.digit(7, 0)


def now(work):
    return work()


@pytest.mark.parametrize("kind, T", [("linear", 1000), ("cosine", 200), ("linear", 10)])
def test_the_ways_agree_with_the_formula(kind, T):
    """At each stop both have the mean sqrt(alpha_bar) x_0 and the variance 1 - alpha_bar, within what 64
    copies allow.
    """
    schedule = noising.schedule(kind, T)
    found = two_ways(SEVEN, schedule, 0, now)
    assert len(found.t) == 10 and found.t[-1] == T and sorted(set(found.t)) == list(found.t)
    alpha_bar = schedule.alpha_bar[list(found.t)].numpy()
    np.testing.assert_allclose(found.expected_variance, 1 - alpha_bar)
    mean = np.sqrt(alpha_bar)[:, None, None] * SEVEN.image().numpy()
    for way in (found.steps, found.jump):
        sigma = np.sqrt((1 - alpha_bar) / COPIES)[:, None, None]
        assert (np.abs(way.mean - mean) < 5.5 * sigma + 1e-6).all()  # each of 7840 pixels
        # the variance of N(0, 1) pixels, averaged over 784 of them, is known to sqrt(2 / (63 * 784)) = 0.6%
        np.testing.assert_allclose(way.variance.mean(axis=(1, 2)), 1 - alpha_bar, rtol=0.03)
        np.testing.assert_allclose(way.density.sum(axis=1) * (BINS[1] - BINS[0]), 1)
    assert np.abs(found.steps.density - found.jump.density).max() < 0.05


def test_the_pixels_differ():
    """Two ways, two noises: uncorrelated residuals."""
    found = two_ways(SEVEN, noising.schedule("linear"), 0, now)
    mean = np.sqrt(1 - found.expected_variance[-1]) * SEVEN.image().numpy()
    a, b = ((way.pictures[-1] - mean).ravel() for way in (found.steps, found.jump))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05 and np.abs(a - b).mean() > 1


def test_the_long_way_is_the_chain_of_single_steps():
    """Every step is q_step with fresh noise, in the seed's order, however it is cut into turns."""
    schedule, turns = noising.schedule("linear", 100), []
    found = two_ways(SEVEN, schedule, 3, lambda work: (turns.append(1), work())[1])
    generator = torch.Generator().manual_seed(3)
    x_t = [SEVEN.image().expand(BLOCK, -1, -1, -1)] * (COPIES // BLOCK)
    for t in range(1, 11):
        x_t = [schedule.q_step(block, t, torch.randn(BLOCK, 1, 28, 28, generator=generator)) for block in x_t]
    assert found.t[0] == 10
    assert_close(torch.tensor(found.steps.pictures[0]), x_t[0][:SHOWN, 0], rtol=0, atol=1e-6)
    assert len(turns) >= 100 / STEPS_A_TURN


def test_the_payload():
    """Pictures to one grey level, figures that fit on the page."""
    found = two_ways(SEVEN, noising.schedule("linear", 100), 3, now)
    value = two_ways_value(found)
    assert [way["name"] for way in value["ways"]] == ["steps", "jump"] and value["t"] == list(found.t)
    import base64

    sent = np.frombuffer(base64.b64decode(value["ways"][1]["pictures"]), np.uint8).reshape(found.jump.pictures.shape)
    assert np.array_equal(sent, to_pixels(torch.tensor(found.jump.pictures)))
    assert all(distance > 0.1 for distance in value["apart"])
