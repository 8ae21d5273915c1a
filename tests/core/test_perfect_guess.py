"""The perfect guesser against closed forms, against the same sum written out in float64, and as a sampler's network."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from explorer.core.perfect_guess import FEW, PerfectGuesser
from explorer.core.sampling import NULL_LABEL, samples, timesteps, trajectory_generator
from tests.tiny import LINEAR, noise, pictures

TIMES = torch.tensor([1, 2, 30, 200, 400, 600, 800, 1000])


@pytest.fixture(scope="module")
def guesser(data):
    """Of 512 real digits: more than FEW, so that both ways to sum are used."""
    images, labels = data
    return PerfectGuesser(images, labels, LINEAR)


def any_digit(t: torch.Tensor) -> torch.Tensor:
    return torch.full_like(t, NULL_LABEL)


def written_out(x_t, t, images):
    """E[x_0 | x_t], with nothing clever, in float64."""
    alpha_bar = LINEAR.alpha_bar[t][:, None]
    y = images.flatten(1).double()
    distance = (x_t.flatten(1).double()[:, None] - alpha_bar.sqrt()[:, None] * y).square().sum(dim=2)
    weight = torch.softmax(-distance / (2 * (1 - alpha_bar)), dim=1)
    return (weight @ y).reshape(x_t.shape)


def test_two_pictures_have_a_closed_form():
    """x0_hat = middle + tanh(m) * half, m being how far x_t lies to one side; at every t, in float64."""
    a, b = pictures(2, dtype=torch.float64).float()[:, None].double()
    t = torch.arange(1, 1001)
    x_t = LINEAR.q_sample(a.expand(1000, 1, 28, 28), t, noise(1000, 1, 28, 28, dtype=torch.float64))
    found = PerfectGuesser(torch.cat([a, b]), torch.tensor([0, 1]), LINEAR).x0_hat(x_t, t, any_digit(t))
    alpha_bar = LINEAR.alpha_bar[:, None, None, None][t]
    middle, half = (a + b) / 2, (a - b) / 2
    side = ((x_t - alpha_bar.sqrt() * middle) * half).sum(dim=(1, 2, 3), keepdim=True)
    assert_close(found, middle + torch.tanh(side * alpha_bar.sqrt() / (1 - alpha_bar)) * half, rtol=0, atol=1e-6)


def test_of_one_picture_the_guess_is_that_picture():
    """Whatever x_t is, and at every t."""
    only = pictures(1)
    guesser = PerfectGuesser(only, torch.tensor([3]), LINEAR)
    found = guesser.x0_hat(noise(8, 1, 28, 28) * 5, TIMES, any_digit(TIMES))
    assert_close(found, only.expand(8, 1, 28, 28), rtol=0, atol=1e-6)


def test_it_is_the_sum_over_all_pictures(guesser, data):
    """At every t, where one picture counts and where all do, for the right x_t and for pure noise."""
    images, _ = data
    for x_0 in (images[:8], torch.zeros(8, 1, 28, 28)):
        x_t = LINEAR.q_sample(x_0, TIMES, noise(8, 1, 28, 28))
        found = guesser.x0_hat(x_t, TIMES, any_digit(TIMES))
        assert_close(found.double(), written_out(x_t, TIMES, images), rtol=0, atol=2e-5)


def test_both_ways_to_sum_are_tested(guesser, data):
    """Near t = 0 few of the 512 pictures are likely; at t = T more than FEW are."""
    images, _ = data
    x_t = LINEAR.q_sample(images[:8], TIMES, noise(8, 1, 28, 28)).flatten(1)
    distance = (x_t[:, None] - LINEAR.alpha_bar[TIMES].sqrt()[:, None, None] * images.flatten(1)).square().sum(2)
    logits = -distance / (2 * (1 - LINEAR.alpha_bar[TIMES]))[:, None]
    likely = (logits > logits.max(dim=1, keepdim=True).values - 30).sum(dim=1)
    assert likely[0] <= FEW < likely[-1]


def test_no_guess_has_a_smaller_error_and_it_falls_to_0_with_t(guesser, data):
    """Over many x_t of its own pictures: less than guessing 0, less than a shrunk copy of it, and falling with t."""
    images, _ = data
    errors = []
    for t in (1000, 700, 500, 300, 50, 1):
        times = torch.full((64,), t)
        eps = noise(64, 1, 28, 28, seed=t)
        x_t = LINEAR.q_sample(images[:64], times, eps)
        eps_hat = guesser(x_t, times, any_digit(times))
        x0_hat = LINEAR.x_0_from(x_t, times, eps_hat)
        errors.append(float((images[:64] - x0_hat).square().mean()))
        assert float((eps - eps_hat).square().mean()) <= float((eps - 0.9 * eps_hat).square().mean()) + 1e-6
    assert all(later <= earlier for earlier, later in zip(errors, errors[1:]))
    assert errors[0] > 0.1 and errors[-1] < 1e-9


def test_a_label_leaves_only_its_class(guesser, data):
    """The guess for a class is that of a guesser which has only this class."""
    images, labels = data
    x_t = LINEAR.q_sample(images[:8], TIMES, noise(8, 1, 28, 28))
    threes = PerfectGuesser(images[labels == 3], labels[labels == 3], LINEAR)
    found = guesser.x0_hat(x_t, TIMES, torch.full_like(TIMES, 3))
    assert_close(found, threes.x0_hat(x_t, TIMES, any_digit(TIMES)), rtol=0, atol=2e-5)


def test_a_picture_left_out_is_never_guessed(guesser, data):
    """Without its own picture the guess is that of a guesser which never had it; the first one is unchanged."""
    images, labels = data
    x_t = LINEAR.q_sample(images[5].expand(8, 1, 28, 28), TIMES, noise(8, 1, 28, 28))
    rest = torch.arange(512) != 5
    never_had = PerfectGuesser(images[rest], labels[rest], LINEAR).x0_hat(x_t, TIMES, any_digit(TIMES))
    assert_close(guesser.without(5).x0_hat(x_t, TIMES, any_digit(TIMES)), never_had, rtol=0, atol=2e-5)
    assert_close(guesser.x0_hat(x_t, TIMES, any_digit(TIMES))[0], images[5], rtol=0, atol=1e-6)
    assert float((never_had[0] - images[5]).abs().max()) > 0.5


def test_a_walk_to_the_end_gives_back_one_of_its_pictures(guesser, data):
    """By both samplers, to float rounding, and of the class that was asked for."""
    images, labels = data
    for sampler in ("ddpm", "ddim"):
        generators = [trajectory_generator(seed) for seed in range(3)]
        label = torch.tensor([NULL_LABEL, 4, 7])
        *_, last = samples(guesser, LINEAR, generators, timesteps(1000, 40), label=label, sampler=sampler)
        distance = (last.x_prev.flatten(1)[:, None] - images.flatten(1)).abs().amax(dim=2)
        nearest = distance.min(dim=1)
        assert float(nearest.values.max()) < 1e-4
        assert labels[nearest.indices[1:]].tolist() == [4, 7]


def test_rows_do_not_depend_on_their_batch(guesser, data):
    """A row alone and among others: the same guess, to float tolerance."""
    x_t = LINEAR.q_sample(data[0][:8], TIMES, noise(8, 1, 28, 28))
    together = guesser(x_t, TIMES, any_digit(TIMES))
    for row in range(8):
        one = slice(row, row + 1)
        assert_close(guesser(x_t[one], TIMES[one], any_digit(TIMES[one])), together[one], rtol=0, atol=1e-4)


def test_what_cannot_be_guessed_is_refused(data):
    """No pictures, labels that are not theirs, a picture that is not there, a class of which nothing is left."""
    images, labels = data
    for wrong in ((images[:0], labels[:0]), (images[:3], labels[:2])):
        with pytest.raises(ValueError, match="one label a picture"):
            PerfectGuesser(*wrong, LINEAR)
    guesser = PerfectGuesser(images[:1], labels[:1], LINEAR)
    for position in (-1, 1):
        with pytest.raises(ValueError, match="no picture number"):
            guesser.without(position)
    with pytest.raises(ValueError, match="no picture of that label"):
        guesser.without(0)(images[:1], torch.tensor([5]), torch.tensor([NULL_LABEL]))
