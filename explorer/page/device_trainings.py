"""Trainings on viewers' devices: what a device is given, and what becomes of what it has learnt."""

from __future__ import annotations

import asyncio
import base64
import binascii
import itertools
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np
import torch

from explorer.core.sampling import timesteps
from explorer.core.training import TrainingRun, diverged
from explorer.data.pixels import to_pixels
from explorer.device.export import export, export_reader
from explorer.device.training_export import export_training, fitted
from explorer.lab.experiment import FASHION, Experiment
from explorer.lab.reading import shipped
from explorer.lab.session import CHECKPOINT_STEPS, MAX_CHECKPOINTS, MAX_DRAWING_SHARE, LabUpdate, Training, update_of
from explorer.lab.trainings import TrainingRefused
from explorer.page.device_models import DeviceModels
from explorer.page.payloads.device_jobs import packed_table
from explorer.serving.model_store import ModelStore
from explorer.widgets.device_job import TrainingJob

REMEMBERED = 500  # viewers whose devices train, or have trained
TOO_LARGE = "large"  # this size of network: its weights are more than a page may send
DRAWN = 10  # digits at a checkpoint
LOST = "what your device has learnt did not arrive whole: press start again"


class DeviceTrainings:
    """The trainings that viewers' devices do, by viewer: only what they are about is held here."""

    def __init__(self, models: ModelStore, files: DeviceModels) -> None:
        self._models, self._files = models, files
        self._given: OrderedDict[str, Training] = OrderedDict()

    def gives(self, experiment: Experiment) -> bool:
        """Whether a device can be given this experiment."""
        return experiment.size != TOO_LARGE

    def trains(self, owner: str) -> bool:
        """Whether this viewer's latest training is their device's."""
        return owner in self._given

    def forget(self, owner: str) -> None:
        """Their latest one is another's."""
        self._given.pop(owner, None)

    def about(self, owner: str) -> Training:
        """Settings and name of the training that this viewer's device has. Raises TrainingRefused."""
        if owner not in self._given:
            raise TrainingRefused("there is no training of yours here yet: press start")
        return self._given[owner]

    def anew(self, owner: str) -> Training:
        """The same settings for a training from its initial weights. Raises TrainingRefused."""
        given = self.about(owner)
        self._given[owner] = Training(given.experiment, given.seconds, given.drawings, given.run)
        return self._given[owner]

    async def job(self, training: Training, owner: str) -> TrainingJob:
        """What the viewer's device is given to do this training. Raises Refused where it cannot be had;
        FileNotFoundError and NotArrived as Experiment.fetch.
        """
        experiment, run = training.experiment, training.run
        await asyncio.to_thread(experiment.fetch)
        same = experiment.size, experiment.output, experiment.schedule, experiment.T
        exported = ("training", *same, experiment.batch, experiment.learning_rate, experiment.times)
        varied = experiment.seed if training.drawings else None  # drawings are, at random
        learnt = (
            "data",
            experiment.dataset,
            training.classes,
            run.network.guess is not None,
            training.drawings,
            varied,
        )
        graph, network, data, reader = await asyncio.gather(
            self._files.file(repr(exported), lambda: export_training(run.network.config, run.schedule, run.settings)),
            self._files.file(repr(("network", *same)), lambda: export(experiment.model(experiment.run()))),
            self._files.file(repr(learnt), lambda: data_file(training)),
            self._files.file("reader", lambda: export_reader(shipped())),
        )
        pictures = await asyncio.to_thread(lambda: len(training.data()[1]))
        self._given[owner] = training
        self._given.move_to_end(owner)
        if len(self._given) > REMEMBERED:
            self._given.popitem(last=False)
        visited = tuple(timesteps(run.schedule.T, min(CHECKPOINT_STEPS, run.schedule.T)))
        return {
            "training": graph,
            "model": network,
            "reader": "" if experiment.dataset == FASHION else reader,
            "data": data,
            "pictures": pictures,
            "floats": bool(training.drawings),
            "seed": experiment.seed,
            "seconds": round(training.seconds),
            "T": run.schedule.T,
            "table": packed_table(run.schedule, visited, "ddim", 0.0, 1.0),
            "labels": list(itertools.islice(itertools.cycle(training.classes), DRAWN)),
            "checkpoints": MAX_CHECKPOINTS,
            "drawing_share": MAX_DRAWING_SHARE,
        }

    def learnt(self, owner: str, told: object) -> LabUpdate:
        """What this viewer's device has learnt, held as a model; told: as it came, a Trained. In a thread; raises
        TrainingRefused where it is not what was given.
        """
        given = self.about(owner)
        if not isinstance(told, Mapping) or told.get("run") != given.name:
            raise TrainingRefused(LOST)
        training = Training(given.experiment, given.seconds, given.drawings, given.experiment.run(), name=given.name)
        run = training.run
        run.step, run.seconds = round(_number(told.get("step"))), _number(told.get("seconds"))
        take_weights(run, told.get("weights"))
        if run.average.guess is not None:
            run.average.guess.fit(*training.data())
        problem = ""
        if told.get("broke"):
            problem = diverged(str(told["broke"])[:20], run.step + 1)
        name = self._models.add(training.model()) if run.step else ""
        return update_of(training, over=True, model=name, problem=problem)


def data_file(training: Training) -> bytes:
    """What TrainingJob.data says."""
    x_0, label = training.data()
    run = training.experiment.run()
    pictures = x_0.numpy().astype("<f4") if training.drawings else to_pixels(x_0)
    labels = label.to(torch.uint8).numpy()
    return labels.tobytes() + pictures.tobytes() + fitted(run.network.config, run.schedule, x_0, label)


def take_weights(run: TrainingRun, told: object) -> None:
    """Put weights that came from outside, see Trained, into the run's averaged network. Raises TrainingRefused."""
    try:
        numbers = np.frombuffer(base64.b64decode(str(told), validate=True), "<f4")
    except (ValueError, binascii.Error):
        raise TrainingRefused(LOST) from None
    weights = list(run.average.parameters())
    if len(numbers) != sum(weight.numel() for weight in weights) or not np.isfinite(numbers).all():
        raise TrainingRefused(LOST)
    parts: Sequence[np.ndarray] = np.split(numbers, np.cumsum([weight.numel() for weight in weights])[:-1])
    with torch.no_grad():
        for weight, part in zip(weights, parts):
            weight.copy_(torch.from_numpy(part.copy()).reshape(weight.shape))


def _number(value: object) -> float:
    """One from outside, from 0 on. Raises TrainingRefused."""
    if not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise TrainingRefused(LOST)
    return float(value)
