"""The small reader of digits: it learns, and it can read what is shipped with it."""

from __future__ import annotations

import numpy as np
import torch

from explorer.core.reader import Reader, train_reader
from explorer.data import digits
from explorer.lab import reading


def test_it_learns_to_tell_two_kinds_of_pictures_wherever_they_lie():
    """Bars that lie and bars that stand, some pixels off the middle."""
    images = torch.full((40, 1, 28, 28), -1.0)
    labels = torch.arange(40) % 2
    for i, label in enumerate(labels):
        place = slice(12 + i // 2 % 4, 15 + i // 2 % 4)
        images[i, 0][(place, slice(6, 22)) if label else (slice(6, 22), place)] = 1.0
    reader = train_reader(images, labels, steps=30, seed=1)
    assert torch.equal(reader.read(images), labels) and not reader.training
    again = train_reader(images, labels, steps=30, seed=1)
    assert torch.equal(reader(images), again(images))


def test_the_shipped_one_reads_digits_that_it_has_never_seen():
    """Of the test digits all but one in fifty, as its card says better; its file is small."""
    known = digits.bundled()
    right = np.mean(np.array(reading.digits_read(known.pixels[::5])) == known.labels[::5])
    assert right > 0.98 and reading.FILE.stat().st_size < 300_000


def test_what_is_saved_is_read_again(tmp_path, monkeypatch):
    torch.manual_seed(3)
    reader = Reader().eval()
    reading.save(reader, tmp_path / "reader.safetensors")
    monkeypatch.setattr(reading, "FILE", tmp_path / "reader.safetensors")
    again = reading.shipped.__wrapped__()
    images = torch.randn(2, 1, 28, 28)
    torch.testing.assert_close(again(images), reader(images))
