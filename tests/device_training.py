"""What a training on a viewer's device is worth: python -m tests.device_training --data DIR.

The Train tab's recipe for so many steps, once by the device's kernels in node and once by torch, from the same seed and
with the same pictures. Then both draw as many pictures, which two judges of different shape read.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from explorer.cli.arguments import JUDGE_FILE
from explorer.cli.evaluate import agreement, split, the_judge
from explorer.cli.sample_batch import draw
from explorer.core.checkpoint import Model
from explorer.core.training import TrainingRun, TrainingSettings, train
from explorer.core.unet import UNet
from explorer.data import digits
from explorer.device.training_export import export_training, fitted
from explorer.lab.recipe import NETWORK, SCHEDULE
from tests.second_judge import the_second_judge
from tests.trials import SAMPLERS, Judges

RUN = Path(__file__).parent / "device" / "run_training.js"


def by_torch(settings: TrainingSettings, steps: int) -> UNet:
    """The averaged network after so many steps."""
    known, run = digits.bundled(), TrainingRun(NETWORK, SCHEDULE, settings)
    for _ in train(run, known.images(), known.label_tensor(), steps=steps):
        pass
    return run.average


def by_the_device(settings: TrainingSettings, steps: int, folder: Path) -> UNet:
    """The same by the device's kernels; what they need and what they learn lies in the folder."""
    known, run = digits.bundled(), TrainingRun(NETWORK, SCHEDULE, settings)
    x_0, label = known.images(), known.label_tensor()
    files = {
        "file": export_training(NETWORK, SCHEDULE, settings),
        "pictures": known.pixels.tobytes(),
        "labels": known.labels.astype(np.uint8).tobytes(),
        "fitted": fitted(NETWORK, SCHEDULE, x_0, label),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "out").mkdir()
    job = {name: str(folder / name) for name in [*files, "out"]}
    job |= {"seed": settings.seed, "threads": 1, "steps": steps}
    (folder / "jobs.json").write_text(json.dumps([job]))
    done = subprocess.run(["node", str(RUN), str(folder / "jobs.json")], capture_output=True, text=True, check=True)
    (told,) = json.loads(done.stdout)
    if told["broken"]:
        raise ArithmeticError(told["broken"])
    with torch.no_grad():
        for name, weight in run.average.named_parameters():
            numbers = np.fromfile(folder / "out" / name, dtype="<f4")
            weight.copy_(torch.from_numpy(numbers).reshape(weight.shape))
    if run.average.guess is not None:
        run.average.guess.fit(x_0, label)
    return run.average


def shares(network: UNet, judges: Judges, n: int) -> dict[str, float]:
    """Of n pictures of each sampler, those read as asked; by the second judge those of DDPM."""
    model, asked = Model(network, SCHEDULE), np.arange(n) % digits.CLASSES
    drawn = {sampler: draw(model, asked, steps=steps, sampler=sampler) for sampler, steps in SAMPLERS.items()}
    found = {sampler: agreement(judges.first, pixels, asked) for sampler, pixels in drawn.items()}
    return found | {"second": judges.second.share(drawn["ddpm"], asked)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw, for the judges")
    parser.add_argument("--judge", type=Path, default=JUDGE_FILE)
    parser.add_argument("--images", type=int, default=24_384, help="of training (default 24384, 381 steps of 64)")
    parser.add_argument("--n", type=int, default=500, help="pictures read for each figure (default 500)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    real = digits.mnist(args.data, train=True)
    second = the_second_judge(args.judge.with_name("second-" + args.judge.name), split(real)[0])
    judges, settings = Judges(the_judge(args.judge, real), second), TrainingSettings(seed=args.seed)
    steps = max(1, args.images // settings.batch)
    for where in ("torch", "device"):
        began = time.perf_counter()
        if where == "torch":
            network = by_torch(settings, steps)
        else:
            with tempfile.TemporaryDirectory() as folder:
                network = by_the_device(settings, steps, Path(folder))
        spent, found = time.perf_counter() - began, shares(network, judges, args.n)
        told = ", ".join(f"{name} {share:.1%}" for name, share in found.items())
        print(
            f"{where}: {steps * settings.batch} images in {spent:.0f} s; read as asked of {args.n}: {told}", flush=True
        )


if __name__ == "__main__":
    main()
