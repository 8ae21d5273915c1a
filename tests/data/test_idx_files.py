"""A data set in MNIST's format whose files are not what they are named: one sentence that names the file."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from explorer.data import digits
from explorer.data.arrived import NotArrived
from explorer.data.idx_files import names

PICTURES, LABELS = names(train=True)


def idx(array: np.ndarray) -> bytes:
    """The array as a file of MNIST's format."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


@pytest.fixture
def raw(tmp_path):
    """A folder with a data set of four pictures, and of two for the tests."""
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for train, count in ((True, 4), (False, 2)):
        pictures, labels = names(train=train)
        (folder / pictures).write_bytes(idx(np.full((count, 28, 28), 7, np.uint8)))
        (folder / labels).write_bytes(idx(np.arange(count, dtype=np.uint8)))
    return folder


def test_a_whole_one_is_read(tmp_path, raw):
    assert digits.mnist(tmp_path).labels.tolist() == [0, 1, 2, 3]
    assert digits.mnist(tmp_path, train=False).pixels.shape == (2, 28, 28)


FULL = idx(np.zeros((4, 28, 28), np.uint8))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (PICTURES, b"", "is cut, or another file"),
        (PICTURES, FULL[:10], "no idx file"),
        (PICTURES, FULL[:-1], "is cut, or another file"),
        (PICTURES, FULL + b"\0", "is cut, or another file"),
        (PICTURES, b"<html>404</html>", "no idx file"),
        (PICTURES, gzip.compress(FULL, mtime=0), "no idx file"),
        (PICTURES, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 47040016\n", "git lfs pull"),
        (PICTURES, idx(np.zeros(4, np.uint8)), "no idx file of 3-dimensional"),
        (PICTURES, idx(np.zeros((4, 32, 32), np.uint8)), "32x32 pixels"),
        (PICTURES, idx(np.zeros((0, 28, 28), np.uint8)), "is empty"),
        (PICTURES, bytes([0, 0, 8, 3]) + b"\xff" * 12, "is empty"),
        (LABELS, idx(np.zeros(5, np.uint8)), "4 pictures and .* 5 labels"),
        (LABELS, idx(np.array([1, 2, 3, 46], np.uint8)), "the label 46"),
        (LABELS, FULL, "no idx file of 1-dimensional"),
    ],
)
def test_broken_foreign_and_contradictory_files(tmp_path, raw, name, content, says):
    (raw / name).write_bytes(content)
    with pytest.raises(NotArrived, match=says) as error:
        digits.mnist(tmp_path)
    assert name in str(error.value) and "\n" not in str(error.value)


def test_one_that_is_missing_or_packed(tmp_path, raw):
    (raw / LABELS).rename(raw / f"{LABELS}.gz")
    with pytest.raises(FileNotFoundError, match="gunzip"):
        digits.mnist(tmp_path)
    (raw / f"{LABELS}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=f"{LABELS} is missing"):
        digits.mnist(tmp_path)


def test_a_cut_download_is_fetched_again(tmp_path, monkeypatch):
    """What was cut while it was unpacked is thrown away; what comes then is used."""
    clothes = digits.torchvision_datasets().FashionMNIST
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    whole = {}
    for train in (True, False):
        pictures, labels = names(train=train)
        whole |= {pictures: idx(np.full((3, 28, 28), 9, np.uint8)), labels: idx(np.arange(3, dtype=np.uint8))}
    for name, content in whole.items():
        (raw / name).write_bytes(content[:-1])

    def download(self):
        for name, content in whole.items():
            if not (raw / name).exists():
                (raw / name).write_bytes(content)

    monkeypatch.setattr(clothes, "download", download)
    assert digits.fashion_mnist(tmp_path).labels.tolist() == [0, 1, 2]
