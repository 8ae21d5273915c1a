"""Long way = short way: t single steps of destruction, or one jump, lead to the same distribution by different pixels.

The chain of equation 2 and the closed form of equation 4 (DDPM), over COPIES copies of one picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.sampling import IMAGE_SHAPE
from explorer.data.pictures import Picture
from explorer.demos.noising import Rule

COPIES = 64
SHOWN = 8  # of the copies, as pictures
STOPS = 10  # where the two ways are compared, spread evenly over 1..T
BINS = np.linspace(-3.5, 3.5, 36)
STEPS_A_TURN = 50
# copies noised at a time: torch hands larger tensors to helper threads, and thousands of tiny operations then mostly
# wait for them
BLOCK = 32


@dataclass(frozen=True)
class Way:
    """COPIES pictures that came one way to each of N stops.

    pictures: (N, SHOWN, 28, 28) float32, the first few copies. mean, variance: (N, 28, 28), of each pixel over the
    copies. density: (N, 35), the histogram of all pixels of all copies over BINS, as a density; what lies beyond counts
    at the ends.
    """

    pictures: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    density: np.ndarray


@dataclass(frozen=True)
class LongAndShortWay:
    """steps: t single steps; jump: the closed form. t: the stops. expected_variance: (N,), 1 - alpha_bar_t, or
    sigma_t^2 where nothing is shrunk.
    """

    t: tuple[int, ...]
    steps: Way
    jump: Way
    expected_variance: np.ndarray


@lru_cache(maxsize=16)  # a class of thirty looks at the same few pictures
def two_ways(
    picture: Picture, schedule: Rule, seed: int, compute: Callable[[Callable[[], Any]], Any]
) -> LongAndShortWay:
    """Go both ways with fresh noise from one seed. `compute` runs the work, a little at a time
    (ComputeScheduler.films).
    """
    stops = tuple(dict.fromkeys(round(schedule.T * k / STOPS) for k in range(1, STOPS + 1)))
    generator = torch.Generator().manual_seed(seed)
    x_0 = [picture.image().expand(BLOCK, *IMAGE_SHAPE)] * (COPIES // BLOCK)

    def noise() -> Tensor:
        return torch.randn(BLOCK, *IMAGE_SHAPE, generator=generator)

    def walk(blocks: list[Tensor], after: int, last: int) -> list[Tensor]:
        for t in range(after + 1, last + 1):
            blocks = [schedule.q_step(block, t, noise()) for block in blocks]
        return blocks

    def jump() -> list[list[Tensor]]:
        return [[schedule.q_sample(block, stop, noise()) for block in x_0] for stop in stops]

    stepped, blocks, t = [], x_0, 0
    for stop in stops:
        while t < stop:
            before, t = t, min(stop, t + STEPS_A_TURN)
            blocks = compute(partial(walk, blocks, before, t))
        stepped.append(blocks)
    jumped = compute(jump)
    return LongAndShortWay(stops, _way(stepped), _way(jumped), schedule.noise[list(stops)].square().numpy())


def _way(arrived: list[list[Tensor]]) -> Way:
    x_t = np.stack([np.concatenate(blocks)[:, 0] for blocks in arrived])  # (N, COPIES, 28, 28)
    counts = np.stack([np.histogram(stop.clip(BINS[0], BINS[-1]), BINS)[0] for stop in x_t])
    density = counts / (x_t[0].size * (BINS[1] - BINS[0]))
    return Way(x_t[:, :SHOWN], x_t.mean(axis=1), x_t.var(axis=1, ddof=1), density)
