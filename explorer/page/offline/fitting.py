"""What is fitted to pictures before a training's first step, in the page as one file: its operations, which the device
carries out for other pictures than all digits.
"""

from __future__ import annotations

from typing import TypedDict

import torch
from torch.nn import functional as F

from explorer.core.linear_guess import MOST_PICTURES, PIXELS, Fitted, fitted
from explorer.core.sampling import NULL_LABEL
from explorer.data.augment import VARIANTS
from explorer.device.export import export_function
from explorer.page.experiment_form import MAX_DRAWINGS

ROOMS = (MAX_DRAWINGS + VARIANTS, MOST_PICTURES)  # pictures: drawings, and some of the digits


class Fit(TypedDict):
    """file: what fits, to so many pictures at most."""

    most: int
    file: str


def fits() -> list[Fit]:
    """Those that there are, the smallest first."""
    return [{"most": room, "file": f"explorer-trainings/fit-{room}.bin"} for room in ROOMS]


def fit_files() -> dict[str, bytes]:
    """See `fitted` in core/linear_guess.py, whose inputs and outputs they have."""
    files = {}
    for fit in fits():
        label = torch.arange(fit["most"]) % NULL_LABEL
        given = {"x": torch.rand(fit["most"], PIXELS), "member": F.one_hot(label, NULL_LABEL).float()}
        files[fit["file"]] = export_function(lambda x, member: tuple(fitted(x, member)), given, Fitted._fields)
    return files
