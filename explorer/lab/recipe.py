"""The Train tab's network and schedule, and what is kept of a training."""

from __future__ import annotations

import copy

from explorer.core.checkpoint import Model
from explorer.core.devices import CPU
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun
from explorer.core.unet import UNetConfig

NETWORK = UNetConfig(widths=(32, 64), depth=(1, 2), embedding=64, attention=True, output="v", linear_guess=True)
SCHEDULE = NoiseSchedule("cosine")
SHORTEST_TRAINING_SECONDS = 10  # before that there is nothing to see
LONGEST_TRAINING_SECONDS = 120  # unless the server's options say otherwise


def finished(run: TrainingRun) -> Model:
    """The run's averaged network as a model to keep, with the story of its training."""
    notes = {
        "steps": run.step,
        "images_seen": run.images_seen,
        "seconds": round(run.seconds, 2),
        "seed": run.settings.seed,
    }
    return Model(run.average if run.device == CPU else copy.deepcopy(run.average).to(CPU), run.schedule, notes)
