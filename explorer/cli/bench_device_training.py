"""How fast a viewer's device trains: a part of `python -m explorer bench --device`, in Chromium on this machine."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from explorer.core.training import TrainingSettings
from explorer.data import digits
from explorer.device.training_export import export_training, fitted
from explorer.lab.recipe import NETWORK, SCHEDULE

if TYPE_CHECKING:
    from playwright.sync_api import Page

STEPS = 12  # that one figure is the mean of
# threads of a training, and trainings at the same time
CASES = {"one": (1, 1), "two": (2, 1), "apart": (1, 2)}

LOAD_TRAINING = """async () => {
  const bytes = (name) => fetch(name).then((answer) => answer.arrayBuffer());
  const { compile } = await import("./device/graph.js");
  const { Training } = await import("./device/training.js");
  const kernels = await compile((name) => bytes(`device/${name}`));
  const names = ["training.bin", "pictures.bin", "labels.bin", "fitted.bin"];
  const [file, pictures, labels, fitted] = await Promise.all(names.map(bytes));
  window.begun = async (threads) => {
    const training = await Training.open({ file, kernels, threads });
    const data = { pictures: new Uint8Array(pictures), labels: new Uint8Array(labels), fitted };
    await training.begin({ seed: 0, ...data });
    return training;
  };
}"""
# images a second, after two steps to warm up, of so many trainings at the same time, all together
TRAIN = """async ([threads, steps, trainings]) => {
  const rate = async (training) => {
    let since;
    for await (const { step } of training.steps({ steps: 2 + steps })) if (step === 2) since = performance.now();
    return (steps * training.head.batch * 1000) / (performance.now() - since);
  };
  const begun = await Promise.all(Array.from({ length: trainings }, () => window.begun(threads)));
  const rates = await Promise.all(begun.map(rate));
  begun.forEach((training) => training.close());
  return rates.reduce((sum, each) => sum + each, 0);
}"""


class TrainingFigures(TypedDict):
    """Of the Train tab's network: images a second by one thread, by two, and by two trainings of one thread each that
    have nothing to do with each other, which is as much as two threads can reach here; megabytes: of the file.
    """

    megabytes: float
    one: float
    two: float
    apart: float


def bench_training(page: Page, folder: Path, rounds: int) -> TrainingFigures:
    """page, folder: of `device_page`. The cases take turns."""
    file = export_training(NETWORK, SCHEDULE, TrainingSettings())
    data = digits.bundled()
    (folder / "training.bin").write_bytes(file)
    (folder / "pictures.bin").write_bytes(data.pixels.tobytes())
    (folder / "labels.bin").write_bytes(data.labels.astype("uint8").tobytes())
    (folder / "fitted.bin").write_bytes(fitted(NETWORK, SCHEDULE, data.images(), data.label_tensor()))
    page.evaluate(LOAD_TRAINING)
    found = [
        [page.evaluate(TRAIN, [threads, STEPS, trainings]) for threads, trainings in CASES.values()]
        for _ in range(rounds)
    ]
    one, two, apart = (statistics.median(column) for column in zip(*found))
    return {"megabytes": len(file) / 1e6, "one": one, "two": two, "apart": apart}


def report_training(figures: TrainingFigures) -> str:
    """The figures as text."""
    one = figures["one"]
    return (
        f"training, a file of {figures['megabytes']:.2f} MB: {one:.0f} images/s by one thread, {figures['two']:.0f} by "
        f"two, {figures['two'] / one:.2f} times as many; two that have nothing to do with each other, "
        f"{figures['apart'] / one:.2f} times"
    )
