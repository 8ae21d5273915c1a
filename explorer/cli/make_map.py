"""What `python -m explorer map` does."""

from __future__ import annotations

from pathlib import Path

from explorer.cli.results import keep, whole_file, writable
from explorer.core.projection import Projection, told_by_nearest_mean, variance_kept
from explorer.data import digit_map, digits


def make_map(out: Path) -> None:
    """Choose the plane anew, write it to `out`, and print how well it parts the digits: two minutes of one core.

    Raises ValueError for a file that cannot be written, before anything is computed.
    """
    out = writable(out)
    plane, known = digit_map.fit(), digits.bundled()
    told = told_by_nearest_mean(plane.places(known.images()), known.label_tensor())
    keep(out, lambda path: write(plane, path))
    print(
        f"nearest middle: {100 * told:.1f}% of the digits; variance: {100 * variance_kept(known.images(), plane):.1f}%"
    )


def write(plane: Projection, path: Path) -> None:
    """The plane at this path, replaced once the file is whole."""
    with whole_file(path) as scratch:
        digit_map.save(plane, scratch)
