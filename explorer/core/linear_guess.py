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
from typing import NamedTuple

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
        """Take mean and covariance from pictures: x_0 (N, 1, 28, 28) in [-1, 1], N >= 1; label (N,) int64, each below
        the one for any digit. See `fitted`.
        """
        every = math.ceil(len(x_0) / MOST_PICTURES)
        x, label = x_0[::every].flatten(1).to(self.mean), label[::every]
        member = F.one_hot(label, len(self.mean) - 1).to(x)
        for name, value in fitted(x, member)._asdict().items():
            getattr(self, name).copy_(value)


class Fitted(NamedTuple):
    """What is fitted to pictures; see LinearGuess."""

    mean: Tensor
    directions: Tensor
    turns: Tensor
    log_variance: Tensor
    log_variance_outside: Tensor


def fitted(x: Tensor, member: Tensor) -> Fitted:
    """x: (N, 784); member: (N, labels - 1), 1 where the picture is of that label; one that is of none does not count. A
    label without pictures is taken for any digit. A label's covariance is that of its pictures and of WORTH more which
    have the labels' mean covariance: of few pictures the own one tells little.
    """
    members = member.sum(dim=0)  # (labels - 1,)
    counted, every, there = member.sum(dim=1, keepdim=True), members.sum(), members > 0
    middle = (counted * x).sum(dim=0) / every  # (784,)
    own = member.T @ x / members.clamp(min=1)[:, None]  # (labels - 1, 784)
    within, around = (x - member @ own) * counted, (x - middle) * counted
    directions = _principal(within.T @ within / every)[1][:, :DIRECTIONS]
    (along, outside), (along_all, outside_all) = _parts(within, directions), _parts(around, directions)

    def moments(along: Tensor, outside: Tensor, counts: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        """Of those that count: their covariance along the directions, and each pixel's variance outside of them."""
        return (along * counts).T @ along / n, (outside * counts).sum(dim=0) / n

    shared, any_digit = moments(along, outside, counted, every), moments(along_all, outside_all, counted, every)
    of_labels = [moments(along, outside, member[:, k : k + 1], n) for k, n in enumerate(members.clamp(min=1).unbind())]
    covariance, variance_outside = (torch.stack(parts) for parts in zip(*of_labels, any_digit))
    there = torch.cat([there, torch.ones_like(there[:1])])  # there is always any digit
    covariance = torch.where(there[:, None, None], covariance, any_digit[0])
    variance_outside = torch.where(there[:, None], variance_outside, any_digit[1])
    weight = WORTH / (WORTH + torch.where(there, torch.cat([members, every[None]]), every))
    variance, turns = _principal(torch.lerp(covariance, shared[0], weight[:, None, None]))
    outside = torch.lerp(variance_outside, shared[1], weight[:, None])
    return Fitted(
        torch.where(there[:, None], torch.cat([own, middle[None]]), middle),
        directions,
        turns,
        variance.log(),
        outside.clamp(min=SMALLEST_VARIANCE).log(),
    )


def _parts(away: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Of deviations from the mean (N, 784): their coordinates along the directions, (N, DIRECTIONS), and the squares of
    what is left of each pixel, (N, 784).
    """
    along = away @ directions
    return along, (away - along @ directions.T).square()


def _principal(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The variance (..., D) in each principal direction, falling, and these (..., D, D), a column each."""
    variance, directions = torch.linalg.eigh(covariance.double())
    return variance.flip(-1).clamp(min=SMALLEST_VARIANCE).to(covariance), directions.flip(-1).to(covariance)
