"""A model's pictures by two judges of different shape: python -m tests.two_judges --data DIR.

Each judge reads the same pictures, and has its own features for the Fréchet distance to the test digits and for its
floor, that of as many real training digits which neither has met. Each result is appended to a file: a run that was cut
off goes on from there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from explorer.cli.arguments import JUDGE_FILE
from explorer.cli.digit_classifier import Judge
from explorer.cli.evaluate import balanced, drawing, frechet, split, the_judge
from explorer.core.sampling import SAMPLERS
from explorer.data import digits
from explorer.serving.model_store import PRETRAINED_FILE, load_any
from tests.second_judge import SecondJudge, the_second_judge

DRAWN = (("ddim", 20), ("ddpm", 250))  # samplers and their steps, the quick one first


def judged(
    judge: Judge | SecondJudge, drawn: np.ndarray, asked: np.ndarray, test: digits.Digits, unmet: digits.Digits
) -> dict[str, float]:
    """Pictures (N, 28, 28) uint8 and what was asked for (N,): the share read so, and the Fréchet distance to the test
    digits in floors.
    """
    read, features = judge.read(drawn)
    of_test, of_real = judge.read(test.pixels)[1], judge.read(balanced(unmet, len(drawn)).pixels)[1]
    return {
        "read_as_asked": float((read == asked).mean()),
        "frechet_in_floors": frechet(features, of_test) / frechet(of_real, of_test),
    }


def drawn_by(text: str) -> list[tuple[str, int]]:
    """Of "ddim:1,ddpm:250" the samplers and their steps. Raises ValueError for another sampler or no number."""
    pairs = [part.split(":") for part in text.split(",")]
    if any(sampler not in SAMPLERS for sampler, _ in pairs):
        raise ValueError(f"the samplers are {', '.join(SAMPLERS)}")
    return [(sampler, int(steps)) for sampler, steps in pairs]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw, for the judges")
    parser.add_argument("--judge", type=Path, default=JUDGE_FILE)
    parser.add_argument("--weights", type=Path, default=PRETRAINED_FILE)
    parser.add_argument("--n", type=int, default=2000, help="pictures for each figure (default 2000)")
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[0, 1, 2])
    parser.add_argument(
        "--by", type=drawn_by, default=DRAWN, help="samplers and their steps (default ddim:20,ddpm:250)"
    )
    parser.add_argument("--out", type=Path, default=Path("two-judges.jsonl"), help="where the results are kept")
    parser.add_argument("--threads", type=int, default=0, help="of torch (default: its own number)")
    args = parser.parse_args()

    if args.threads:
        torch.set_num_threads(args.threads)
    model, real, test = load_any(args.weights), digits.mnist(args.data, train=True), digits.bundled()
    met, unmet = split(real)
    second = the_second_judge(args.judge.with_name("second-" + args.judge.name), met)
    judges = {"first": the_judge(args.judge, real), "second": second}
    asked = np.arange(args.n) % digits.CLASSES
    done = [json.loads(line) for line in args.out.read_text().splitlines()] if args.out.exists() else []
    for sampler, steps in args.by:
        for seed in args.seeds:
            case = {"weights": args.weights.name, "sampler": sampler, "steps": steps, "n": args.n, "seed": seed}
            if any(case.items() <= line.items() for line in done):
                continue
            drawn = drawing(model, asked, steps=steps, sampler=sampler, seed=seed * args.n, what=f"{sampler} {seed}")
            result = case | {name: judged(judge, drawn, asked, test, unmet) for name, judge in judges.items()}
            print(json.dumps(result), flush=True)
            with args.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
