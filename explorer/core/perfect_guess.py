r"""The perfect guesser: for a finite set of pictures, the best possible guess of the noise is known exactly.

If x_0 is one of N pictures y_1 .. y_N, each as likely as the others, then x_t ~ N(sqrt(alpha_bar) y_i, (1 - alpha_bar)
I) for the i that it was, and by Bayes' rule

    p(y_i | x_t) = softmax_i( -|x_t - sqrt(alpha_bar) y_i|^2 / (2 (1 - alpha_bar)) )
    E[x_0 | x_t] = sum_i p(y_i | x_t) y_i

No network can have a smaller mean squared error on these N pictures: a trained one is an approximation of this sum for
all the pictures there could be (Karras et al. 2022, arXiv:2206.00364, equation 57 in their appendix).
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.core.sampling import NULL_LABEL
from explorer.core.schedule import NoiseSchedule

NEGLIGIBLE = 30.0  # pictures that are e^30 times less likely than the likeliest are left out of the sum
FEW = 64  # up to so many likely pictures are weighed anew in float64
NONE_LEFT_OUT = -1


class Known(NamedTuple):
    """The N pictures that a perfect guesser knows.

    ink: (N, 784) float32 in 0..2, measured from black: most numbers are then 0, and the sums are small and exact.
    labels: (N,) int64 in 0..9. left_out: 0-d int64, the number of the picture that shall not count, or NONE_LEFT_OUT.
    ink_by_pixel, energy: the ink again, (784, N), in the order of the second pass, and the sums of its squares, (N,)
    float64; both are made at each guess where they are not here.
    """

    ink: Tensor
    labels: Tensor
    left_out: Tensor
    ink_by_pixel: Tensor | None = None
    energy: Tensor | None = None


class PerfectGuesser:
    """A `Network`, though there is nothing to train: (x_t, t, label) -> the eps_hat that belongs to E[x_0 | x_t].

    images: (N, 1, 28, 28) in [-1, 1]; labels: (N,) int64 in 0..9. A label of 0..9 means the pictures of that class,
    10 all of them. Two passes over all pictures a guess, 2 N * 784 multiplications each; without gradients.
    Raises ValueError where images and labels do not belong together.
    """

    def __init__(self, images: Tensor, labels: Tensor, schedule: NoiseSchedule) -> None:
        if len(images) == 0 or labels.shape != (len(images),):
            raise ValueError("a perfect guesser needs one label a picture, and at least one picture")
        ink = (images.flatten(1).float() + 1).contiguous()
        energy = ink.double().square().sum(dim=1)
        self.schedule = schedule
        self.known = Known(ink, labels, torch.tensor(NONE_LEFT_OUT), ink.t().contiguous(), energy)

    def without(self, position: int) -> PerfectGuesser:
        """The guesser that has never seen picture number `position`; it shares everything else.

        Raises ValueError unless 0 <= position < N.
        """
        if not 0 <= position < len(self.known.ink):
            raise ValueError(f"there is no picture number {position}")
        return self.knowing(self.known._replace(left_out=torch.tensor(position)))

    def knowing(self, known: Known) -> PerfectGuesser:
        """The guesser of these pictures."""
        other = copy.copy(self)
        other.known = known
        return other

    def __call__(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """x_t: (B, 1, 28, 28); t: (B,) int64 in 1..T; label: (B,) int64 in 0..10. Returns eps_hat, like x_t.

        Raises ValueError where no picture of a label is left.
        """
        return self.schedule.eps_from(x_t, t, self.x0_hat(x_t, t, label))

    @torch.no_grad()
    def x0_hat(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """E[x_0 | x_t] of each row; arguments, result and errors as of a call."""
        signal, noise = self.schedule.signal[t], self.schedule.noise[t]
        mean_ink: Tensor = expected_ink(x_t.flatten(1), signal, noise, label, *self.known)
        return (mean_ink - 1).reshape(x_t.shape).to(x_t.dtype)


@torch.library.custom_op("explorer::expected_ink", mutates_args=())
def expected_ink(
    x_t: Tensor,
    signal: Tensor,
    noise: Tensor,
    label: Tensor,
    ink: Tensor,
    labels: Tensor,
    left_out: Tensor,
    ink_by_pixel: Tensor | None = None,
    energy: Tensor | None = None,
) -> Tensor:
    """E[x_0 + 1 | x_t], (B, 784) float64, of x_0 that are one of the `Known` pictures: one operation, so that it is one
    where a guess is traced (explorer/device).

    x_t: (B, 784); signal, noise: (B,) float64, sqrt(alpha_bar) and sqrt(1 - alpha_bar); label: (B,) int64 in 0..10.
    Raises ValueError where no picture of a label is left.
    """
    alpha_bar, variance = signal.square()[:, None], noise.square()[:, None]  # (B, 1)
    x_t_ink = x_t.double() + signal[:, None]  # x_t as it would be if black were 0
    energy = ink.double().square().sum(dim=1) if energy is None else energy
    # log p(y_i | x_t) but for a constant in each row, |x_t|^2 being the same for all i; (B, N) float32
    products = (ink @ x_t_ink.float().t()).t()
    logits = products * (signal[:, None] / variance).float() + (-alpha_bar / (2 * variance)).float() * energy.float()
    logits.masked_fill_(~_allowed(label, labels, left_out), -torch.inf)
    likeliest = logits.max(dim=1, keepdim=True).values
    if bool(likeliest.eq(-torch.inf).any()):
        raise ValueError("no picture of that label is left to guess from")
    few = (logits >= likeliest - NEGLIGIBLE).sum(dim=1) <= FEW
    mean_ink = torch.empty_like(x_t_ink)
    if bool(few.any()):
        mean_ink[few] = _mean_of_few(x_t_ink[few], signal[few, None], variance[few], logits[few], ink)
    if not bool(few.all()):
        weight = torch.softmax(logits[~few], dim=1)  # subtracts the largest first: log-sum-exp
        by_pixel = ink.t() if ink_by_pixel is None else ink_by_pixel
        mean_ink[~few] = (by_pixel @ weight.t()).t().double()
    return mean_ink


def _allowed(label: Tensor, labels: Tensor, left_out: Tensor) -> Tensor:
    """(B, N) bool: which pictures each row's x_0 may be."""
    ours = (label[:, None] == NULL_LABEL) | (label[:, None] == labels)
    return ours & (torch.arange(len(labels)) != left_out)


def _mean_of_few(x_t_ink: Tensor, signal: Tensor, variance: Tensor, logits: Tensor, ink: Tensor) -> Tensor:
    """(B, 784) float64: the same sum over the likeliest pictures alone, from their exact distances.

    Near t = 0 the logits are differences of millions, too large for float32; then only few pictures count.
    """
    rough, nearest = logits.topk(min(FEW, logits.shape[1]), dim=1)  # (B, K)
    ink = ink[nearest].double()  # (B, K, 784)
    distance = (x_t_ink[:, None] - signal[:, None] * ink).square().sum(dim=2)
    exact = (-distance / (2 * variance)).masked_fill(rough == -torch.inf, -torch.inf)
    weight = torch.softmax(exact, dim=1)
    return torch.einsum("bk,bkp->bp", weight, ink)
