"""What can be tried in a training, as one record: it serves the command line, and tells its own command."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
from torch import Tensor

from explorer.core.checkpoint import Model
from explorer.core.schedule import KINDS, NoiseSchedule
from explorer.core.sentences import Sentence
from explorer.core.training import TrainingRun, TrainingSettings
from explorer.core.unet import UNetConfig
from explorer.data import digits
from explorer.data.pixels import to_images
from explorer.lab.recipe import NETWORK, SCHEDULE, finished
from explorer.validation import MAX_SEED, Choice, Real, Subset, Table, Whole

DEFAULTS = TrainingSettings()
ALL_CLASSES = tuple(range(digits.CLASSES))
MNIST, FASHION = "MNIST", "Fashion-MNIST"
WIDTHS = {"small": 0.5, "medium": 1.0, "large": 2.0}  # of the Train tab's network


def network(size: str) -> UNetConfig:
    """The Train tab's network with half, the same or twice its channels, in multiples of 16."""
    factor = WIDTHS[size]
    return replace(NETWORK, widths=tuple(max(16, round(factor * width / 16) * 16) for width in NETWORK.widths))


@dataclass(frozen=True)
class Experiment:
    """All that decides a training, but how long it is. With a number of steps, it decides the weights too."""

    dataset: str = MNIST
    classes: tuple[int, ...] = ALL_CLASSES
    schedule: str = SCHEDULE.kind
    T: int = SCHEDULE.T
    size: str = "medium"
    learning_rate: float = DEFAULTS.learning_rate
    batch: int = DEFAULTS.batch
    seed: int = DEFAULTS.seed

    def run(self) -> TrainingRun:
        """Fresh random weights, ready to train."""
        settings = replace(DEFAULTS, learning_rate=self.learning_rate, batch=self.batch, seed=self.seed)
        return TrainingRun(network(self.size), NoiseSchedule(self.schedule, self.T), settings)

    def fetch(self) -> digits.Digits:
        """All pictures of the data set; the first use of one that is not bundled downloads it. Raises FileNotFoundError
        where it cannot.
        """
        return digits.fashion_mnist() if self.dataset == FASHION else digits.bundled()

    def data(self) -> tuple[Tensor, Tensor]:
        """The pictures of these classes: x_0 (N, 1, 28, 28) float32 in [-1, 1], and labels (N,) int64."""
        every = self.fetch()
        chosen = np.isin(every.labels, self.classes)
        chosen_digits = digits.Digits(every.pixels[chosen], every.labels[chosen])
        return to_images(chosen_digits.pixels), chosen_digits.label_tensor()

    def model(self, run: TrainingRun) -> Model:
        """What the run has learnt, to keep: its notes tell these settings."""
        model = finished(run)
        return replace(model, notes=model.notes | asdict(self))

    def differences(self) -> list[str]:
        """In words, all settings but the seed that are not the default."""
        words = {
            "dataset": self.dataset,
            "classes": Sentence("only {0}", " ".join(map(str, self.classes))),
            "schedule": Sentence("{0} schedule", self.schedule),
            "T": f"T = {self.T}",
            "size": Sentence("{0} network", self.size),
            "learning_rate": Sentence("learning rate {0}", f"{self.learning_rate:g}"),
            "batch": Sentence("batch {0}", self.batch),
        }
        chosen, usual = asdict(self), asdict(Experiment())
        return [text for name, text in words.items() if chosen[name] != usual[name]]

    def command(self, budget: str, out: str) -> str:
        """The command line that trains exactly this. budget: "--seconds 60" or "--steps 500"."""
        options = {
            name: ",".join(map(str, value)) if name == "classes" else value for name, value in asdict(self).items()
        }
        return " ".join(
            [
                "python -m explorer train",
                budget,
                *(f"{flag(name)} {value}" for name, value in options.items()),
                f"--out {out}",
            ]
        )


EXPERIMENT: Table = {
    "dataset": Choice("the data set", Experiment.dataset, (MNIST, FASHION)),
    "classes": Subset("the classes to learn", Experiment.classes, ALL_CLASSES),
    "schedule": Choice("the schedule", Experiment.schedule, KINDS),
    "T": Whole("T", Experiment.T, 10, 1000),
    "size": Choice("the size of the network", Experiment.size, tuple(WIDTHS)),
    "learning_rate": Real("the learning rate", Experiment.learning_rate, 1e-6, 1.0),
    "batch": Whole("the batch size", Experiment.batch, 1, 512),
    "seed": Whole("the seed", Experiment.seed, 0, MAX_SEED),
}


def flag(name: str) -> str:
    """The command line's option for a setting."""
    return "--" + name.replace("_", "-")
