r"""The network that guesses the noise: a small U-Net, (x_t, t, label) -> eps_hat.

    x_t (B, 1, 28, 28)
     |  pixel_unshuffle: each 2x2 patch becomes 4 channels, so that nothing expensive runs at 28x28
     |                                                        (B, 4, 14, 14)
     v  blocks at 14x14 ------------- skip -------------> blocks at 14x14
        down \                                             / up
              blocks at 7x7, with self-attention between them

Time and label enter every block as a scale and a shift of its normalised channels (FiLM). Most of the cost is 3x3
convolutions; widths that are multiples of 32 keep the processor's bf16 units busy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.core.linear_guess import LinearGuess
from explorer.core.schedule import NoiseSchedule

LABELS = 11  # ten digits, and "any digit"
SIDE = 28
GROUP_CHANNELS = 16  # of a normalisation; smaller groups fall off torch's fast path for bf16
OUTPUTS = ("eps", "x_0", "v")
MAX_WEIGHTS = 8_000_000


@dataclass(frozen=True)
class UNetConfig:
    """The shape of the network. Raises ValueError for shapes that cannot be built (a file may claim anything)."""

    patch: int = 2  # side of the patches that become channels
    widths: tuple[int, ...] = (64, 128)  # channels at each resolution: 28 / patch, then half of it, ...
    depth: tuple[int, ...] = (1, 3)  # residual blocks at each resolution on the way down; the same on the way up
    embedding: int = 128  # channels of the time-and-label embedding
    attention: bool = False  # self-attention at the lowest resolution
    output: str = "eps"  # what the last layer means, one of OUTPUTS (see UNet)
    linear_guess: bool = False  # the answer is a correction of the best linear guess (see UNet)

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))  # JSON has lists only
        object.__setattr__(self, "depth", tuple(self.depth))
        whole = [self.patch, self.embedding, *self.widths, *self.depth]
        if any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in whole):
            raise ValueError("a network's sizes must be whole numbers above 0")
        if not 1 <= len(self.widths) == len(self.depth) <= 3 or SIDE % (self.patch * 2 ** (len(self.widths) - 1)):
            raise ValueError("28 pixels cannot be halved that often")
        if (
            any(width % 16 or width > 512 for width in self.widths)
            or max(self.depth) > 8
            or not 16 <= self.embedding <= 1024
        ):
            raise ValueError("widths must be multiples of 16 up to 512, depths at most 8, the embedding 16 to 1024")
        if sum(36 * blocks * width**2 for width, blocks in zip(self.widths, self.depth)) > MAX_WEIGHTS:
            raise ValueError(f"a network of more than {MAX_WEIGHTS:,} weights is not for two cores")
        if not isinstance(self.linear_guess, bool):
            raise ValueError("linear_guess must be true or false")
        if self.output not in OUTPUTS:
            raise ValueError(f"unknown output {self.output!r}: choose one of {', '.join(OUTPUTS)}")


class UNet(nn.Module):
    """eps_hat(x_t, t, label), for the schedule it is trained on.

    With config.output "eps" the last layer is the guess itself (DDPM's parametrization). With "v" the last layer F
    estimates v = sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x_0 (Salimans and Ho 2022, arXiv:2202.00512), and the guess
    is the fixed combination eps_hat = sqrt(1 - alpha_bar) x_t + sqrt(alpha_bar) F: near t = T, where x_t is almost
    all noise, the answer "x_t itself" then comes for free. With "x_0" F estimates the picture, and eps_hat = (x_t -
    sqrt(alpha_bar) F) / sqrt(1 - alpha_bar): near t = 0 its errors are multiplied. In each case the network is called
    for eps_hat alone.

    With config.linear_guess the first layer also sees the best linear guess of x_0 (linear_guess.py), and F corrects
    the noise that this implies: eps_hat = (x_t - sqrt(alpha_bar) x0_lin) / sqrt(1 - alpha_bar) + sqrt(alpha_bar) F.
    Before the guess is fitted to pictures, that is the combination above. With "x_0" F corrects x0_lin itself.
    """

    sqrt_alpha_bar: Tensor  # (T + 1,) float32, as the next one
    sqrt_one_minus_alpha_bar: Tensor

    def __init__(self, config: UNetConfig, schedule: NoiseSchedule) -> None:
        super().__init__()
        self.config, self.T = config, schedule.T
        # not weights: they follow from the schedule, so they are not saved
        self.register_buffer("sqrt_alpha_bar", schedule.alpha_bar.sqrt().float(), persistent=False)
        self.register_buffer("sqrt_one_minus_alpha_bar", (1 - schedule.alpha_bar).sqrt().float(), persistent=False)

        self.time: nn.Module = TimeEmbedding(config.embedding)
        self.label = nn.Embedding(LABELS, config.embedding)

        # scale and shift of every block, in the order of the blocks, by one matrix product for all of them
        widths, depth = config.widths, config.depth
        way_down = [2 * width for width, blocks in zip(widths, depth) for _ in range(blocks)]
        self.film_sizes = way_down + way_down[::-1]
        self.film = nn.Linear(config.embedding, sum(self.film_sizes))
        self.guess = LinearGuess(LABELS, schedule) if config.linear_guess else None
        pictures = 2 if config.linear_guess else 1
        self.first = nn.Conv2d(pictures * config.patch**2, widths[0], 3, padding=1)
        self.down = nn.ModuleList()  # one entry a resolution: its blocks
        self.shrink = nn.ModuleList()  # between resolutions
        self.grow = nn.ModuleList()
        self.up = nn.ModuleList()  # from high resolution to low, like `down`; used in reverse
        for level, width in enumerate(widths):
            self.down.append(nn.ModuleList(ResidualBlock(width) for _ in range(depth[level])))
            self.up.append(nn.ModuleList(ResidualBlock(width) for _ in range(depth[level])))
            if level + 1 < len(widths):
                self.shrink.append(nn.Conv2d(width, widths[level + 1], 3, stride=2, padding=1))
                self.grow.append(nn.Conv2d(widths[level + 1], 4 * width, 1))
        self.middle = SelfAttention(widths[-1]) if config.attention else nn.Identity()
        self.last_norm = group_norm(widths[0])
        self.last = _zeroed(nn.Conv2d(widths[0], config.patch**2, 3, padding=1))

    def forward(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """x_t: (B, 1, 28, 28); t: (B,) int64 in 1..T; label: (B,) int64 in 0..10, 10 for any digit. Returns eps_hat,
        like x_t.
        """
        dtype = self.label.weight.dtype  # bf16 in a FrozenNetwork
        condition = F.silu(self.time(t).to(dtype) + self.label(label))  # (B, embedding)
        films = iter(self.film(condition)[:, :, None, None].split(self.film_sizes, dim=1))  # (B, 2C, 1, 1) a block

        x0_lin = None if self.guess is None else self.guess(x_t, t, label)
        seen = x_t if x0_lin is None else torch.cat([x_t, x0_lin], dim=1)
        h = F.pixel_unshuffle(seen.to(dtype), self.config.patch)  # (B, patch^2, 28/patch, 28/patch), or twice as many
        h = self.first(h.contiguous(memory_format=torch.channels_last))
        skips = []
        for level, blocks in enumerate(self.down):
            for block in blocks.children():
                h = block(h, next(films))
            if level < len(self.shrink):
                skips.append(h)
                h = self.shrink[level](h)
        h = self.middle(h)
        for level in reversed(range(len(self.up))):
            if level < len(self.grow):
                h = skips.pop() + F.pixel_shuffle(self.grow[level](h), 2)  # 4C channels -> C channels at twice the side
            for block in self.up[level].children():
                h = block(h, next(films))
        h = F.pixel_shuffle(self.last(F.silu(self.last_norm(h))), self.config.patch)
        h = h.to(x_t.dtype)  # (B, 1, 28, 28)
        return self._eps_hat(x_t, t, h, x0_lin)

    def _eps_hat(self, x_t: Tensor, t: Tensor, last: Tensor, x0_lin: Tensor | None) -> Tensor:
        """The guess, from the last layer's answer; all (B, 1, 28, 28)."""
        rows = (-1, 1, 1, 1)
        a, s = self.sqrt_alpha_bar[t].view(rows), self.sqrt_one_minus_alpha_bar[t].view(rows)
        if self.config.output == "x_0":
            return (x_t - a * (last if x0_lin is None else x0_lin + last)) / s
        correction = last if self.config.output == "eps" else a * last
        if x0_lin is not None:
            return (x_t - a * x0_lin) / s + correction
        return last if self.config.output == "eps" else s * x_t + correction


def group_norm(channels: int) -> nn.GroupNorm:
    """Group normalisation (Wu and He 2018, arXiv:1803.08494)."""
    return nn.GroupNorm(channels // GROUP_CHANNELS, channels)


class TimeEmbedding(nn.Module):
    """t (B,) int64 -> (B, embedding): waves of many lengths (Vaswani et al. 2017, section 3.5), then two layers."""

    WAVES = 64
    frequencies: Tensor  # (32,)

    def __init__(self, embedding: int) -> None:
        super().__init__()
        half = self.WAVES // 2
        frequencies = torch.exp(-math.log(10_000) * torch.arange(half) / half)
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.layers = nn.Sequential(nn.Linear(self.WAVES, embedding), nn.SiLU(), nn.Linear(embedding, embedding))

    def forward(self, t: Tensor) -> Tensor:
        """t: (B,) int64 -> (B, embedding)."""
        angles = t[:, None] * self.frequencies  # (B, 32)
        embedded: Tensor = self.layers(torch.cat([angles.sin(), angles.cos()], dim=1))
        return embedded


class ResidualBlock(nn.Module):
    """x + conv(silu(scale * norm(conv(silu(norm(x)))) + shift)), with scale and shift from time and label."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm_1 = group_norm(channels)
        self.conv_1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm_2 = group_norm(channels)
        self.conv_2 = _zeroed(nn.Conv2d(channels, channels, 3, padding=1))  # the block starts as the identity

    def forward(self, x: Tensor, film: Tensor) -> Tensor:
        """x: (B, channels, H, W), film: (B, 2 * channels, 1, 1) -> (B, channels, H, W)."""
        scale, shift = film.chunk(2, dim=1)
        h: Tensor = self.conv_1(F.silu(self.norm_1(x)))
        h = torch.addcmul(shift, self.norm_2(h), 1 + scale)
        change: Tensor = self.conv_2(F.silu(h))
        return x + change


class SelfAttention(nn.Module):
    """Every place of the picture looks at every other (4 heads): strokes far apart must agree on which digit
    they draw.
    """

    HEADS = 4

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = group_norm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = _zeroed(nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, channels, H, W) -> the same shape."""
        B, C, H, W = x.shape
        qkv = self.qkv(self.norm(x)).reshape(B, 3, self.HEADS, C // self.HEADS, H * W)
        q, k, v = qkv.unbind(1)  # (B, heads, C/heads, H*W) each
        # written out: for 49 places this is faster on a CPU than the fused kernel
        weight = torch.softmax(
            q.transpose(-1, -2) @ k / math.sqrt(C // self.HEADS), dim=-1
        )  # (B, heads, H*W asking, H*W asked)
        h = v @ weight.transpose(-1, -2)  # (B, heads, C/heads, H*W)
        change: Tensor = self.out(h.reshape(B, C, H, W))
        return x + change


def _zeroed(layer: nn.Conv2d) -> nn.Conv2d:
    """A layer that answers 0 until it has learnt something."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
