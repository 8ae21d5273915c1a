"""What `python -m explorer sample` and `python -m explorer train` do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from explorer.core import checkpoint
from explorer.draw import draw
from explorer.lab import finished, new_run, updates
from explorer.turns import Turns


def sample(weights: Path, out: Path, *, n: int, steps: int, sampler: str, guidance: float, seed: int, label: int | None) -> None:
    """Write `images` uint8 (n, 28, 28) and `labels` int64 (n,) to `out`. Picture i has the seed `seed` + i.

    Raises CheckpointError for unusable weights, ValueError for more steps than the model's T.
    """
    model = checkpoint.load(weights)
    labels = np.full(n, label, np.int64) if label is not None else np.arange(n, dtype=np.int64) % 10
    with tqdm(total=n * steps, unit="step", unit_scale=True) as bar:
        images = draw(model, labels, steps=steps, sampler=sampler, guidance=guidance, seed=seed, progress=bar.update)
    write_npz(out, images=images, labels=labels)


def train(seconds: float, seed: int, out: Path) -> None:
    """The Train tab's default training, written to `out`. Raises RuntimeError if it diverged."""
    turns = Turns()
    run = turns.training(lambda: new_run(seed))
    with tqdm(total=round(seconds, 1), unit="s", bar_format="{l_bar}{bar}| {n:.0f}/{total:.0f} s{postfix}") as bar:
        for update in updates(run, seconds, turns):
            bar.n = min(run.seconds, bar.total)
            if update.steps:
                bar.set_postfix_str(f"loss {update.steps[-1].loss:.4f}, {update.images_per_second:.0f} images/s")
            if update.problem:
                raise RuntimeError(update.problem)
    checkpoint.save(finished(run), out)


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """The arrays at exactly this path (np.savez would append .npz to other names)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
