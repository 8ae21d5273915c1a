"""Trainings on viewers' devices: what a device is given, and what becomes of what it has learnt."""

from __future__ import annotations

import asyncio
import base64
import binascii
import itertools
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from explorer.core.sampling import timesteps
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, diverged
from explorer.data.pictures import Picture
from explorer.data.pixels import to_pixels
from explorer.device.export import export, export_reader
from explorer.device.training_export import export_training, fitted
from explorer.lab.experiment import FASHION, Experiment, network
from explorer.lab.reading import shipped
from explorer.lab.session import (
    CHECKPOINT_STEPS,
    MAX_CHECKPOINTS,
    MAX_DRAWING_SHARE,
    LabUpdate,
    Training,
    classes_of,
    data_of,
    update_of,
)
from explorer.lab.trainings import TrainingRefused
from explorer.page.device_models import DeviceModels
from explorer.page.payloads.device_jobs import packed_table
from explorer.serving.model_store import ModelStore
from explorer.widgets.device_job import TrainingJob

REMEMBERED = 500  # viewers whose devices train, or have trained
TOO_LARGE = "large"  # this size of network: its weights are more than a page may send
DRAWN = 10  # digits at a checkpoint
LOST = "what your device has learnt did not arrive whole: press start again"


@dataclass(frozen=True)
class Given:
    """What a training is about that a viewer's device does, without its weights. See Training."""

    experiment: Experiment
    seconds: float
    drawings: tuple[Picture, ...] = ()
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    @property
    def classes(self) -> tuple[int, ...]:
        """The digits that are learnt."""
        return classes_of(self.experiment, self.drawings)

    def data(self) -> tuple[Tensor, Tensor]:
        """See Training.data."""
        return data_of(self.experiment, self.drawings)

    def training(self) -> Training:
        """With its initial weights, which take a moment to be made."""
        return Training(self.experiment, self.seconds, self.drawings, self.experiment.run(), name=self.name)


class DeviceTrainings:
    """The trainings that viewers' devices do, by viewer: only what they are about is held here."""

    def __init__(self, models: ModelStore, files: DeviceModels) -> None:
        self._models, self._files = models, files
        self._given: OrderedDict[str, Given] = OrderedDict()
        self._getting_ready: asyncio.Task[list[str]] | None = None  # held, or it might be swept away

    def gives(self, experiment: Experiment) -> bool:
        """Whether a device can be given this experiment."""
        return experiment.size != TOO_LARGE

    def trains(self, owner: str) -> bool:
        """Whether this viewer's latest training is their device's."""
        return owner in self._given

    def forget(self, owner: str) -> None:
        """Their latest one is another's."""
        self._given.pop(owner, None)

    def about(self, owner: str) -> Given:
        """The training that this viewer's device has. Raises TrainingRefused."""
        if owner not in self._given:
            raise TrainingRefused("there is no training of yours here yet: press start")
        return self._given[owner]

    def anew(self, owner: str) -> Given:
        """The same settings for a training from its initial weights. Raises TrainingRefused."""
        given = self.about(owner)
        self._given[owner] = Given(given.experiment, given.seconds, given.drawings)
        return self._given[owner]

    def get_ready(self, given: Given) -> None:
        """Make what a device needs for trainings with these settings, in the background, for the next one."""
        task = asyncio.create_task(self._addresses(given))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # the next one will be told
        self._getting_ready = task

    def ready(self, given: Given) -> bool:
        """Whether a device can be given this training at once."""
        return all(self._files.ready(name) for name in needed(given))

    async def _addresses(self, given: Given) -> list[str]:
        """Of what a device needs, in the order of `needed`."""
        await asyncio.to_thread(given.experiment.fetch)
        return await asyncio.gather(*(self._files.file(name, make) for name, make in needed(given).items()))

    async def job(self, given: Given, owner: str, least: float = 0) -> TrainingJob:
        """What the viewer's device is given to do this training; least: see TrainingJob. Raises Refused where it cannot
        be had; FileNotFoundError and NotArrived as Experiment.fetch.
        """
        experiment, schedule = given.experiment, NoiseSchedule(given.experiment.schedule, given.experiment.T)
        graph, drawing, data, reader = await self._addresses(given)
        pictures = await asyncio.to_thread(lambda: len(given.data()[1]))
        self._given[owner] = given
        self._given.move_to_end(owner)
        if len(self._given) > REMEMBERED:
            self._given.popitem(last=False)
        visited = tuple(timesteps(schedule.T, min(CHECKPOINT_STEPS, schedule.T)))
        return {
            "training": graph,
            "model": drawing,
            "reader": "" if experiment.dataset == FASHION else reader,
            "data": data,
            "pictures": pictures,
            "floats": bool(given.drawings),
            "seed": experiment.seed,
            "seconds": round(given.seconds),
            "T": schedule.T,
            "table": packed_table(schedule, visited, "ddim", 0.0, 1.0),
            "labels": list(itertools.islice(itertools.cycle(given.classes), DRAWN)),
            "checkpoints": MAX_CHECKPOINTS,
            "drawing_share": MAX_DRAWING_SHARE,
            "least": least,
        }

    def learnt(self, owner: str, told: object) -> LabUpdate:
        """What this viewer's device has learnt, held as a model; told: as it came, a Trained. In a thread; raises
        TrainingRefused where it is not what was given.
        """
        given = self.about(owner)
        if not isinstance(told, Mapping) or told.get("run") != given.name:
            raise TrainingRefused(LOST)
        training = given.training()
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


def needed(given: Given) -> dict[str, Callable[[], bytes]]:
    """What a device needs for a training, by the names under which it is held, and what makes it: the training, the
    network that draws, the pictures, the reader.
    """
    experiment = given.experiment
    same = experiment.size, experiment.output, experiment.schedule, experiment.T
    exported = ("training", *same, experiment.batch, experiment.learning_rate, experiment.times)
    varied = experiment.seed if given.drawings else None  # drawings are, at random
    guess = network(experiment.size, experiment.output).linear_guess
    learnt = ("data", experiment.dataset, given.classes, guess, given.drawings, varied)

    def export_steps() -> bytes:
        run = experiment.run()
        return export_training(run.network.config, run.schedule, run.settings)

    return {
        repr(exported): export_steps,
        repr(("network", *same)): lambda: export(experiment.model(experiment.run())),
        repr(learnt): lambda: data_file(given),
        "reader": lambda: export_reader(shipped()),
    }


def data_file(given: Given) -> bytes:
    """What TrainingJob.data says."""
    x_0, label = given.data()
    experiment = given.experiment
    pictures = x_0.numpy().astype("<f4") if given.drawings else to_pixels(x_0)
    labels = label.to(torch.uint8).numpy()
    config, schedule = network(experiment.size, experiment.output), NoiseSchedule(experiment.schedule, experiment.T)
    return labels.tobytes() + pictures.tobytes() + fitted(config, schedule, x_0, label)


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
