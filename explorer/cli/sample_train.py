"""What `python -m explorer sample` and `python -m explorer train` do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from explorer.cli.results import keep, whole_file, writable
from explorer.cli.sample_batch import draw
from explorer.core import checkpoint
from explorer.core.devices import CPU
from explorer.core.training import train as train_steps
from explorer.data.arrived import check_arrived
from explorer.lab.experiment import Experiment
from explorer.serving.film_request import usual_steps
from explorer.serving.model_store import learnt, load_any


def sample(
    weights: Path,
    out: Path,
    *,
    n: int,
    steps: int | None,
    sampler: str,
    guidance: float,
    seed: int,
    label: int | None,
    device: torch.device = CPU,
) -> None:
    """Write `images` uint8 (n, 28, 28) and `labels` int64 (n,) to `out`. Picture i has the seed `seed` + i.

    device: where the network computes. steps: None for as many as usual_steps says. Without a label those learnt take
    turns.
    Raises CheckpointError for unusable weights, ValueError for more steps than the model's T, for a label that it never
    learnt, and for a file that cannot be written, before anything is computed.
    """
    out = writable(out)
    check_arrived(weights)
    model = load_any(weights)
    steps = usual_steps(model.schedule.T) if steps is None else steps
    known = learnt(model)
    if label is not None and label not in known:
        raise ValueError(f"this model has never learnt {label}: it has learnt {', '.join(map(str, known))}")
    labels = np.full(n, label, np.int64) if label is not None else np.resize(np.array(known, np.int64), n)
    with tqdm(total=n * steps, unit="step", unit_scale=True) as bar:
        images = draw(
            model,
            labels,
            steps=steps,
            sampler=sampler,
            guidance=guidance,
            seed=seed,
            device=device,
            progress=bar.update,
        )
    keep(out, lambda path: write_npz(path, images=images, labels=labels))


def train(
    experiment: Experiment,
    out: Path,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    device: torch.device = CPU,
    small_file: bool = False,
) -> None:
    """Train for `seconds` or for `steps` (either, not both), and write the averaged model to `out`. device: where the
    network computes; small_file: as in `checkpoint.to_bytes`.

    Raises TrainingDiverged where the loss is no longer a number; the last good weights are then in `out`, if there are
    any. Raises ValueError for a file that cannot be written, before anything is computed.
    """
    out = writable(out)
    run = experiment.run(device)
    x_0, label = experiment.data()
    try:
        with tqdm(total=100, bar_format="{l_bar}{bar}| {elapsed}{postfix}") as bar:
            for step in train_steps(run, x_0, label, seconds=seconds, steps=steps):
                bar.n = 100 * step.progress
                bar.set_postfix_str(
                    f"loss {step.loss:.4f}, {step.images_seen / step.seconds:.0f} images/s", refresh=False
                )
                bar.update(0)
    finally:
        if run.step:
            keep(out, lambda path: checkpoint.save(experiment.model(run), path, small=small_file))


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """The arrays at exactly this path (np.savez would append .npz to other names), replaced once the file is whole."""
    with whole_file(path) as scratch, scratch.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
