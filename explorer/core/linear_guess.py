"""A guess of x_0 that is linear in x_t: what mean and covariance of the pictures tell, in closed form.

If the pictures of a label were Gaussian, x_0 ~ N(mean, C), then of x_t = sqrt(alpha_bar) x_0 + sqrt(1 - alpha_bar) eps
the expected x_0 would be Wiener's filter (1949). In the directions in which C is diagonal it reads

    x0_lin = mean + share * (x_t / sqrt(alpha_bar) - mean)
    share = variance / (variance + (1 - alpha_bar) / alpha_bar)

In each direction the deviation from the mean is believed as far as the pictures' variance exceeds the noise's. Real
pictures are not Gaussian; what is missing is what a network has to learn.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.core.schedule import NoiseSchedule

PIXELS = 28 * 28
DIRECTIONS = 128  # with 94% of the variance of MNIST's digits
MOST_PICTURES = 5000  # to fit to: as good as all, in a tenth of a second
WORTH = 100  # pictures
SMALLEST_VARIANCE = 1e-6  # pixels at the border never vary
SMALLEST_ALPHA_BAR = 1e-9  # some schedules end at 0


class LinearGuess(nn.Module):
    """(x_t, t, label) -> x0_lin, after `fit`. Before it, x_0 is taken for N(0, I), and x0_lin = sqrt(alpha_bar) x_t.

    In the 128 directions in which the pictures vary most, each label has its own covariance; what lies outside of them
    is taken pixel by pixel, which costs a sixth of all 784 directions and guesses as well.
    """

    mean: Tensor  # (labels, 784)
    directions: Tensor  # (784, DIRECTIONS), a column each
    turns: Tensor  # (labels, DIRECTIONS, DIRECTIONS): where a label's covariance is diagonal, a column each
    log_variance: Tensor  # (labels, DIRECTIONS): there
    log_variance_outside: Tensor  # (labels, 784): of each pixel, outside of all directions
    over_sqrt_alpha_bar: Tensor  # (T + 1,): 1 / sqrt(alpha_bar)
    log_snr: Tensor  # (T + 1,): log(alpha_bar / (1 - alpha_bar))

    def __init__(self, labels: int, schedule: NoiseSchedule) -> None:
        """labels: how many there are; the last one stands for any digit."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(labels, PIXELS))
        self.register_buffer("directions", torch.eye(PIXELS, DIRECTIONS))
        self.register_buffer("turns", torch.eye(DIRECTIONS).repeat(labels, 1, 1))
        self.register_buffer("log_variance", torch.zeros(labels, DIRECTIONS))
        self.register_buffer("log_variance_outside", torch.zeros(labels, PIXELS))
        # not to be saved, as they follow from the schedule
        alpha_bar = schedule.alpha_bar.clamp(SMALLEST_ALPHA_BAR, 1 - SMALLEST_ALPHA_BAR)
        self.register_buffer("over_sqrt_alpha_bar", alpha_bar.rsqrt().float(), persistent=False)
        self.register_buffer("log_snr", torch.logit(alpha_bar).float(), persistent=False)

    def forward(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """x_t: (B, 1, 28, 28) float32; t, label: (B,) int64. Returns x0_lin, like x_t, float32."""
        if torch.is_autocast_enabled(x_t.device.type):
            with torch.autocast(x_t.device.type, enabled=False):  # at small t the last digits decide
                return self._filtered(x_t, t, label)
        return self._filtered(x_t, t, label)

    def _filtered(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        mean, log_snr = self.mean[label], self.log_snr[t][:, None]
        away = x_t.flatten(1) * self.over_sqrt_alpha_bar[t][:, None] - mean  # (B, 784)
        along = F.linear(away, self.directions.t())  # (B, DIRECTIONS)
        outside = away - F.linear(along, self.directions)
        turn = self.turns[label]
        # variance / (variance + (1 - alpha_bar) / alpha_bar) is the logistic function of the logarithms' sum
        own = (along[:, None] @ turn) * torch.sigmoid(self.log_variance[label] + log_snr)[:, None]
        believed = F.linear((own @ turn.mT)[:, 0], self.directions)
        believed = believed + outside * torch.sigmoid(self.log_variance_outside[label] + log_snr)
        return (mean + believed).reshape(x_t.shape)

    @torch.no_grad()
    def fit(self, x_0: Tensor, label: Tensor) -> None:
        """Take mean and covariance from pictures: x_0 (N, 1, 28, 28) in [-1, 1], N >= 1; label (N,) int64. A label
        without pictures is taken for any digit. A label's covariance is that of its pictures and of WORTH more which
        have the labels' mean covariance: of few pictures the own one tells little.
        """
        every, any_digit = math.ceil(len(x_0) / MOST_PICTURES), len(self.mean) - 1
        x, label = x_0[::every].flatten(1).to(self.mean), label[::every]
        members = {k: x[label == k] for k in label.unique().tolist()} | {any_digit: x}
        within = torch.cat([pictures - pictures.mean(dim=0) for k, pictures in members.items() if k != any_digit])
        self.directions.copy_(_principal(_covariance(within))[1][:, :DIRECTIONS])
        shared = self._along_and_outside(within)
        for k in range(len(self.mean)):
            pictures = members.get(k, x)
            self.mean[k] = pictures.mean(dim=0)
            own = self._along_and_outside(pictures - self.mean[k])
            weight = WORTH / (WORTH + len(pictures))
            covariance, outside = (torch.lerp(mine, all_, weight) for mine, all_ in zip(own, shared))
            variance, self.turns[k] = _principal(covariance)
            self.log_variance[k] = variance.log()
            self.log_variance_outside[k] = outside.clamp(min=SMALLEST_VARIANCE).log()

    def _along_and_outside(self, away: Tensor) -> tuple[Tensor, Tensor]:
        """Of deviations from the mean (N, 784): their covariance along the directions, (DIRECTIONS, DIRECTIONS), and
        the variance of each pixel outside of them, (784,).
        """
        along = away @ self.directions
        return _covariance(along), (away - along @ self.directions.T).square().mean(dim=0)


def _covariance(away: Tensor) -> Tensor:
    return away.T @ away / len(away)


def _principal(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The variance (D,) in each principal direction, falling, and these (D, D), a column each."""
    variance, directions = torch.linalg.eigh(covariance.double())
    return variance.flip(0).clamp(min=SMALLEST_VARIANCE).to(covariance), directions.flip(1).to(covariance)
