"""What each choice of the recipe and of the network buys, and where the pretrained model errs: python -m tests.trials
recipe|networks|lost --data DIR.

`recipe` and `networks` train every variant for the same number of steps from the same seed, so that a busy machine
changes the milliseconds but not the digits; `lost` starts the pretrained model from noised digits. The judge of
`python -m explorer evaluate` reads what is drawn.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from explorer.cli import pretrain
from explorer.cli.arguments import JUDGE_FILE
from explorer.cli.digit_classifier import Judge
from explorer.cli.evaluate import agreement, balanced, the_judge
from explorer.cli.sample_batch import BATCH, draw
from explorer.core.checkpoint import Model, load
from explorer.core.inference import FrozenNetwork
from explorer.core.sampling import draw_noise, samples, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainingSettings, train
from explorer.core.unet import UNetConfig
from explorer.data import digits
from explorer.data.pixels import to_pixels
from explorer.lab import recipe
from explorer.serving.model_store import PRETRAINED_FILE

LINEAR = NoiseSchedule("linear", 1000)


@dataclass(frozen=True)
class Variant:
    name: str
    network: UNetConfig = recipe.NETWORK
    schedule: NoiseSchedule = recipe.SCHEDULE
    settings: dict[str, Any] = field(default_factory=dict)
    change: Callable[[TrainingRun], None] = lambda run: None

    def run(self, seed: int) -> TrainingRun:
        run = TrainingRun(self.network, self.schedule, TrainingSettings(**self.settings, seed=seed))
        self.change(run)
        return run


def adam_alone(run: TrainingRun) -> None:
    group = {"params": list(run.network.parameters()), "factor": 1.0}
    run.optimizers = (torch.optim.Adam([group], run.settings.learning_rate, betas=(0.9, 0.99)),)


RECIPE = (
    Variant("the Train tab's recipe"),
    Variant("half of the t from the middle", settings={"middle": 0.5}),
    Variant("three quarters of them", settings={"middle": 0.75}),
    Variant("Adam for all weights", change=adam_alone),
    Variant("every t counts alike", settings={"weighting": "eps"}),
    Variant("both of these", settings={"weighting": "eps"}, change=adam_alone),
    Variant("the last layer is eps", network=replace(recipe.NETWORK, output="eps")),
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


def milliseconds(network: FrozenNetwork, batch: int, rounds: int = 30) -> float:
    x_t, t, label = torch.randn(batch, 1, 28, 28), torch.full((batch,), 500), torch.zeros(batch, dtype=torch.int64)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        network(x_t, t, label)
        times.append(time.perf_counter() - began)
    return statistics.median(times[rounds // 3 :]) * 1e3


def compare(variants: Sequence[Variant], judge: Judge, *, training: int, n: int, seed: int) -> None:
    """Train each variant for `training` steps, and print what the judge reads and how long the steps took."""
    data = digits.bundled()
    x_0, label, asked = data.images(), data.label_tensor(), np.arange(n) % 10
    print(f"{training} steps of training; read as asked of {n}: DDPM 50 steps, DDIM 20 steps")
    for variant in variants:
        run = variant.run(seed)
        for _ in train(run, x_0, label, steps=training):
            pass
        model = Model(run.average, run.schedule)
        shares = [
            agreement(judge, draw(model, asked, steps=steps, sampler=sampler), asked)
            for sampler, steps in (("ddpm", 50), ("ddim", 20))
        ]
        frozen = FrozenNetwork(run.average)
        ms = [milliseconds(frozen, batch) for batch in (1, 16)]
        print(
            f"{variant.name:38s} {shares[0]:6.1%} {shares[1]:6.1%}   training {run.seconds / run.step * 1e3:5.1f} ms "
            "a step; "
            f"drawing {ms[0]:.2f} / {ms[1]:.2f} ms a step for 1 / 16 pictures",
            flush=True,
        )


def noised_and_denoised(model: Model, network: FrozenNetwork, real: digits.Digits, t: int, seed: int) -> np.ndarray:
    """(N, 28, 28) uint8: what becomes of the digits that are noised up to t and denoised from there (DDPM, a step for
    every 4 t, told their class).
    """
    x_0, label, pictures = real.images(), real.label_tensor(), []
    for rows in torch.arange(len(real)).split(BATCH):
        generators = [trajectory_generator(seed + i) for i in rows.tolist()]
        x_t = model.schedule.q_sample(x_0[rows], t, draw_noise(generators))
        *_, last = samples(network, model.schedule, generators, timesteps(t, t // 4), label=label[rows], x_start=x_t)
        pictures.append(to_pixels(last.x_prev)[:, 0])
    return np.concatenate(pictures)


def lost(model: Model, judge: Judge, *, n: int, seed: int) -> None:
    """Print how many of n real digits are still read as what they are after a walk up to t and back."""
    real, network = balanced(digits.bundled(), n), FrozenNetwork(model.network)
    print(
        f"read as what they are, of {n} test digits: {agreement(judge, real.pixels, real.labels):.1%}; noised up "
        "to t and denoised:"
    )
    for t in (100, 200, 300, 400, 500, 1000):
        print(
            f"t = {t:4d} {agreement(judge, noised_and_denoised(model, network, real, t, seed), real.labels):6.1%}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("recipe", "networks", "lost"))
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw, for the judge")
    parser.add_argument("--judge", type=Path, default=JUDGE_FILE)
    parser.add_argument("--steps", type=int, default=400, help="of training")
    parser.add_argument("--n", type=int, default=1000, help="pictures read for each figure")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    judge = the_judge(args.judge, digits.mnist(args.data, train=True))
    if args.what == "lost":
        lost(load(PRETRAINED_FILE), judge, n=args.n, seed=args.seed)
    else:
        compare(RECIPE if args.what == "recipe" else NETWORKS, judge, training=args.steps, n=args.n, seed=args.seed)


if __name__ == "__main__":
    main()
