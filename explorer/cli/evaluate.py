"""How good the drawn digits are: `python -m explorer evaluate`.

Every figure stands beside the same figure for real digits: a judge is only as good as what it says of those.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from explorer.cli.digit_classifier import Judge, load_judge, save_judge, train_judge
from explorer.cli.results import keep, whole_file, writable
from explorer.cli.sample_batch import draw
from explorer.core.checkpoint import Model
from explorer.core.sampling import NULL_LABEL, SAMPLERS, timesteps
from explorer.data import digits
from explorer.data.arrived import check_arrived
from explorer.data.digits import Digits
from explorer.data.pixels import to_images
from explorer.serving.film_request import usual_steps
from explorer.serving.model_store import learnt, load_any

# a sixth of the training digits, the last 10,000, are kept from the judge: those that it has learnt by heart make too
# high a floor
HELD_OUT = 6
JUDGE_STEPS = 3000  # of 128 digits: nearly eight times its 50,000
SCORE_STEPS = 1500  # for the classifiers of the classification accuracy score
SCORE_SAMPLE_STEPS = 50  # of each sample that they learn from: so many pictures take a while
CURVE = (1, 2, 5, 10, 20, 50, 100, 250)  # numbers of steps


def evaluate(
    weights: Path, data: Path, judge_file: Path, *, n: int, steps: int | None, score_n: int, curve_n: int, seed: int = 0
) -> dict[str, Any]:
    """All figures of the model in `weights`, by n samples (DDPM, no guidance).

    steps: of each sample; None for as many as usual_steps says. data: the folder that holds MNIST/raw.
    judge_file: where the judge is kept; trained if it is not there yet. score_n: samples for the classification
    accuracy score; curve_n: samples for each point of the curves; 0 leaves them out.
    Raises FileNotFoundError without MNIST, NotArrived and CheckpointError for unusable weights, and ValueError for
    more steps than the model's T, for a model that has not learnt all ten digits, and for a judge that could not be
    kept, before anything is computed.
    """
    check_arrived(weights)
    model = load_any(weights)
    if len(known := learnt(model)) < digits.CLASSES:
        raise ValueError(
            f"this model has learnt {', '.join(map(str, known))} only: it cannot be judged by all ten digits"
        )
    steps = usual_steps(model.schedule.T) if steps is None else steps
    timesteps(model.schedule.T, steps)  # raises for too many, which else were told after the judge's training
    (check_arrived if judge_file.is_file() else writable)(judge_file)
    real, test = digits.mnist(data, train=True), digits.bundled()
    judge = the_judge(judge_file, real)
    labels, (_, unmet) = np.arange(n) % digits.CLASSES, split(real)
    test_read, test_features = judge.read(test.pixels)
    drawn = drawing(model, labels, steps=steps, seed=seed, what="samples")
    anything = drawing(model, np.full(n, NULL_LABEL), steps=steps, seed=seed, what="samples of any digit")
    read, features = judge.read(drawn)
    figures = {
        "n": n,
        "steps": steps,
        "judge": {"real_test_digits_read": float((test_read == test.labels).mean())},
        "read_as_asked": float((read == labels).mean()),
        "frechet": {"samples": frechet(features, test_features), "floor": floor(judge, unmet, n, test_features)},
        "shares_of_any": np.bincount(judge.read(anything)[0], minlength=digits.CLASSES) / n,
        "nearest_training_digit": {
            "samples": nearest(drawn, real.pixels),
            "test_digits": nearest(test.pixels[:n], real.pixels),
        },
    }
    if curve_n:
        figures["curve"] = curve(
            model, judge, test_features, unmet, steps=[s for s in CURVE if s <= model.schedule.T], n=curve_n, seed=seed
        )
    if score_n:
        figures["classification_accuracy_score"] = accuracy_score(model, test, real, n=score_n, seed=seed + n)
    return figures


def the_judge(file: Path, real: Digits) -> Judge:
    """The judge kept in `file`, trained on those of the real training digits that it may meet if it is not
    there yet.
    """
    if not file.exists():
        met, _ = split(real)
        with tqdm(total=JUDGE_STEPS, desc="training the judge") as bar:
            judge = train_judge(met.pixels, met.labels, steps=JUDGE_STEPS, progress=bar.update)
        file = keep(file, lambda path: write_judge(judge, path))
    return load_judge(file)


def write_judge(judge: Judge, path: Path) -> None:
    """Write the judge to `path`, whole or not at all."""
    with whole_file(path) as scratch:
        save_judge(judge, scratch)


def split(real: Digits) -> tuple[Digits, Digits]:
    """(the training digits that the judge meets, those that are kept from it)."""
    met = len(real) - len(real) // HELD_OUT
    return Digits(real.pixels[:met], real.labels[:met]), Digits(real.pixels[met:], real.labels[met:])


def drawing(model: Model, labels: np.ndarray, *, steps: int, seed: int, what: str, sampler: str = "ddpm") -> np.ndarray:
    """`draw` with a progress bar that says `what` is drawn: (len(labels), 28, 28) uint8."""
    with tqdm(total=len(labels) * steps, desc=what, unit="step", unit_scale=True) as bar:
        return draw(model, labels, steps=steps, sampler=sampler, seed=seed, progress=bar.update)


def balanced(data: Digits, n: int) -> Digits:
    """n digits of the data, as many of each class as samples whose labels cycle through 0 to 9."""
    wanted = np.bincount(np.arange(n) % digits.CLASSES, minlength=digits.CLASSES)
    rows = np.concatenate([data.of_class(k)[: wanted[k]] for k in range(digits.CLASSES)])
    return Digits(data.pixels[rows], data.labels[rows])


def agreement(judge: Judge, pixels: np.ndarray, labels: np.ndarray) -> float:
    """The share that the judge reads as their label."""
    return float((judge.read(pixels)[0] == labels).mean())


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance of two sets of pictures by their features (N, F) and (M, F): of the Gaussians fitted to these
    (Heusel et al. 2017, arXiv:1706.08500, equation 6).
    """
    cov_a, cov_b = (torch.from_numpy(np.cov(x, rowvar=False)) for x in (a, b))
    # trace of the square root of cov_a cov_b, by the symmetric matrix that has the same eigenvalues
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return float(np.square(a.mean(0) - b.mean(0)).sum() + torch.trace(cov_a) + torch.trace(cov_b) - 2 * cross)


