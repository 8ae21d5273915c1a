"""How fast a viewer's device is: `python -m explorer bench --device`, in Chromium on one thread of this machine.

The yardstick is ONNX Runtime Web (fetched from npm, for this command alone) with the same network, exported by torch.
All figures of steps are medians of interleaved rounds, so that ratios hold on a noisy machine.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.cli.bench_device_training import TrainingFigures, bench_training, report_training
from explorer.cli.bench_engine import engine_seconds
from explorer.cli.device_page import device_page
from explorer.core import checkpoint
from explorer.core.checkpoint import Model
from explorer.core.sampling import IMAGE_SHAPE, timesteps
from explorer.data.digits import CACHE
from explorer.device.tables import sampler_table
from explorer.serving.engine import Engine
from explorer.serving.model_store import PRETRAINED_FILE, ModelStore
from explorer.serving.scheduler import ComputeScheduler

if TYPE_CHECKING:
    from playwright.sync_api import Page

BATCHES = (1, 4, 16)
FILM_STEPS = 250
STEPS = 10  # that one figure of a round is the mean of
ORT_VERSION = "1.30.0"
ORT_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")

# milliseconds a step, of `steps` steps of n pictures
OURS = """([n, steps]) => {
  const { network, PIXELS } = window.device;
  const x_t = new Float32Array(n * PIXELS).fill(0.5);
  const began = performance.now();
  for (let k = 1; k <= steps; k++) network.run({ x_t, t: Array(n).fill(k), label: Array(n).fill(3) });
  return (performance.now() - began) / steps;
}"""
LOAD_ORT = """async () => {
  const ort = await import("./ort.wasm.min.mjs");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("./", location.href).href;
  window.ort = ort;
  window.session = await ort.InferenceSession.create("network.onnx", { executionProviders: ["wasm"] });
}"""
ORT = """async ([n, steps]) => {
  const { ort, session } = window;
  const x_t = new ort.Tensor("float32", new Float32Array(n * 784).fill(0.5), [n, 1, 28, 28]);
  const whole = (value) => new ort.Tensor("int64", new BigInt64Array(n).fill(value), [n]);
  const began = performance.now();
  for (let k = 1; k <= steps; k++) await session.run({ x_t, t: whole(BigInt(k)), label: whole(3n) });
  return (performance.now() - began) / steps;
}"""
FILM = """([table]) => {
  const { network, filmSteps } = window.device;
  const began = performance.now();
  let first = null;
  for (const step of filmSteps(network, table, { seeds: [0], labels: [3] })) first ??= performance.now() - began;
  return { first_ms: first, seconds: (performance.now() - began) / 1000 };
}"""


class DeviceStep(TypedDict):
    """One batch size: milliseconds a step, ours, ONNX Runtime Web's and the engine's; and what ours does a second."""

    batch: int
    ours_ms: float
    ort_ms: float
    engine_ms: float
    gflops: float


class DeviceFigures(TypedDict):
    """build: of the kernels, which the browser could run. load_ms: from the fetch to the first guess that can be asked
    for, by the same machine. film: of FILM_STEPS steps of DDPM, one picture.
    """

    build: str
    megabytes: float
    load_ms: float
    steps: list[DeviceStep]
    first_ms: float
    film_seconds: float
    training: TrainingFigures


def bench_device(rounds: int, say: Callable[[str], None]) -> DeviceFigures:
    """Run everything and return the figures. Raises FileNotFoundError without Chromium or npm."""
    model = checkpoint.load(PRETRAINED_FILE)
    say("fetching ONNX Runtime Web")
    library = ort_library()
    with device_page(model) as (page, folder):
        for name in ORT_FILES:
            shutil.copy(library / name, folder / name)
        write_onnx(model, folder / "network.onnx")
        page.evaluate(LOAD_ORT)
        say("steps: ours, ONNX Runtime Web, the engine")
        steps = bench_steps(page, model, rounds)
        say(f"a film of {FILM_STEPS} steps")
        table = sampler_table(model.schedule, timesteps(model.schedule.T, FILM_STEPS))
        films = [page.evaluate(FILM, [table]) for _ in range(max(1, rounds // 2))]
        say("training by one thread and by two")
        training = bench_training(page, folder, rounds)
        return {
            "build": page.evaluate("window.device.build"),
            "megabytes": (folder / "model.bin").stat().st_size / 1e6,
            "load_ms": page.evaluate("window.device.loadMs"),
            "steps": steps,
            "first_ms": statistics.median(film["first_ms"] for film in films),
            "film_seconds": statistics.median(film["seconds"] for film in films),
            "training": training,
        }


def bench_steps(page: Page, model: Model, rounds: int) -> list[DeviceStep]:
    """Milliseconds a step for each batch size, all three in turns."""
    engine = Engine(ModelStore(), ComputeScheduler())
    flop, rows = flop_of_a_picture(model), list[DeviceStep]()
    for batch in BATCHES:
        ours, ort, engines = [], [], []
        for _ in range(rounds + 1):
            ours.append(page.evaluate(OURS, [batch, STEPS]))
            ort.append(page.evaluate(ORT, [batch, STEPS]))
            engines.append(engine_seconds(engine, batch, STEPS * 5) / (STEPS * 5) * 1e3)
        a, b, c = (statistics.median(times[1:]) for times in (ours, ort, engines))  # the first round warms up
        gflops = flop * batch / a / 1e6
        rows.append({"batch": batch, "ours_ms": a, "ort_ms": b, "engine_ms": c, "gflops": gflops})
    return rows


def flop_of_a_picture(model: Model) -> int:
    """Additions and multiplications of one guess, as torch counts them."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.network(torch.zeros(1, *IMAGE_SHAPE), torch.ones(1).long(), torch.zeros(1).long())
    return counter.get_total_flops()


