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

import torch
from torch import Tensor

from explorer.core.sampling import NULL_LABEL
from explorer.core.schedule import NoiseSchedule

NEGLIGIBLE = 30.0  # pictures that are e^30 times less likely than the likeliest are left out of the sum
FEW = 64  # up to so many likely pictures are weighed anew in float64


class PerfectGuesser:
    """A `Network`, though there is nothing to train: (x_t, t, label) -> the eps_hat that belongs to E[x_0 | x_t].

    images: (N, 1, 28, 28) in [-1, 1]; labels: (N,) int64 in 0..9. A label of 0..9 means the pictures of that class,
    10 all of them. Two passes over all pictures a guess, 2 N * 784 multiplications each; without gradients.
    Raises ValueError where images and labels do not belong together.
    """

    def __init__(self, images: Tensor, labels: Tensor, schedule: NoiseSchedule) -> None:
        if len(images) == 0 or labels.shape != (len(images),):
            raise ValueError("a perfect guesser needs one label a picture, and at least one picture")
        self.schedule, self._labels = schedule, labels
        # Measured from black: most numbers are then 0, and the sums below are small and exact.
        self._ink = (images.flatten(1).float() + 1).contiguous()  # (N, 784)
        self._ink_by_pixel = self._ink.t().contiguous()  # (784, N): the same again, in the order of the second pass
        self._energy = self._ink.double().square().sum(dim=1)  # (N,)
        self._left_out: int | None = None

    def without(self, position: int) -> PerfectGuesser:
        """The guesser that has never seen picture number `position`; it shares everything else.

        Raises ValueError unless 0 <= position < N.
        """
        if not 0 <= position < len(self._ink):
            raise ValueError(f"there is no picture number {position}")
        other = copy.copy(self)
        other._left_out = position
        return other

    def __call__(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """x_t: (B, 1, 28, 28); t: (B,) int64 in 1..T; label: (B,) int64 in 0..10. Returns eps_hat, like x_t.

        Raises ValueError where no picture of a label is left.
        """
        return self.schedule.eps_from(x_t, t, self.x0_hat(x_t, t, label))

    @torch.no_grad()
    def x0_hat(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """E[x_0 | x_t] of each row; arguments, result and errors as of a call."""
        alpha_bar = self.schedule.alpha_bar[t][:, None]  # (B, 1) float64
        x_t_ink = x_t.flatten(1).double() + alpha_bar.sqrt()  # x_t as it would be if black were 0
        logits = self._logits(x_t_ink, alpha_bar).masked_fill_(~self._allowed(label), -torch.inf)  # (B, N)
        likeliest = logits.max(dim=1, keepdim=True).values
        if bool(likeliest.eq(-torch.inf).any()):
            raise ValueError("no picture of that label is left to guess from")
        few = (logits >= likeliest - NEGLIGIBLE).sum(dim=1) <= FEW
        mean_ink = torch.empty_like(x_t_ink)
        if bool(few.any()):
            mean_ink[few] = self._mean_of_few(x_t_ink[few], alpha_bar[few], logits[few])
        if not bool(few.all()):
            weight = torch.softmax(logits[~few], dim=1)  # subtracts the largest first: log-sum-exp
            mean_ink[~few] = (self._ink_by_pixel @ weight.t()).t().double()
        return (mean_ink - 1).reshape(x_t.shape).to(x_t.dtype)

    def _logits(self, x_t_ink: Tensor, alpha_bar: Tensor) -> Tensor:
        """(B, N) float32: log p(y_i | x_t) but for a constant in each row, |x_t|^2 being the same for all i."""
        products = (self._ink @ x_t_ink.float().t()).t()  # (B, N)
        by_product, by_energy = alpha_bar.sqrt() / (1 - alpha_bar), -alpha_bar / (2 * (1 - alpha_bar))
        return products * by_product.float() + by_energy.float() * self._energy.float()

    def _allowed(self, label: Tensor) -> Tensor:
        """(B, N) bool: which pictures each row's x_0 may be."""
        allowed = (label[:, None] == NULL_LABEL) | (label[:, None] == self._labels)
        if self._left_out is not None:
            allowed[:, self._left_out] = False
        return allowed

    def _mean_of_few(self, x_t_ink: Tensor, alpha_bar: Tensor, logits: Tensor) -> Tensor:
        """(B, 784) float64: the same sum over the likeliest pictures alone, from their exact distances.

        Near t = 0 the logits are differences of millions, too large for float32; then only few pictures count.
        """
        rough, nearest = logits.topk(min(FEW, logits.shape[1]), dim=1)  # (B, K)
        ink = self._ink[nearest].double()  # (B, K, 784)
        distance = (x_t_ink[:, None] - alpha_bar.sqrt()[:, None] * ink).square().sum(dim=2)
        exact = (-distance / (2 * (1 - alpha_bar))).masked_fill(rough == -torch.inf, -torch.inf)
        weight = torch.softmax(exact, dim=1)
        return torch.einsum("bk,bkp->bp", weight, ink)