def floor(judge: Judge, unmet: Digits, n: int, test_features: np.ndarray) -> float:
    """The Fréchet distance of n real digits which the judge has not met."""
    return frechet(judge.read(balanced(unmet, n).pixels)[1], test_features)


def nearest(pixels: np.ndarray, real: np.ndarray) -> float:
    """The median over pictures of the distance (root of the mean squared grey level, 0 to 255) to the nearest real
    digit.
    """
    a, b = (to_images(x).flatten(1) * 127.5 for x in (pixels, real))
    found = [torch.cdist(part, b).amin(dim=1) for part in a.split(250)]
    return float(torch.cat(found).median()) / 28


def curve(
    model: Model, judge: Judge, test_features: np.ndarray, unmet: Digits, *, steps: list[int], n: int, seed: int
) -> dict[str, Any]:
    """For each number of steps, by DDPM and by DDIM: the share read as asked, which few steps pass, and the Fréchet
    distance, which tells their blur.

    The distance grows as n shrinks, so it has a floor of its own: that of n digits which the judge has not met.
    """
    labels = np.arange(n) % digits.CLASSES
    rows = []
    for count in steps:
        row: dict[str, Any] = {"steps": count}
        for sampler in SAMPLERS:
            read, features = judge.read(
                drawing(model, labels, steps=count, seed=seed, what=f"{sampler} {count}", sampler=sampler)
            )
            row[sampler] = {
                "read_as_asked": float((read == labels).mean()),
                "frechet": frechet(features, test_features),
            }
        rows.append(row)
    return {"n": n, "frechet_floor": floor(judge, unmet, n, test_features), "rows": rows}


def accuracy_score(model: Model, test: Digits, real: Digits, *, n: int, seed: int) -> dict[str, float]:
    """The share of real test digits that a classifier reads which has seen n samples only (Ravuri and Vinyals 2019,
    arXiv:1905.10887), and one which has seen n real ones.
    """
    labels = np.arange(n) % digits.CLASSES
    drawn = drawing(
        model, labels, steps=min(SCORE_SAMPLE_STEPS, model.schedule.T), seed=seed, what="samples to learn from"
    )
    same = balanced(real, n)
    score = {}
    for name, pixels, answers in (("samples", drawn, labels), ("real", same.pixels, same.labels)):
        with tqdm(total=SCORE_STEPS, desc=f"a classifier that has seen {name} only") as bar:
            judge = train_judge(pixels, answers, steps=SCORE_STEPS, progress=bar.update)
        score[name] = agreement(judge, test.pixels, test.labels)
    return score


def report(figures: dict[str, Any]) -> str:
    """The figures as text."""
    frechet, near = figures["frechet"], figures["nearest_training_digit"]
    shares = " ".join(f"{share:.1%}" for share in figures["shares_of_any"])
    lines = [
        f"{figures['n']} samples, DDPM, {figures['steps']} steps, no guidance",
        (
            f"read as the label asked for   {figures['read_as_asked']:.2%} (the judge reads "
            f"{figures['judge']['real_test_digits_read']:.2%} of the real test digits)"
        ),
        (
            f"Frechet distance to test set  {frechet['samples']:.3f}, {frechet['samples'] / frechet['floor']:.2f} "
            f"times the floor ({frechet['floor']:.3f}: as many real training digits that the judge has not met)"
        ),
        f"shares of 0 to 9, any digit   {shares}",
        f"to the nearest training digit {near['samples']:.1f} grey levels (test digits: {near['test_digits']:.1f})",
    ]
    if along := figures.get("curve"):
        lines.append(
            f"by the number of steps, {along['n']} samples each: read as asked, Frechet distance (floor "
            f"{along['frechet_floor']:.1f})"
        )
        for row in along["rows"]:
            told = ", ".join(
                f"{sampler.upper()} {row[sampler]['read_as_asked']:.1%} {row[sampler]['frechet']:.1f}"
                for sampler in SAMPLERS
            )
            lines.append(f"{row['steps']:>5}: {told}")
    if score := figures.get("classification_accuracy_score"):
        lines.append(
            f"classification accuracy score {score['samples']:.2%} (learnt from as many real digits: "
            f"{score['real']:.2%})"
        )
    return "\n".join(lines)