def ort_library() -> Path:
    """The folder with ONNX Runtime Web's files, from npm at the first time. Raises FileNotFoundError without npm, and
    RuntimeError where it cannot be fetched.
    """
    folder = CACHE / f"onnxruntime-web-{ORT_VERSION}"
    library = folder / "node_modules/onnxruntime-web/dist"
    if not all((library / name).exists() for name in ORT_FILES):
        if shutil.which("npm") is None:
            raise FileNotFoundError("no npm on this machine, from which ONNX Runtime Web would come")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        done = subprocess.run([*command, f"onnxruntime-web@{ORT_VERSION}"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"ONNX Runtime Web cannot be fetched: {done.stderr.strip()[-200:]}")
    return library


def write_onnx(model: Model, file: Path) -> None:
    """The same network for ONNX Runtime, for any number of pictures."""
    names = ["x_t", "t", "label"]
    example = (torch.zeros(2, *IMAGE_SHAPE), torch.ones(2).long(), torch.zeros(2).long())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer exporter wants one more package, and writes the same operations
        torch.onnx.export(
            model.network.eval(),
            example,
            str(file),
            dynamo=False,
            input_names=names,
            output_names=["eps_hat"],
            dynamic_axes={name: {0: "n"} for name in (*names, "eps_hat")},
        )


def report(figures: DeviceFigures) -> str:
    """The figures as text."""
    lines = [f"{figures['build']}, a network of {figures['megabytes']:.2f} MB, ready after {figures['load_ms']:.0f} ms"]
    for row in figures["steps"]:
        lines.append(
            f"{row['batch']:>3} pictures: {row['ours_ms']:.1f} ms a step, {row['gflops']:.0f} GFLOP/s; ONNX Runtime "
            f"Web {row['ort_ms']:.1f} ms, {row['ort_ms'] / row['ours_ms']:.1f} times as long; the engine "
            f"{row['engine_ms']:.1f} ms"
        )
    lines.append(
        f"a film of {FILM_STEPS} steps: first frame after {figures['first_ms']:.0f} ms, {figures['film_seconds']:.1f} s"
    )
    return "\n".join([*lines, report_training(figures["training"])])
