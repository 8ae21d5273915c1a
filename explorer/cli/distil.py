"""What `python -m explorer distil` does: a student that leaps where its teacher walks."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from explorer.cli.pretrain import begin_with, resume, save
from explorer.cli.results import keep, whole_file, writable
from explorer.core import changed_file, checkpoint
from explorer.core.devices import CPU
from explorer.core.distillation import Likeness, Walks, distil, joined, record
from explorer.core.inference import FrozenNetwork
from explorer.core.reader import Reader
from explorer.core.sampling import NULL_LABEL
from explorer.core.training import TrainingRun, TrainingSettings
from explorer.data.arrived import check_arrived
from explorer.lab import reading

WALK_STEPS, POINTS = 8, 4  # of the teacher; from so many of its points the student learns to leap
FIRST_SEED = 1_000_000  # of the walks: far from the seeds by which `evaluate` judges
BATCH = 64
SAVE_EVERY = 100  # steps
LEARNING_RATE = 1.5e-3  # at its highest
SCORES_COUNT = 4.0  # its ten scores beside 1,568 numbers at 7 x 7: about twice as much as all of these


def settings(learning_rate: float, seed: int) -> TrainingSettings:
    """The recipe; what is not given here is fixed."""
    return TrainingSettings(
        batch=BATCH, learning_rate=learning_rate, warmup=100, ema=0.998, label_dropout=0.0, seed=seed
    )


def distil_leaper(
    teacher: Path,
    out: Path,
    *,
    walks: int,
    steps: int,
    likeness: float,
    seed: int,
    learning_rate: float = LEARNING_RATE,
) -> None:
    """Let the teacher walk `walks` times, teach a copy of it to leap in `steps` steps, and write to `out` what that has
    changed in it.

    `out`.walks holds what the teacher walked, `out`.state the run and `out`.whole its model so far: one that was cut
    off goes on there. Raises CheckpointError for unusable weights, ValueError for a state of other options.
    """
    out = writable(out)
    check_arrived(teacher)
    model = checkpoint.load(teacher)
    walks_file, state_file, whole = (out.with_name(out.name + ending) for ending in (".walks", ".state", ".whole"))
    recorded = the_walks(model, walks_file, walks)
    run = TrainingRun(model.network.config, model.schedule, settings(learning_rate, seed))
    origin = {
        "start": begin_with(run, teacher),
        "data": f"{walks:,} walks of its teacher, DDIM, {WALK_STEPS} steps",
        "likeness": f"{likeness:g}",
    }
    loss = resume(run, origin, state_file) if state_file.exists() else None
    sees = seen_by(reading.shipped()) if likeness else None
    with tqdm(total=steps, initial=run.step, unit="step", smoothing=0.02) as bar:
        for step in distil(run, recorded, steps=steps, likeness=sees, weight=likeness):
            loss = step.loss if loss is None else loss + 0.01 * (step.loss - loss)
            bar.update()
            bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
            if step.step % SAVE_EVERY == 0 or step.step == steps:
                save(run, origin, state_file, whole, loss)
    changed = changed_file.to_bytes(checkpoint.load(whole), model)
    keep(out, lambda path: path.write_bytes(changed))


def the_walks(model: checkpoint.Model, file: Path, count: int) -> Walks:
    """The teacher's walks, from the file as far as it has them; it grows batch by batch."""
    parts = [read_walks(file)] if file.exists() else []
    done = sum(map(len, parts))
    teacher = FrozenNetwork(model.network)
    with tqdm(total=count, initial=done, desc="the teacher walks") as bar:
        while done < count:
            numbers = range(done, min(count, done + BATCH))
            label = torch.tensor([number % (NULL_LABEL + 1) for number in numbers])
            seeds = [FIRST_SEED + number for number in numbers]
            parts.append(record(teacher, model.schedule, seeds, label, steps=WALK_STEPS, points=POINTS))
            done += len(numbers)
            bar.update(len(numbers))
            if len(parts) > 50 or done == count:
                parts = [joined(parts)]
                write_walks(parts[0], file)
    return joined(parts)


def read_walks(file: Path) -> Walks:
    """What `write_walks` wrote. Raises ValueError for another file."""
    try:
        held = load_file(file)
        return Walks(held["x"], held["end"], held["label"], tuple(held["times"].tolist()))
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"{file} holds no walks, or not all of them: move it away to start afresh") from error


def write_walks(walks: Walks, file: Path) -> None:
    """The walks as a safetensors file, whole or not at all."""
    tensors = {"x": walks.x, "end": walks.end, "label": walks.label, "times": torch.tensor(walks.times)}
    with whole_file(file) as scratch:
        save_file(tensors, scratch)


def seen_by(reader: Reader) -> Likeness:
    """What this reader sees in pictures before it decides: its last layer at 7 x 7, and its scores."""
    reader = reader.requires_grad_(requires_grad=False).to(CPU)
    places, scores = reader.layers[:6], reader.layers[6:]

    def likeness(images: Tensor) -> Tensor:
        seen = places(images)  # (B, 32, 7, 7)
        return torch.cat([seen.flatten(1), SCORES_COUNT * scores(seen)], dim=1)

    return likeness
