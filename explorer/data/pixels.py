"""Between the core's images, float32 in [-1, 1], and the screen's grey levels, 0 (black ground) to 255 (white ink)."""

from __future__ import annotations

import base64

import numpy as np
import torch
from torch import Tensor

PIXELS = 28 * 28  # of one picture


def to_images(pixels: np.ndarray) -> Tensor:
    """(N, 28, 28) uint8 -> (N, 1, 28, 28) float32; 0 becomes -1 and 255 becomes 1."""
    return torch.tensor(pixels).unsqueeze(1).float() / 127.5 - 1


def to_pixels(images: Tensor) -> np.ndarray:
    """(..., 28, 28) floats in [-1, 1] -> uint8 of the same shape; what lies outside (noise does) is shown as black or
    white.
    """
    return ((images.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()


def to_base64(array: np.ndarray) -> str:
    """The array's bytes in C order (little-endian, as on every machine this runs on) for a JSON payload."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
