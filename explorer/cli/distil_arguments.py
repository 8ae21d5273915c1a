"""What `python -m explorer distil` takes."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.serving.model_store import PRETRAINED_FILE
from explorer.validation import MAX_SEED, Real, Whole, argument

WALKS, STEPS, LIKENESS = 16_000, 1_300, 0.05  # of the shipped one


def add_distil(commands: argparse._SubParsersAction) -> None:
    """The options of `distil`."""
    p = commands.add_parser(
        "distil",
        help="teach a student to leap",
        description=(
            "Teach a copy of the pretrained network to leap to where the network walks. A run that was cut off goes on "
            "(OUT.walks, OUT.state)."
        ),
    )
    p.add_argument("--out", type=Path, required=True, help="the safetensors file to write: what has changed")
    p.add_argument("--teacher", type=Path, default=PRETRAINED_FILE, help="who walks (default: the pretrained model)")
    for name, usual, most, about in (
        ("walks", WALKS, 1_000_000, "walks of the teacher to learn from"),
        ("steps", STEPS, 10_000_000, "optimizer steps of 64 leaps"),
    ):
        check = argument(Whole(f"the number of {name}", usual, 1, most).check)
        p.add_argument(f"--{name}", type=check, default=usual, help=f"{about} (default {usual})")
    p.add_argument(
        "--likeness",
        type=argument(Real("the likeness", LIKENESS, 0.0, 100.0).check),
        default=LIKENESS,
        help=f"what a difference counts in what the reader of digits sees, beside the pixels (default {LIKENESS})",
    )
    p.add_argument("--seed", type=argument(Whole("the seed", 0, 0, MAX_SEED).check), default=0, help="(default 0)")
