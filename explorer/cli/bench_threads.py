"""What a training loses on machines as they are: `python -m explorer bench --threads`.

Each case runs in a process of its own. With our two cares: threads counted by what this process may use, where torch
would start one for each core of a host of 2, 4 and 32; and fewer of them beside a program that keeps one core busy. For
comparison also without.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from explorer.core.training import train
from explorer.lab.experiment import Experiment
from explorer.serving.processors import available_cores, use_cores
from explorer.serving.scheduler import ComputeScheduler

HOSTS = (2, 4, 32)  # cores of the host
RUN_SECONDS = 6.0
WARM_UP_STEPS = 12
BUSY = "while True: pass"


def bench_threads(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Images a second of the Train tab's training in each case, medians of `rounds` interleaved rounds."""
    cases: dict[str, tuple[int, bool, bool]] = {}  # by name: the host's cores, our care, a busy program
    for cores in HOSTS:
        cases[f"a host of {cores} cores"] = (cores, True, False)
    cases["beside a busy program"] = (available_cores(), True, True)
    cases["a host of 4 cores, not counted"] = (4, False, False)
    cases["beside a busy program, all threads"] = (available_cores(), False, True)
    found: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds):
        for name, (cores, careful, beside) in cases.items():
            say(f"round {number + 1}: {name}")
            with busy_program() if beside else at_rest():
                found[name].append(_apart(cores, careful=careful))
    rates = {name: statistics.median(figures) for name, figures in found.items()}
    return {"cores": available_cores(), "images_per_second": rates}


@contextmanager
def busy_program() -> Iterator[None]:
    """A program that keeps one core busy, until the end of the block."""
    process = subprocess.Popen([sys.executable, "-c", BUSY])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def at_rest() -> Iterator[None]:
    """Nothing beside."""
    yield


def _apart(cores: int, *, careful: bool) -> float:
    """`images_per_second` in a process of its own."""
    program = f"from explorer.cli.bench_threads import images_per_second as f; print(f({cores}, careful={careful}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    return float(done.stdout)


def images_per_second(cores: int, *, careful: bool) -> float:
    """Of a training through the scheduler, where torch would start with `cores` threads.

    careful: with threads counted by what this process may use, and fewer of them while others want the cores.
    """
    torch.set_num_threads(cores)
    scheduler = ComputeScheduler(careful=careful)
    if careful:
        use_cores()
    experiment = Experiment()
    steps = train(experiment.run(), *experiment.data(), steps=10**6)
    for _ in range(WARM_UP_STEPS):
        scheduler.training(lambda: next(steps))
    began, images = time.perf_counter(), 0
    while time.perf_counter() - began < RUN_SECONDS:
        scheduler.training(lambda: next(steps))
        images += experiment.batch
    rate = images / (time.perf_counter() - began)
    scheduler.close()
    return rate


def report(figures: dict[str, Any]) -> str:
    """The figures as text."""
    rates = figures["images_per_second"]
    first = next(iter(rates.values()))
    lines = [f"a training on {figures['cores']} cores, images a second"]
    return "\n".join([*lines, *(f"{name:36} {rate:7.0f}  {rate / first:5.0%}" for name, rate in rates.items())])
