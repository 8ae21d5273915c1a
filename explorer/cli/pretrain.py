"""The long training on the MNIST training digits that makes weights/mnist-ddpm.safetensors."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from explorer.cli.legibility import FOLDS, READER_STEPS, legibility, legible
from explorer.cli.results import keep, whole_file, writable
from explorer.core import checkpoint
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainingSettings, train
from explorer.core.unet import UNetConfig
from explorer.data import digits
from explorer.data.arrived import check_arrived
from explorer.data.digits import Digits

NETWORK = UNetConfig(output="v")
SCHEDULE = NoiseSchedule("linear")
SAVE_EVERY = 500  # steps between two checkpoints


def settings(batch: int, learning_rate: float, seed: int) -> TrainingSettings:
    """The recipe of the pretrained model; what is not given here is fixed."""
    return TrainingSettings(batch=batch, learning_rate=learning_rate, warmup=500, ema=0.999, middle=0.6, seed=seed)


def pretrain(
    data: Path,
    out: Path,
    *,
    steps: int,
    batch: int,
    learning_rate: float,
    seed: int,
    device: torch.device,
    start: Path | None = None,
    leave_out: float = 0.0,
) -> None:
    """Train for `steps` steps in all, going on from `out`.state if that exists, and write the averaged model to `out`.

    The state beside `out` holds everything (weights, averages, optimizer, generator): a run that was cut off and
    resumed with the same options ends with the weights of an undisturbed one. start: a model to begin with, in place of
    random weights; its steps are not counted. leave_out: the share of the digits to leave out, the least legible first.
    Raises FileNotFoundError without MNIST, ValueError for a state that belongs to other options, and for a `start` of
    another shape.
    """
    out = writable(out)
    training_digits = chosen(digits.mnist(data, train=True), leave_out, out.with_name(out.name + ".legibility.npy"))
    x_0, label = training_digits.images(), training_digits.label_tensor()
    run = TrainingRun(NETWORK, SCHEDULE, settings(batch, learning_rate, seed), device)
    origin = {"data": f"MNIST, {len(training_digits):,} training digits"}
    if start is not None:
        origin["start"] = begin_with(run, start)
    state_file = out.with_name(out.name + ".state")
    loss = resume(run, origin, state_file) if state_file.exists() else None
    out.parent.mkdir(parents=True, exist_ok=True)

    if run.step >= steps:  # nothing left to train; the model itself may be missing
        save(run, origin, state_file, out, loss)
    with tqdm(total=steps, initial=run.step, unit="step", smoothing=0.02) as bar:
        for step in train(run, x_0, label, steps=steps):
            loss = step.loss if loss is None else loss + 0.01 * (step.loss - loss)
            bar.update()
            if step.step % 20 == 0:
                bar.set_postfix(loss=f"{loss:.4f}", images=step.images_seen, refresh=False)
            if step.step % SAVE_EVERY == 0 or step.step == steps:
                save(run, origin, state_file, out, loss)


def chosen(data: Digits, leave_out: float, file: Path) -> Digits:
    """The digits to learn from. How legible each is takes minutes to find out, and is kept in `file`."""
    if leave_out == 0:
        return data
    if not file.exists():
        with tqdm(total=FOLDS * READER_STEPS, desc="how legible each digit is") as bar:
            found = legibility(data, progress=bar.update)
        with whole_file(file) as scratch, scratch.open("wb") as opened:
            np.save(opened, found)
    certainty = np.load(file)
    if certainty.shape != (len(data),):
        raise ValueError(f"{file} belongs to other digits: move it away to start afresh")
    return legible(data, certainty, leave_out)


def begin_with(run: TrainingRun, start: Path) -> str:
    """Give the run a model's weights, and return what made them, in a few words."""
    check_arrived(start)
    model = checkpoint.load(start)
    if (model.network.config, model.schedule) != (run.network.config, run.schedule):
        raise ValueError(f"{start} holds another network, or another schedule")
    for network in (run.network, run.average):
        network.load_state_dict(model.network.state_dict())
    earlier = [model.notes["start"]] if "start" in model.notes else []
    return ", then ".join(
        [*earlier, f"{model.notes.get('steps', 0)} steps with {model.notes.get('data', 'unknown data')}"]
    )


def resume(run: TrainingRun, origin: dict[str, str], state_file: Path) -> float:
    """Go on where the state was written, and return the loss it had. Raises ValueError if it belongs to another network
    or recipe.
    """
    try:
        state = torch.load(state_file, map_location="cpu", weights_only=True)
        if state["recipe"] != recipe(run, origin):
            raise ValueError("another recipe")
        run.load_state_dict(state)
        return state["loss"]
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"{state_file} is broken or belongs to other settings: move it away to start afresh"
        ) from error


def recipe(run: TrainingRun, origin: dict[str, str]) -> str:
    """What has to be the same for a run to be gone on with."""
    return repr((run.network.config, run.schedule, run.settings, origin))


def save(run: TrainingRun, origin: dict[str, str], state_file: Path, out: Path, loss: float | None) -> None:
    """Write the averaged model and the state, each whole or not at all.

    Raises ValueError where that cannot be done any more; the model is then kept in the temporary folder.
    """
    notes = origin | {
        "steps": run.step,
        "images_seen": run.images_seen,
        "seconds": round(run.seconds),
        "batch": run.settings.batch,
        "learning_rate": run.settings.learning_rate,
        "seed": run.settings.seed,
        "loss": None if loss is None else round(loss, 5),
    }
    model = checkpoint.Model(run.average, run.schedule, notes)
    kept = keep(out, lambda path: checkpoint.save(model, path))
    try:
        with whole_file(state_file) as scratch:
            torch.save(run.state_dict() | {"recipe": recipe(run, origin), "loss": loss}, scratch)
    except (OSError, RuntimeError) as error:  # the latter is torch's on a full disk
        raise ValueError(
            f"{state_file} cannot be written any more: the run ended at step {run.step}, with its model in {kept}, and "
            "goes on from the last state that could be written"
        ) from error
