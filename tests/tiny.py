"""Small stand-ins for trained networks. A fresh UNet answers 0 everywhere, which would make every comparison pass."""

from __future__ import annotations

import torch
from torch import nn

from explorer.core.checkpoint import Model
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet, UNetConfig

TINY = dict(widths=(16, 32), depth=(1, 1), embedding=32)
LINEAR = NoiseSchedule("linear", 1000)


def tiny_network(seed: int = 0, output: str = "eps", schedule: NoiseSchedule = LINEAR) -> UNet:
    """A tiny UNet whose zero-initialised layers are random too."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = UNet(UNetConfig(**TINY, output=output), schedule)
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d) and not layer.weight.any():
                layer.reset_parameters()
        with torch.no_grad():
            network.last.weight.mul_(3)  # answers of about the size of noise
    return network.eval().requires_grad_(requires_grad=False)


def tiny_model(seed: int = 0, output: str = "eps", schedule: NoiseSchedule = LINEAR) -> Model:
    return Model(tiny_network(seed, output, schedule), schedule, {"steps": 12, "who": "tests"})


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """N(0, 1) of this shape, the same each time."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def pictures(batch: int, seed: int = 100, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """(batch, 1, 28, 28) of uniform values in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand((batch, 1, 28, 28), generator=generator, dtype=torch.float64) * 2 - 1).to(dtype)
