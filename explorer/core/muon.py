"""Muon: an optimizer for the weights of convolutions, which learn about twice as fast by it as by Adam.

A convolution's weight is a matrix: output channels times everything that each of them looks at. The gradients of such
matrices are dominated by few directions, and Adam, which scales every number by itself, follows those. Muon replaces
the averaged gradient by the nearest matrix that treats all directions alike: of its singular value decomposition
U S V^T it keeps U V^T. So the rare directions are learnt too (Jordan et al. 2024; Liu et al. 2025, arXiv:2502.16982).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # of the quintic that drives singular values towards 1; Jordan et al.'s
ROUNDS = 5


def orthogonalized(matrices: Tensor, rounds: int = ROUNDS) -> Tensor:
    """About U V^T of each matrix U S V^T: (..., rows, columns) -> the same shape, float32, singular values near 1 (0.7
    to 1.2).

    Newton-Schulz iteration: only products of matrices, so it needs no decomposition. A round makes a x + p x of x, with
    p a polynomial of x x^T; as these all commute, the rounds are made with the small square matrices alone, which tell
    what all of them together make of x: scale x + rest x.
    """
    a, b, c = NEWTON_SCHULZ
    wide = matrices.size(-2) <= matrices.size(-1)
    x = (matrices if wide else matrices.mT).reshape(-1, *sorted(matrices.shape[-2:])).float()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)  # the largest singular value is at most 1
    gram = x @ x.mT
    scale, rest = 1.0, 0 * gram
    for _ in range(rounds):
        p = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        scale, rest = a * scale, torch.baddbmm(a * rest + scale * p, p, rest)
        half = torch.baddbmm(gram, p, gram, beta=a)
        gram = torch.baddbmm(half, half, p, beta=a)
    x = torch.baddbmm(x, rest, x, beta=scale)
    y: Tensor = x if wide else x.mT
    return y.reshape(matrices.shape)


def convolutions(network: nn.Module) -> list[Tensor]:
    """The weights that Muon is for: of the convolutions between hidden channels, not of those next to the picture."""
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    return [layer.weight for layer in layers if min(layer.in_channels, layer.out_channels) >= 16]


class Muon(torch.optim.Optimizer):
    """Moves each weight by lr times the orthogonalized average of its gradients, as far as Adam would with this lr.

    weights: (out, in, height, width) each. momentum: the share of the average that the next gradient leaves. rounds: of
    the iteration.
    """

    def __init__(
        self,
        weights: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float,
        momentum: float = 0.95,
        rounds: int = ROUNDS,
    ) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "rounds": rounds})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override] # without a closure, which nobody here has
        """Move every weight that has a gradient, once."""
        for group in self.param_groups:
            weights = sorted((w for w in group["params"] if w.grad is not None), key=_matrix_shape)
            for (rows, columns), same in groupby(weights, key=_matrix_shape):
                members = list(same)
                averages = torch.stack([_as_matrix(self._averaged(weight, group["momentum"])) for weight in members])
                # an orthogonal matrix's numbers have mean square 1 / max(rows, columns); Adam's steps about 0.2^2 (Liu
                # et al., equation 4)
                rate = group["lr"] * 0.2 * max(rows, columns) ** 0.5
                for weight, direction in zip(members, orthogonalized(averages, group["rounds"])):
                    _as_matrix(weight).sub_(direction * rate)

    def _averaged(self, weight: Tensor, momentum: float) -> Tensor:
        """The average of this weight's gradients, with a look ahead (Nesterov's)."""
        state, gradient = self.state[weight], weight.grad
        assert gradient is not None  # as chosen by `step`
        if not state:
            state["average"] = torch.zeros_like(weight)
        state["average"].lerp_(gradient, 1 - momentum)
        return gradient.lerp(state["average"], momentum)


def _matrix_shape(weight: Tensor) -> tuple[int, int]:
    return weight.shape[0], weight[0].numel()


def _as_matrix(weight: Tensor) -> Tensor:
    """(out, in, height, width) in channels_last order -> (out, height * width * in), the same memory."""
    return weight.permute(0, 2, 3, 1).view(weight.shape[0], -1)
