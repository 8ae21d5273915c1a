"""Real digits: the 10,000 MNIST test digits that travel with the package, and the full MNIST through torchvision.

MNIST is by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, CC BY-SA 3.0. The pretrained model saw only the
60,000 training digits, so every bundled digit is one that it has never met.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from explorer.data.arrived import NotArrived, check_arrived
from explorer.data.idx_files import check_data_set, names
from explorer.data.pixels import to_images


def cache_folder() -> Path:
    """Where what is downloaded or trained once lies; for a user without a home that is in the temporary folder."""
    try:
        return Path.home() / ".cache" / "ddpm-explorer"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / "ddpm-explorer"


CACHE = cache_folder()
BUNDLED = Path(__file__).parent / "mnist-test-digits.npz"
UNCLEAR = Path(__file__).parent / "unclear-digits.npz"
CLASSES = 10


@dataclass(frozen=True)
class Digits:
    """pixels: (N, 28, 28) uint8, 0 the black ground and 255 the white ink; labels: (N,) int64 in 0..9."""

    pixels: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def images(self) -> Tensor:
        """All of them as (N, 1, 28, 28) float32 in [-1, 1], what the core works on."""
        return to_images(self.pixels)

    def label_tensor(self) -> Tensor:
        """The labels as (N,) int64."""
        return torch.tensor(self.labels)

    def of_class(self, label: int) -> np.ndarray:
        """The positions of one class's digits, in the file's order. Raises ValueError unless 0 <= label <= 9."""
        if not 0 <= label < CLASSES:
            raise ValueError(f"a digit's class is a whole number from 0 to 9, not {label!r}")
        return np.flatnonzero(self.labels == label)


@functools.cache
def bundled() -> Digits:
    """The 10,000 test digits, read once; shared by all, so the arrays are read-only. Raises NotArrived."""
    check_arrived(BUNDLED)
    with np.load(BUNDLED) as file:
        return _read_only(file["pixels"], file["labels"].astype(np.int64))


def _read_only(pixels: np.ndarray, labels: np.ndarray) -> Digits:
    pixels.setflags(write=False)
    labels.setflags(write=False)
    return Digits(pixels, labels)


@functools.cache
def unclear() -> np.ndarray:
    """(1000,) int64: the numbers of the bundled digits that are hardest to read, those first that readers who have not
    met them read least surely (`unclear` in explorer/cli/legibility.py). Raises NotArrived.
    """
    check_arrived(UNCLEAR)
    with np.load(UNCLEAR) as file:
        return file["rows"].astype(np.int64)


@functools.cache
def clear() -> Digits:
    """The 9,000 others, in the file's order: what the Train tab learns from. What nobody can tell teaches that sevens
    may look like nines. Shared by all, like `bundled`.
    """
    return _read_only(np.delete(bundled().pixels, unclear(), axis=0), np.delete(bundled().labels, unclear()))


def mnist(root: str | Path, *, train: bool = True) -> Digits:
    """The full MNIST in torchvision's layout under `root` (root/MNIST/raw): 60,000 training digits, or 10,000 test
    digits.

    Raises FileNotFoundError if it is not there, and NotArrived if its files are cut, foreign or contradict each other.
    """
    return _through_torchvision(torchvision_datasets().MNIST, root, train=train)


def fashion_mnist(root: str | Path = CACHE) -> Digits:
    """10,000 pictures of clothes in MNIST's format (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747), downloaded to `root`
    at their first use.

    Raises FileNotFoundError, with a sentence for the viewer, where that cannot be done.
    """
    clothes = torchvision_datasets().FashionMNIST
    with contextlib.suppress(FileNotFoundError, NotArrived):
        return _through_torchvision(clothes, root, train=False)
    folder = Path(root) / clothes.__name__ / "raw"
    try:
        for name in names(train=False):  # torchvision would keep a file that was cut while it was unpacked
            (folder / name).unlink(missing_ok=True)
        return _through_torchvision(clothes, root, train=False, download=True)
    except (OSError, NotArrived) as error:
        raise FileNotFoundError(
            "Fashion-MNIST is not on this server, and it cannot be downloaded: "
            "learn from MNIST's digits or from drawings"
        ) from error


def _through_torchvision(dataset: type, root: str | Path, *, train: bool, download: bool = False) -> Digits:
    """One of torchvision's data sets of MNIST's format. Raises FileNotFoundError where its files are not there, and
    NotArrived where they are not what they are named.
    """
    folder = Path(root) / dataset.__name__ / "raw"
    expected = f"no {dataset.__name__} under {Path(root)}: expected the four idx files in {folder}"
    try:
        if not download:
            check_data_set(folder, train=train)
        data = dataset(os.fspath(root), train=train, download=download)
        check_data_set(folder, train=train)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{expected}; {error}") from error
    except RuntimeError as error:  # torchvision's word for the same, and for a download that fails
        raise FileNotFoundError(expected) from error
    return Digits(data.data.numpy(), data.targets.numpy().astype(np.int64))


@functools.cache
def torchvision_datasets() -> ModuleType:
    """torchvision.datasets, also beside a CPU-only torch.

    PyPI's torchvision is built against the CUDA build of torch. With the CPU build its compiled operators cannot load,
    and the import fails because Python code registers shape rules for two operators that then do not exist. The parts
    used here are pure Python: declaring the two operators' schemas lets the import pass. Skipped where the real ones
    load.
    """
    try:
        from torchvision import datasets
    except RuntimeError:
        for name in ("nms", "qnms"):
            torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        from torchvision import datasets
    return datasets
