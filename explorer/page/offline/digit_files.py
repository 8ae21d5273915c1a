"""The bundled digits, in the page as one file."""

from __future__ import annotations

import numpy as np

from explorer.data import digits


def digit_files() -> dict[str, bytes]:
    """The bundled digits: their pixels, their labels, and the numbers of those that no training learns from."""
    data = digits.bundled()
    return {
        "digits.bin": data.pixels.tobytes(),
        "labels.bin": data.labels.astype(np.uint8).tobytes(),
        "unclear.bin": digits.unclear().astype("<u2").tobytes(),
    }
