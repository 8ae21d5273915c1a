"""How good the digits are that a viewer's device draws: `python -m explorer evaluate --device`.

The same pictures, from the same seeds, once in Chromium by the device's runtime and once by torch as the server runs
it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from tqdm import tqdm

from explorer.cli.device_page import device_page
from explorer.cli.evaluate import drawing, frechet, the_judge
from explorer.core import checkpoint
from explorer.core.checkpoint import Model
from explorer.core.sampling import IMAGE_SHAPE, timesteps
from explorer.data import digits
from explorer.data.arrived import check_arrived
from explorer.data.pixels import to_pixels
from explorer.device.tables import sampler_table

STEPS = 20
BATCH = 20  # pictures that the page is asked for at a time

# the last pictures of films, as numbers
DRAW = """([table, seeds, labels]) => {
  const { network, filmSteps } = window.device;
  let last;
  for (const step of filmSteps(network, table, { seeds, labels })) last = step.xPrev;
  return [...last];
}"""


class Judged(TypedDict):
    """Of one machine's pictures: the share read as asked, and the Fréchet distance to the test digits."""

    read_as_asked: float
    frechet: float


class DeviceJudgement(TypedDict):
    """same: the share of pictures that the judge reads alike. grey_levels: the mean difference of their pixels."""

    n: int
    device: Judged
    server: Judged
    same: float
    grey_levels: float


def evaluate_device(weights: Path, data: Path, judge_file: Path, *, n: int, seed: int = 0) -> DeviceJudgement:
    """n pictures of DDIM with 20 steps, labels 0 to 9 in turn, from each. Raises what `evaluate` raises, and
    FileNotFoundError without Chromium.
    """
    check_arrived(weights)
    model = checkpoint.load(weights)
    judge, test = the_judge(judge_file, digits.mnist(data, train=True)), digits.bundled()
    labels = np.arange(n) % digits.CLASSES
    ours = drawn_on_device(model, labels, seed)
    server = drawing(model, labels, steps=STEPS, seed=seed, what="by the server", sampler="ddim")
    _, real = judge.read(test.pixels)
    (read, features), (server_read, server_features) = judge.read(ours), judge.read(server)
    return {
        "n": n,
        "device": {"read_as_asked": float((read == labels).mean()), "frechet": frechet(features, real)},
        "server": {"read_as_asked": float((server_read == labels).mean()), "frechet": frechet(server_features, real)},
        "same": float((read == server_read).mean()),
        "grey_levels": float(np.abs(ours.astype(float) - server).mean()),
    }


def drawn_on_device(model: Model, labels: np.ndarray, seed: int) -> np.ndarray:
    """(len(labels), 28, 28) uint8; picture i from seed + i, as `explorer.cli.sample_batch.draw` has it."""
    table = sampler_table(model.schedule, timesteps(model.schedule.T, STEPS), sampler="ddim")
    pictures = []
    with device_page(model) as (page, _), tqdm(total=len(labels), desc="by the device", unit="picture") as bar:
        for first in range(0, len(labels), BATCH):
            asked = labels[first : first + BATCH].tolist()
            seeds = [seed + first + k for k in range(len(asked))]
            last = torch.tensor(page.evaluate(DRAW, [table, seeds, asked]))
            pictures.append(to_pixels(last.reshape(-1, *IMAGE_SHAPE))[:, 0])
            bar.update(len(asked))
    return np.concatenate(pictures)


def report(found: DeviceJudgement) -> str:
    """The figures as text."""
    lines = [f"{found['n']} pictures from the same seeds, DDIM, {STEPS} steps"]
    for name, judged in (("device", found["device"]), ("server", found["server"])):
        lines.append(
            f"by the {name}: {judged['read_as_asked']:.2%} read as asked, Frechet distance {judged['frechet']:.3f}"
        )
    lines.append(f"{found['same']:.2%} are read alike; mean difference {found['grey_levels']:.2f} grey levels of 255")
    return "\n".join(lines)
