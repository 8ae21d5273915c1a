"""What the trials compare: recipes for the Train tab's network, and networks for the pretrained model's recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from explorer.cli import pretrain
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainingSettings
from explorer.core.unet import UNetConfig
from explorer.data import digits
from explorer.lab import recipe

LINEAR = NoiseSchedule("linear", 1000)


@dataclass(frozen=True)
class Variant:
    """One way to train. settings: those that differ from TrainingSettings' own; change: done to the fresh run; data:
    the pictures to learn from; guidance: of what is drawn for the judges.
    """

    name: str
    network: UNetConfig = recipe.NETWORK
    schedule: NoiseSchedule = recipe.SCHEDULE
    settings: dict[str, Any] = field(default_factory=dict)
    change: Callable[[TrainingRun], None] = lambda run: None
    data: Callable[[], digits.Digits] = digits.clear
    guidance: float = 1.0

    def run(self, seed: int) -> TrainingRun:
        """Fresh random weights, ready to train."""
        run = TrainingRun(self.network, self.schedule, TrainingSettings(**self.settings, seed=seed))
        self.change(run)
        return run

    @property
    def what(self) -> str:
        """All that decides it, in a text that is the same for the same trial: a result is found again by it."""
        hooks = (self.change.__name__, self.data.__name__)
        return repr((self.network, self.schedule, TrainingSettings(**self.settings), hooks, self.guidance))


def adam_alone(run: TrainingRun) -> None:
    """No Muon: Adam moves the convolutions too."""
    group = {"params": list(run.network.parameters()), "factor": 1.0}
    run.optimizers = (torch.optim.Adam([group], run.settings.learning_rate, betas=(0.9, 0.99)),)


def three_rounds(run: TrainingRun) -> None:
    """A rougher Muon: three rounds of its iteration in place of five."""
    run.optimizers[0].param_groups[0]["rounds"] = 3


def muon_twice_as_fast(run: TrainingRun) -> None:
    """Twice Muon's rate, and Adam's as it is."""
    run.optimizers[0].param_groups[0]["factor"] *= 2


def balanced() -> digits.Digits:
    """As many digits of each class: 746, the number of clear nines."""
    every = digits.clear()
    least = min(len(every.of_class(k)) for k in range(digits.CLASSES))
    rows = np.concatenate([every.of_class(k)[:least] for k in range(digits.CLASSES)])
    return digits.Digits(every.pixels[rows], every.labels[rows])


PLAIN = replace(recipe.NETWORK, linear_guess=False)
RECIPE = (
    Variant("the Train tab's recipe"),
    Variant("no linear guess, every t alike", network=PLAIN, settings={"middle": 0.0}),
    Variant("no linear guess", network=PLAIN),
    Variant("every t as often", settings={"middle": 0.0}),
    Variant("three quarters of the t from the middle", settings={"middle": 0.75}),
    Variant("warm-up of 15 steps", settings={"warmup": 15}),
    Variant("1.5 times the rate, warm-up of 15 steps", settings={"learning_rate": 4.5e-3, "warmup": 15}),
    Variant("twice Muon's rate", change=muon_twice_as_fast),
    Variant("three rounds of Muon's iteration", change=three_rounds),
    Variant("decay down to 0", settings={"final_rate": 0.0}),
    Variant("no label dropout", settings={"label_dropout": 0.0}),
    Variant("32 images a step, twice the steps", settings={"batch": 32}),
    Variant("all digits, the unclear ones too", data=digits.bundled),
    Variant("as many digits of each class", data=balanced),
    Variant("drawn with guidance 1.5", guidance=1.5),
    Variant("Adam for all weights", change=adam_alone),
    Variant("the errors of every t count alike", settings={"weighting": "eps"}),
    Variant("both of these", settings={"weighting": "eps"}, change=adam_alone),
    Variant("the last layer is eps", network=replace(PLAIN, output="eps")),
    Variant("linear schedule", schedule=LINEAR),
    Variant("no attention", network=replace(recipe.NETWORK, attention=False)),
    Variant("no averaged weights", settings={"ema": 0.0}),
    Variant("a constant learning rate", settings={"final_rate": 1.0}),
)

LONG = {"learning_rate": 2e-3}
NETWORKS = tuple(
    Variant(name, network=config, schedule=LINEAR, settings=LONG)
    for name, config in {
        "the pretrained model's": pretrain.NETWORK,
        "one block fewer at 7x7": replace(pretrain.NETWORK, depth=(1, 2)),
        "attention in its place": replace(pretrain.NETWORK, depth=(1, 2), attention=True),
        "one more at 14x14, one fewer at 7x7": replace(pretrain.NETWORK, depth=(2, 2)),
        "48-96 channels": replace(pretrain.NETWORK, widths=(48, 96)),
        "96-192 channels, one block fewer": replace(pretrain.NETWORK, widths=(96, 192), depth=(1, 2)),
        "4x4 patches, 128 channels": replace(pretrain.NETWORK, patch=4, widths=(128,), depth=(4,)),
        "the Train tab's": recipe.NETWORK,
    }.items()
)
