"""What each choice of the recipe and of the network buys, and where the pretrained model errs: python -m tests.trials
recipe|networks|lost --data DIR.

`recipe` and `networks` train every variant on the same number of images from the same seeds, so that a busy machine
changes the milliseconds but not the digits; what is drawn is read by the judge of `python -m explorer evaluate` and by
a second one of another shape. Each result is appended to a file as it comes: a trial that was cut off goes on from
there.
`lost` starts the pretrained model from noised digits.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from explorer.cli.arguments import JUDGE_FILE
from explorer.cli.digit_classifier import Judge
from explorer.cli.evaluate import agreement, balanced, split, the_judge
from explorer.cli.sample_batch import BATCH, draw
from explorer.core.checkpoint import Model, load
from explorer.core.inference import FrozenNetwork
from explorer.core.sampling import draw_noise, samples, timesteps, trajectory_generator
from explorer.core.training import train
from explorer.data import digits
from explorer.data.pixels import to_pixels
from explorer.serving.model_store import PRETRAINED_FILE
from tests.second_judge import SecondJudge, the_second_judge
from tests.variants import NETWORKS, RECIPE, Variant

SAMPLERS = {"ddpm": 50, "ddim": 20}  # and the steps of each


@dataclass(frozen=True)
class Judges:
    """Two classifiers of different shape."""

    first: Judge
    second: SecondJudge


@dataclass(frozen=True)
class Result:
    """Of one variant, one seed. ddpm, ddim, second: the shares that are read as asked (the second judge reads DDPM's);
    train_ms: milliseconds for 64 images of training; draw_ms: for a step of drawing 1 and 16 pictures.
    """

    what: str
    name: str
    images: int
    n: int
    seed: int
    ddpm: float
    ddim: float
    second: float
    train_ms: float
    draw_ms: tuple[float, ...]


def milliseconds(network: FrozenNetwork, batch: int, rounds: int = 30) -> float:
    """For one step of a batch, the median of a few."""
    x_t, t, label = torch.randn(batch, 1, 28, 28), torch.full((batch,), 500), torch.zeros(batch, dtype=torch.int64)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        network(x_t, t, label)
        times.append(time.perf_counter() - began)
    return statistics.median(times[rounds // 3 :]) * 1e3


def trial(variant: Variant, judges: Judges, *, images: int, n: int, seed: int) -> Result:
    """Train on so many images, draw n pictures, let them be read."""
    run, data = variant.run(seed), variant.data()
    for _ in train(run, data.images(), data.label_tensor(), steps=max(1, images // run.settings.batch)):
        pass
    model, asked = Model(run.average, run.schedule), np.arange(n) % digits.CLASSES
    drawn = {
        sampler: draw(model, asked, steps=steps, sampler=sampler, guidance=variant.guidance)
        for sampler, steps in SAMPLERS.items()
    }
    shares = {sampler: agreement(judges.first, pixels, asked) for sampler, pixels in drawn.items()}
    second = judges.second.share(drawn["ddpm"], asked)
    frozen = FrozenNetwork(run.average)
    ms = tuple(milliseconds(frozen, batch) for batch in (1, 16))
    cost = run.seconds / run.images_seen * 64e3
    return Result(variant.what, variant.name, images, n, seed, **shares, second=second, train_ms=cost, draw_ms=ms)


def kept(file: Path) -> list[Result]:
    """The results that the file holds; a line that was cut off is none."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            found.append(Result(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def compare(
    variants: Sequence[Variant], judges: Judges, *, images: int, n: int, seeds: Sequence[int], out: Path
) -> None:
    """Print a line for each variant, once it has been tried with all seeds; what `out` holds already is not tried
    again.
    """
    print(
        f"{images} images of training, seeds {', '.join(map(str, seeds))}; read as asked of {n}, mean (each seed): "
        "DDPM 50 steps; by the second judge; DDIM 20 steps"
    )
    for variant in variants:
        results = []
        for seed in seeds:
            wanted = (variant.what, images, n, seed)
            result = next((r for r in kept(out) if (r.what, r.images, r.n, r.seed) == wanted), None)
            if result is None:
                result = trial(variant, judges, images=images, n=n, seed=seed)
                with out.open("a", encoding="utf-8") as file:
                    file.write("\n" + json.dumps(asdict(result)))  # first, as the line before may have been cut off
            results.append(result)
        print(line(results), flush=True)


def line(results: Sequence[Result]) -> str:
    """One variant's results with all its seeds, as a line of the table."""
    shares = [[r.ddpm for r in results], [r.second for r in results], [r.ddim for r in results]]
    told = "   ".join(
        f"{statistics.mean(values):6.1%} ({' '.join(f'{100 * value:.1f}' for value in values)})" for values in shares
    )
    ms = statistics.median(r.train_ms for r in results)
    drawing = " / ".join(f"{statistics.median(r.draw_ms[i] for r in results):.2f}" for i in range(2))
    return f"{results[0].name:42s} {told}   {ms:5.1f} ms for 64 images; drawing {drawing} ms a step for 1 / 16 pictures"


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
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("recipe", "networks", "lost"))
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw, for the judges")
    parser.add_argument("--judge", type=Path, default=JUDGE_FILE)
    parser.add_argument("--images", type=int, default=25_600, help="of training (default 25600, 400 steps of 64)")
    parser.add_argument("--n", type=int, default=500, help="pictures read for each figure (default 500)")
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[0, 1, 2])
    parser.add_argument("--only", default="", help="only the variants whose name contains this")
    parser.add_argument("--first", type=int, default=None, help="only so many variants")
    parser.add_argument("--out", type=Path, default=Path("trials.jsonl"), help="where the results are kept")
    parser.add_argument("--threads", type=int, default=0, help="of torch (default: its own number)")
    args = parser.parse_args()

    if args.threads:
        torch.set_num_threads(args.threads)
    real = digits.mnist(args.data, train=True)
    judge = the_judge(args.judge, real)
    if args.what == "lost":
        lost(load(PRETRAINED_FILE), judge, n=args.n, seed=args.seeds[0])
        return
    second = the_second_judge(args.judge.with_name("second-" + args.judge.name), split(real)[0])
    chosen = [v for v in (RECIPE if args.what == "recipe" else NETWORKS) if args.only in v.name][: args.first]
    compare(chosen, Judges(judge, second), images=args.images, n=args.n, seeds=args.seeds, out=args.out)


if __name__ == "__main__":
    main()
