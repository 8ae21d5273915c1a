"""The map: the 10,000 bundled digits as dots on a plane, and the place on it of any picture.

The plane is two linear functions of the pixels (core/projection.py), made once from the bundled digits and shipped:

    python -m explorer map --out explorer/data/digit-map.safetensors
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes

from explorer.core.projection import Projection, parting_projection, told_by_nearest_mean, variance_kept
from explorer.data import digits
from explorer.data.arrived import NotArrived, check_arrived

FILE = Path(__file__).parent / "digit-map.safetensors"
STRIPES = 10  # of the map, one beside the other, with as many digits each
UNIT = 8192  # of a place as a whole number of 16 bits: 1, which is nearly the farthest digit


@dataclass(frozen=True)
class DigitMap:
    """The dots in an order in which neighbours in the list are neighbours on the plane.

    numbers: (N,) int64, of the bundled digits; places: (N, 2) float64, nearly all in -1 to 1; labels: (N,) int64.
    told: the share of the digits that are nearest to the mean place of their own label; variance: the share of the
    digits' variance that lies in the plane.
    """

    projection: Projection
    numbers: np.ndarray
    places: np.ndarray
    labels: np.ndarray
    told: float
    variance: float


def fit() -> Projection:
    """The plane, made anew from the bundled digits: a minute of one core."""
    known = digits.bundled()
    return parting_projection(known.images(), known.label_tensor())


def save(projection: Projection, path: Path) -> None:
    """Write the plane in float32. Raises OSError where that cannot be done."""
    tensors = {"middle": projection.middle.float().contiguous(), "axes": projection.axes.float().contiguous()}
    path.write_bytes(to_bytes(tensors))  # by the usual rights: save_file's files are for their owner alone


@cache
def shipped() -> Projection:
    """The plane that travels with the package. Raises NotArrived."""
    check_arrived(FILE)
    try:
        tensors = load_file(str(FILE))
        return Projection(tensors["middle"].double(), tensors["axes"].double())
    except (SafetensorError, KeyError) as error:
        raise NotArrived(f"{FILE.name} is not whole: get it again") from error


@cache
def digit_map() -> DigitMap:
    """All dots, made once: a tenth of a second. Raises NotArrived."""
    known, projection = digits.bundled(), shipped()
    images, labels = known.images(), known.label_tensor()
    places = projection.places(images)
    told, variance = told_by_nearest_mean(places, labels), variance_kept(images, projection)
    numbers = neighbours_together(places.numpy())
    return DigitMap(projection, numbers, places.numpy()[numbers], known.labels[numbers], told, variance)


def neighbours_together(places: np.ndarray) -> np.ndarray:
    """(N,) int64: the numbers of the places (N, 2) stripe by stripe from the left, and from bottom to top in each."""
    stripe = np.empty(len(places), np.int64)
    stripe[np.argsort(places[:, 0], kind="stable")] = np.arange(len(places)) * STRIPES // len(places)
    return np.lexsort((places[:, 1], stripe))


def places_of(pixels: np.ndarray) -> np.ndarray:
    """Pictures (..., 28, 28) uint8 -> their places (..., 2), float64."""
    projection = shipped()
    images = torch.tensor(pixels.reshape(-1, 28 * 28)).double() / 127.5 - 1
    return projection.places(images).numpy().reshape(*pixels.shape[:-2], 2)


def whole_numbers(places: np.ndarray) -> np.ndarray:
    """Places as int16, in units of 1 / UNIT; what lies farther out than 4 is put there."""
    return np.clip(np.rint(places * UNIT), -(2**15), 2**15 - 1).astype("<i2")
