"""What `python -m explorer reader` does."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.cli.results import keep, whole_file, writable
from explorer.core.reader import Reader, train_reader
from explorer.data import digits
from explorer.lab import reading


def make_reader(data: Path, out: Path, *, steps: int, seed: int) -> float:
    """Train a reader on the 60,000 training digits under `data`, write it to `out`, and print what share of the test
    digits it reads right, which is returned.

    Raises ValueError for a file that cannot be written, before anything is computed; and FileNotFoundError, NotArrived.
    """
    out = writable(out)
    known, unseen = digits.mnist(data, train=True), digits.mnist(data, train=False)
    reader = train_reader(known.images(), known.label_tensor(), steps=steps, seed=seed)
    right = float(np.mean(reader.read(unseen.images()).numpy() == unseen.labels))
    keep(out, lambda path: write(reader, path))
    print(f"test digits read right: {100 * right:.2f}% ({out.stat().st_size:,} bytes)")
    return right


def write(reader: Reader, path: Path) -> None:
    """The weights at this path, replaced once the file is whole."""
    with whole_file(path) as scratch:
        reading.save(reader, scratch)
