"""The linear guess, against Wiener's filter solved directly in float64, and inside the network."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from explorer.core.checkpoint import Model, from_bytes, to_bytes
from explorer.core.inference import FrozenNetwork
from explorer.core.linear_guess import DIRECTIONS, WORTH, LinearGuess
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainingSettings, train
from explorer.core.unet import LABELS, UNet, UNetConfig
from tests.tiny import LINEAR, TINY, noise, pictures

COSINE = NoiseSchedule("cosine", 1000)
T_SEEN = torch.tensor([1, 40, 400, 900, 1000])
CONFIG = UNetConfig(**TINY, output="v", linear_guess=True)


def flat_pictures(n: int, seed: int) -> torch.Tensor:
    """Pictures that vary in 20 directions only, in each of these by another amount: (n, 1, 28, 28)."""
    directions = torch.linalg.qr(noise(784, 20, seed=5))[0]
    return ((noise(n, 20, seed=seed) * torch.linspace(0.2, 3, 20)) @ directions.T * 0.5).view(n, 1, 28, 28)


@pytest.mark.parametrize("schedule", [LINEAR, COSINE], ids=lambda schedule: schedule.kind)
def test_it_is_wieners_filter(schedule):
    """mean + a C (a^2 C + s^2 I)^-1 (x_t - a mean), for two labels that differ in mean and covariance: C is of the
    label's own pictures and of WORTH more with the labels' mean covariance. (At t = 1 a variance of nothing counts as
    the smallest one.)
    """
    x_0 = torch.cat([flat_pictures(300, 1), 0.3 - 0.5 * flat_pictures(200, 2)])
    label = torch.tensor([3] * 300 + [7] * 200)
    guess = LinearGuess(LABELS, schedule)
    guess.fit(x_0, label)
    seen = T_SEEN[1:]
    x_t = schedule.q_sample(flat_pictures(4, 4), seen, noise(4, 1, 28, 28, seed=3))
    flat = x_0.flatten(1).double()
    within = sum(len(x) * torch.cov(x.T, correction=0) for x in (flat[:300], flat[300:])) / 500
    for asked, members in ((3, label == 3), (7, label == 7)):
        x = flat[members]
        mean, C = x.mean(dim=0), (len(x) * torch.cov(x.T, correction=0) + WORTH * within) / (len(x) + WORTH)
        got = guess(x_t, seen, torch.full((4,), asked)).flatten(1).double()
        for row, t in enumerate(seen.tolist()):
            a, s2 = schedule.alpha_bar[t].sqrt(), 1 - schedule.alpha_bar[t]
            away = x_t[row].flatten().double() - a * mean
            want = mean + a * C @ torch.linalg.solve(a**2 * C + s2 * torch.eye(784, dtype=torch.float64), away)
            assert_close(got[row], want, rtol=0, atol=2e-4)


def test_of_real_digits_it_guesses_better_than_the_mean_and_than_x_t(data):
    """The mean squared error of x0_lin, against those of the label's mean picture and of x_t / sqrt(alpha_bar)."""
    x_0, label = data
    guess = LinearGuess(LABELS, COSINE)
    guess.fit(x_0[:384], label[:384])
    new, asked = x_0[384:], label[384:]
    for t in (100, 300, 500):
        x_t = COSINE.q_sample(new, t, noise(*new.shape, seed=t))
        many = torch.full((len(new),), t)
        error = (guess(x_t, many, asked) - new).square().mean()
        assert error < 0.95 * (guess.mean[asked].view_as(new) - new).square().mean()
        assert error < 0.95 * (x_t / COSINE.alpha_bar[t].sqrt() - new).square().mean()


def test_a_label_without_pictures_is_any_digit(data):
    x_0, label = data
    guess = LinearGuess(LABELS, LINEAR)
    guess.fit(x_0[label != 4], label[label != 4])
    x_t, t = noise(2, 1, 28, 28), torch.tensor([200, 800])
    assert_close(guess(x_t, t, torch.tensor([4, 4])), guess(x_t, t, torch.tensor([10, 10])))
    assert not torch.allclose(guess(x_t, t, torch.tensor([3, 3])), guess(x_t, t, torch.tensor([10, 10])))


def test_one_picture_is_enough():
    """Everything that never varies has the smallest variance; nothing becomes infinite."""
    guess = LinearGuess(LABELS, COSINE)
    guess.fit(pictures(1), torch.tensor([2]))
    assert guess(noise(5, 1, 28, 28), T_SEEN, torch.full((5,), 2)).isfinite().all()
    assert_close(guess(noise(1, 1, 28, 28), torch.tensor([500]), torch.tensor([2])), pictures(1), rtol=0, atol=0.01)


def test_before_it_is_fitted_the_network_is_as_without_it():
    """x_0 ~ N(0, I): x0_lin = sqrt(alpha_bar) x_t, and a fresh network, whose last layer answers 0, says the same."""
    x_t, label = noise(5, 1, 28, 28), torch.zeros(5, dtype=torch.int64)
    x0_lin = LinearGuess(LABELS, COSINE)(x_t, T_SEEN, label)
    assert_close(x0_lin, COSINE.alpha_bar[T_SEEN].sqrt().float().view(-1, 1, 1, 1) * x_t, rtol=1e-3, atol=1e-5)
    with torch.no_grad():
        one, other = (
            UNet(config, COSINE)(x_t, T_SEEN, label) for config in (CONFIG, replace(CONFIG, linear_guess=False))
        )
    assert_close(one, other, rtol=0, atol=1e-4)


def test_training_begins_with_it_and_a_file_keeps_it(data):
    """Fitted before the first step, in the network and in its average; a saved model answers as before; a run that is
    resumed does not fit again.
    """
    run = TrainingRun(CONFIG, COSINE, TrainingSettings(batch=16))
    steps = train(run, *data, steps=4)
    first = next(steps)
    assert first.loss < 0.5 and first.seconds == run.seconds  # guessing zero costs 1
    assert run.average.guess is not None and run.network.guess is not None
    kept = {name: tensor.clone() for name, tensor in run.average.guess.state_dict().items()}
    steps.close()
    list(train(run, data[0].flip(3), data[1], steps=4))
    for name, tensor in kept.items():
        assert torch.equal(run.average.guess.state_dict()[name], tensor), name
        assert torch.equal(run.network.guess.state_dict()[name], tensor), name
    again = from_bytes(to_bytes(Model(run.average, COSINE))).network
    x_t, label = noise(5, 1, 28, 28), torch.tensor([0, 3, 9, 10, 10])
    with torch.no_grad():
        assert_close(again(x_t, T_SEEN, label), run.average(x_t, T_SEEN, label), rtol=0, atol=0)
        frozen = FrozenNetwork(run.average, torch.float32)
        assert_close(frozen(x_t, T_SEEN, label), run.average(x_t, T_SEEN, label), rtol=1e-3, atol=1e-3)


def test_a_file_from_before_it_has_none():
    config = UNetConfig(**TINY)
    assert not config.linear_guess and UNet(config, LINEAR).guess is None
    with pytest.raises(ValueError, match="linear_guess"):
        UNetConfig(**TINY, linear_guess=1)  # type: ignore[arg-type]
    assert DIRECTIONS < 784
