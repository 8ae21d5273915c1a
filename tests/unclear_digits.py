"""Which of the bundled digits are hardest to read, chosen anew: python -m tests.unclear_digits --data DIR --out FILE.

Two readers learn 40,000 of MNIST's training digits each, by chance; about six minutes of two cores. Writes what
explorer/data/unclear-digits.npz holds, and prints how many of these are the same.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from explorer.cli.legibility import unclear
from explorer.cli.sample_train import write_npz
from explorer.data import digits

SHARE = 0.1


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    args = parser.parse_args()
    met, draw = digits.mnist(args.data, train=True), np.random.default_rng(5)
    rows = unclear(digits.bundled(), met, share=SHARE, draw=draw)
    write_npz(args.out, rows=rows)
    print(f"{len(np.intersect1d(rows, digits.unclear()))} of {len(rows)} are the ones that travel with the package")


if __name__ == "__main__":
    main()
