"""Muon: directions from a singular value decomposition, computed here in float64, against what the products of matrices
give.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from explorer.core.muon import Muon, convolutions, orthogonalized
from explorer.core.unet import UNet, UNetConfig
from tests.tiny import LINEAR, TINY


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(32, 288), (128, 32), (64, 64)], ids=str)
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
def test_all_directions_become_alike(shape, scale):
    """The same singular vectors, and singular values near 1 in place of the matrix's own, whatever its size."""
    u, _, v = torch.linalg.svd(random(*shape), full_matrices=False)
    values = torch.linspace(0.05, 1, min(shape))  # a spread of 1 to 20
    got = u.T @ orthogonalized(scale * u * values @ v) @ v.T
    assert got.diagonal().min() > 0.6 and got.diagonal().max() < 1.3
    assert (got - got.diagonal().diag()).abs().max() < 1e-3


def test_a_step_is_as_long_as_adams():
    """From zero: against the gradient's sign in every direction, and each number moves by about 0.2 times the rate."""
    weight = nn.Parameter(torch.zeros(32, 16, 3, 3).contiguous(memory_format=torch.channels_last))
    weight.grad = random(32, 16, 3, 3).contiguous(memory_format=torch.channels_last)
    Muon([weight], lr=0.01).step()
    u, s, v = torch.linalg.svd(weight.grad.permute(0, 2, 3, 1).reshape(32, -1), full_matrices=False)
    moved = u.T @ weight.detach().permute(0, 2, 3, 1).reshape(32, -1) @ v.T / (0.01 * 0.2 * 144**0.5)
    assert moved.diagonal().max() < -0.6 and moved.diagonal().min() > -1.3
    assert weight.std().item() == pytest.approx(0.002, rel=0.2)


def test_weights_of_one_shape_are_moved_as_if_alone():
    """Equal shapes share one product; nobody's step depends on that. Without a gradient a weight stays."""
    start = [random(16, 16, 3, 3, seed=i).contiguous(memory_format=torch.channels_last) for i in range(3)]
    together, alone = ([nn.Parameter(w.clone(memory_format=torch.preserve_format)) for w in start] for _ in range(2))
    for weights in (together, alone):
        for i, weight in enumerate(weights[:2]):
            weight.grad = random(16, 16, 3, 3, seed=9 + i).contiguous(memory_format=torch.channels_last)
    Muon(together, lr=0.1).step()
    for weight in alone:
        Muon([weight], lr=0.1).step()
    for a, b in zip(together, alone):
        assert_close(a, b, rtol=0, atol=1e-3)
    assert torch.equal(together[2], start[2]) and not torch.equal(together[0], start[0])


def test_it_gets_the_hidden_convolutions():
    """Not the layers that touch the picture, no biases, no embeddings."""
    network = UNet(UNetConfig(**TINY), LINEAR)
    chosen = {id(weight) for weight in convolutions(network)}
    names = [name for name, p in network.named_parameters() if id(p) in chosen]
    assert "down.0.0.conv_1.weight" in names and "first.weight" not in names and "last.weight" not in names
    assert all(name.endswith("weight") for name in names) and not any(
        "norm" in name or "time" in name for name in names
    )
