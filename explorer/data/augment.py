"""A dozen drawings made into a thousand training pictures: each again and again, a little turned, scaled and moved."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.data.pictures import Picture

VARIANTS = 1200  # pictures in all
NUMBERS = 4  # that a variant is made by
MAX_TURN_RADIANS = math.radians(10)
MAX_SCALE = 0.1  # a share of the picture's side
MAX_MOVE = 1.5 / 14  # 1.5 pixels, in affine_grid's unit: half of the picture's side


def augmented(drawings: Sequence[Picture], seed: int) -> tuple[Tensor, Tensor]:
    """x_0 (N, 1, 28, 28) float32 in [-1, 1] and labels (N,) int64: the drawings themselves first, then their variants
    in turn.

    Raises ValueError where there is no drawing.
    """
    if not drawings:
        raise ValueError("there is no drawing to learn from: draw a digit and add it first")
    originals, labels = (
        torch.stack([drawing.image() for drawing in drawings]),
        torch.tensor([drawing.label for drawing in drawings]),
    )
    rows = torch.arange(VARIANTS) % len(drawings)
    u = torch.rand((VARIANTS, NUMBERS), generator=torch.Generator().manual_seed(seed))
    return torch.cat([originals, varied(originals[rows], u)]), torch.cat([labels, labels[rows]])


def varied(pictures: Tensor, u: Tensor) -> Tensor:
    """Each picture (N, 1, 28, 28) in [-1, 1] turned, scaled and moved by its numbers in [0, 1), u (N, NUMBERS)."""
    u = u * 2 - 1
    angle, scale = u[:, 0] * MAX_TURN_RADIANS, 1 + u[:, 1] * MAX_SCALE
    cos, sin = scale * angle.cos(), scale * angle.sin()
    where = torch.stack(
        [torch.stack([cos, -sin, u[:, 2] * MAX_MOVE], 1), torch.stack([sin, cos, u[:, 3] * MAX_MOVE], 1)], 1
    )  # (N, 2, 3)
    grid = F.affine_grid(where, list(pictures.shape), align_corners=False)
    return F.grid_sample((pictures + 1) / 2, grid, align_corners=False) * 2 - 1  # from 0..1, as outside is black
