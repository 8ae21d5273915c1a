"""The digits: bundled, complete, untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from explorer.data import digits
from explorer.data.pixels import to_base64, to_images, to_pixels

RAW = Path(__file__).parents[3] / "shared" / "data" / "MNIST" / "raw"
CLASS_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]  # of the MNIST test set, from LeCun's files


def test_bundled_digits():
    """10,000 test digits with their labels, in MNIST's own numbers for each class, grey levels from black to white."""
    data = digits.bundled()
    assert len(data) == 10_000 and data.pixels.shape == (10_000, 28, 28) and data.pixels.dtype == np.uint8
    assert data.labels.shape == (10_000,) and data.labels.dtype == np.int64
    assert np.bincount(data.labels).tolist() == CLASS_COUNTS
    assert data.pixels.min() == 0 and data.pixels.max() == 255
    assert data.labels[:5].tolist() == [7, 2, 1, 0, 4]  # how the test set famously begins


@pytest.mark.skipif(not RAW.is_dir(), reason="the raw MNIST files are not beside this checkout (../shared/data)")
def test_bundled_digits_are_the_raw_files():
    """Byte for byte the idx files of the test set, read here without torchvision (idx: 16 and 8 bytes of header)."""
    pixels = np.frombuffer((RAW / "t10k-images-idx3-ubyte").read_bytes(), np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer((RAW / "t10k-labels-idx1-ubyte").read_bytes(), np.uint8, offset=8)
    assert np.array_equal(digits.bundled().pixels, pixels) and np.array_equal(digits.bundled().labels, labels)


@pytest.mark.skipif(not RAW.is_dir(), reason="the raw MNIST files are not beside this checkout (../shared/data)")
def test_no_bundled_digit_is_a_training_digit():
    """What the viewers see was not trained on: no bundled picture occurs among the 60,000 training digits."""
    training = digits.mnist(RAW.parent.parent, train=True)
    assert len(training) == 60_000
    seen = {picture.tobytes() for picture in training.pixels}
    assert not any(picture.tobytes() in seen for picture in digits.bundled().pixels)


def test_bundled_digits_are_shared_and_read_only():
    """Read once for everybody, so nobody may write to them; the tensors made from them are copies."""
    data = digits.bundled()
    assert digits.bundled() is data
    for array in (data.pixels, data.labels):
        with pytest.raises(ValueError):
            array[0] = 0
    before = data.pixels[0].copy(), data.labels[0]
    data.images()[0].fill_(9)
    data.label_tensor()[0] = 5
    assert np.array_equal(data.pixels[0], before[0]) and data.labels[0] == before[1]


def test_the_clear_digits_are_all_but_the_unclear_ones():
    """In the file's order, unchanged; among what is left out is the digit that is famously mislabelled or unreadable,
    and of no class more than a third.
    """
    every, clear, rows = digits.bundled(), digits.clear(), digits.unclear()
    assert len(clear) == 9_000 and len(np.unique(rows)) == 1_000
    kept = np.delete(np.arange(10_000), rows)
    assert np.array_equal(clear.pixels, every.pixels[kept]) and np.array_equal(clear.labels, every.labels[kept])
    assert np.isin([4615, 2597, 3520, 2130], rows[:50]).sum() >= 2  # misread by nearly every classifier
    left = np.bincount(every.labels[rows]) / np.bincount(every.labels)
    assert left.min() > 0 and left.max() < 1 / 3
    with pytest.raises(ValueError):
        clear.pixels[0] = 0


def test_of_class():
    """The positions of each class, in order, all of them; other classes are refused."""
    data = digits.bundled()
    for label in range(10):
        positions = data.of_class(label)
        assert (
            len(positions) == CLASS_COUNTS[label]
            and (data.labels[positions] == label).all()
            and (np.diff(positions) > 0).all()
        )
    for label in (-1, 10):
        with pytest.raises(ValueError):
            data.of_class(label)


def test_a_missing_folder_is_a_missing_file(tmp_path):
    """mnist() without the data names what it looked for, and downloads nothing unasked."""
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FileNotFoundError, match="MNIST") as error:
            digits.mnist(root)
        assert len(str(error.value).splitlines()) == 1


def idx(array):
    """The array as a file of MNIST's format."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def test_fashion_mnist_is_read_where_it_is(tmp_path):
    """Once the four files lie there, nothing is downloaded; the smaller set is the one that is used."""
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    pixels = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
    for part, count in (("train", 1), ("t10k", 2)):
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(pixels[:count]))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.array([9, 3][:count], np.uint8)))
    clothes = digits.fashion_mnist(tmp_path)
    assert (clothes.pixels == pixels).all() and clothes.labels.tolist() == [9, 3]


@pytest.mark.parametrize("problem", [OSError("no network"), RuntimeError("Error downloading")])
def test_fashion_mnist_without_a_network(tmp_path, monkeypatch, problem):
    """One sentence that says what to do instead, whatever torchvision stumbled over."""

    def broken(*_):
        raise problem

    monkeypatch.setattr(digits.torchvision_datasets().FashionMNIST, "download", broken)
    with pytest.raises(FileNotFoundError, match="cannot be downloaded: learn from") as error:
        digits.fashion_mnist(tmp_path)
    assert len(str(error.value).splitlines()) == 1


def test_all_grey_levels_survive_the_round_trip():
    """uint8 -> [-1, 1] -> uint8 is the identity on all 256 levels; 0 is -1 and 255 is 1."""
    levels = np.resize(np.arange(256, dtype=np.uint8), (1, 28, 28))
    assert len(np.unique(levels)) == 256
    images = to_images(levels)
    assert images.shape == (1, 1, 28, 28) and images.dtype == torch.float32
    assert images.min() == -1 and images.max() == 1
    assert np.array_equal(to_pixels(images)[:, 0], levels)


def test_to_pixels_clamps_and_rounds():
    """Noise beyond [-1, 1] is black or white (it must not wrap around), and a value is shown as its nearest
    grey level.
    """
    values = torch.tensor([-9.0, -1.0001, -1.0, 0.0, 1 / 255 * 0.9, 1.0, 1.5, 300.0])
    assert to_pixels(values).tolist() == [0, 0, 0, 128, 128, 255, 255, 255]
    assert_close(
        to_images(to_pixels(torch.linspace(-1, 1, 784).view(1, 28, 28)))[0, 0],
        torch.linspace(-1, 1, 784).view(28, 28),
        rtol=0,
        atol=0.5 / 127.5 + 1e-6,
    )


def test_base64_is_in_c_order():
    """A transposed view is written in the order of its own indices, not of its memory."""
    import base64

    array = np.arange(6, dtype=np.uint8).reshape(2, 3).T
    assert list(base64.b64decode(to_base64(array))) == [0, 3, 1, 4, 2, 5]
