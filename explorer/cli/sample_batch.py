"""Many pictures at once, for files and figures; the page's films come from the engine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from explorer.core.checkpoint import Model
from explorer.core.devices import CPU
from explorer.core.inference import FrozenNetwork
from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.data.pixels import to_pixels

BATCH = 64  # one of the sizes that a FrozenNetwork runs without padding


def draw(
    model: Model,
    labels: np.ndarray,
    *,
    steps: int,
    sampler: str = "ddpm",
    guidance: float = 1.0,
    seed: int = 0,
    device: torch.device = CPU,
    progress: Callable[[int], None] = lambda picture_steps: None,
) -> np.ndarray:
    """(n, 28, 28) uint8, one picture for each of the n labels (10: any digit). Picture i has the seed `seed` + i.
    device: where the network computes.

    progress is called with the number of picture-steps done since its last call. Raises ValueError for more steps than
    the model's T.
    """
    network, visited = FrozenNetwork(model.network, device=device), timesteps(model.schedule.T, steps)
    pictures = np.empty((len(labels), 28, 28), np.uint8)
    for first in range(0, len(labels), BATCH):
        rows = slice(first, min(len(labels), first + BATCH))
        generators = [trajectory_generator(seed + i) for i in range(rows.start, rows.stop)]
        asked = torch.from_numpy(labels[rows])
        for step in samples(
            network, model.schedule, generators, visited, label=asked, sampler=sampler, guidance=guidance
        ):
            progress(len(generators))
        pictures[rows] = to_pixels(step.x_prev)[:, 0]
    return pictures
