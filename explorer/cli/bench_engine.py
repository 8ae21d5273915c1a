"""How fast it is: `python -m explorer bench`. All figures are medians of interleaved rounds, so that ratios hold on a
noisy machine.

The yardstick is the model of the Hugging Face diffusion course (a diffusers UNet2DModel) with its DDPMScheduler.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.core import checkpoint
from explorer.core.precision import best_dtype
from explorer.core.sampling import NULL_LABEL, samples, timesteps, trajectory_generator
from explorer.data import digits
from explorer.lab.experiment import Experiment
from explorer.lab.session import Training
from explorer.lab.worker import updates
from explorer.serving.engine import Engine
from explorer.serving.film import Film
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import PERFECT, PRETRAINED, PRETRAINED_FILE, ModelStore
from explorer.serving.scheduler import ComputeScheduler

BATCHES = (1, 4, 16, 64)
VIEWERS = 30
CROWD_STEPS = 1000
JOIN_SECONDS = 2.0


def bench(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Run everything and return the figures; `say` gets a line on each part as it begins. Needs diffusers
    (tests/requirements.txt).
    """
    turns = ComputeScheduler()  # everything is computed in its one thread, as in the app
    engine = Engine(ModelStore(), turns)
    say("steps: our network through the engine against the course's model")
    steps = bench_steps(engine, turns, rounds)
    say("the machine's matrix-multiply peak")
    share = turns.films(lambda: bench_peak(engine, steps))
    say(f"{VIEWERS} viewers: joining over {JOIN_SECONDS:g} s, as one ready-made batch, one after another")
    crowd = bench_crowd(engine, turns, max(1, rounds // 3))
    say("training, alone and beside a film")
    return {"ms_per_step": steps, "peak": share, "crowd": crowd, "training": bench_training(engine, turns)}


def bench_steps(engine: Engine, turns: ComputeScheduler, rounds: int, steps: int = 120) -> list[dict[str, float]]:
    """Milliseconds a step for each batch size: ours, the course's, how many times faster ours is, and the perfect
    guesser's.
    """
    course = turns.films(CourseModel)
    rows = []
    for batch in BATCHES:
        ours, theirs, perfect = [], [], []
        for _ in range(rounds + 1):
            ours.append(engine_seconds(engine, batch, steps) / steps * 1e3)
            perfect.append(engine_seconds(engine, batch, steps, PERFECT) / steps * 1e3)
            theirs.append(turns.films(partial(course.seconds, batch, steps // 8)) / (steps // 8) * 1e3)
        a, b, c = (statistics.median(times[1:]) for times in (ours, theirs, perfect))  # the first round warms up
        rows.append({"batch": batch, "ours_ms": a, "course_ms": b, "times_faster": b / a, "perfect_ms": c})
    return rows


def engine_seconds(engine: Engine, batch: int, steps: int, model: str = PRETRAINED) -> float:
    """Seconds from the first step to the last of `batch` pictures that begin together. Of any digit: what costs the
    perfect guesser most.
    """
    sizes = [16] * (batch // 16) or [batch]
    films = [engine.submit(FilmRequest.grid(size, NULL_LABEL, 0, steps=steps, model=model)) for size in sizes]
    wait(films)
    started = [film.started or 0.0 for film in films]
    return max(began + film.seconds for began, film in zip(started, films)) - min(started)


def wait(films: list[Film]) -> None:
    """Returns once all these films are over; their frames are fetched and forgotten."""
    while not all(film.over for film in films):
        time.sleep(0.01)
        for film in films:
            film.fetch()


class CourseModel:
    """The course's network, 28x28, ten classes, and a plain loop over its scheduler."""

    def __init__(self) -> None:
        digits.torchvision_datasets()  # the import guard: diffusers imports torchvision too
        from diffusers import DDPMScheduler, UNet2DModel

        self.network = UNet2DModel(
            sample_size=28,
            in_channels=1,
            out_channels=1,
            layers_per_block=2,
            block_out_channels=(32, 64, 64),
            num_class_embeds=10,
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        ).eval()
        self.scheduler = DDPMScheduler(num_train_timesteps=1000)

    @torch.inference_mode()
    def seconds(self, batch: int, steps: int) -> float:
        """How long its own sampler takes for `steps` steps of so many pictures."""
        x_t, label = torch.randn(batch, 1, 28, 28), torch.full((batch,), 3)
        self.scheduler.set_timesteps(steps)
        began = time.perf_counter()
        for t in self.scheduler.timesteps:
            x_t = self.scheduler.step(self.network(x_t, t, label).sample, t, x_t).prev_sample
        return time.perf_counter() - began


def bench_peak(engine: Engine, steps: list[dict[str, float]]) -> dict[str, Any]:
    """GFLOP/s of a large matrix product in the engine's precision, and what share of it our network reaches at each
    batch.
    """
    side = 2048
    a, b = (torch.randn(side, side).to(best_dtype()) for _ in range(2))
    seconds = []
    for _ in range(7):
        began = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - began)
    peak = 2 * side**3 / statistics.median(seconds[1:]) / 1e9
    network = checkpoint.load(
        PRETRAINED_FILE
    ).network  # as it is written: the frozen copy's operations are not in the counter's book
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 1, 28, 28), torch.ones(1, dtype=torch.int64), torch.zeros(1, dtype=torch.int64))
    flop = counter.get_total_flops()
    shares = {str(row["batch"]): flop * row["batch"] / (row["ours_ms"] * 1e-3) / (peak * 1e9) for row in steps}
    return {"gflops": peak, "dtype": str(best_dtype()), "mflop_per_image": flop / 1e6, "share_by_batch": shares}


def bench_crowd(engine: Engine, turns: ComputeScheduler, rounds: int) -> dict[str, float]:
    """Seconds until 30 films of 1000 steps are finished, in three ways."""
    joining, together, alone = [], [], []
    for _ in range(rounds):
        began = time.perf_counter()
        films = []
        for k in range(VIEWERS):
            time.sleep(max(0.0, began + k * JOIN_SECONDS / VIEWERS - time.perf_counter()))
            films.append(engine.submit(FilmRequest.grid(1, k % 10, k, steps=CROWD_STEPS)))
        wait(films)
        joining.append(time.perf_counter() - began)
        together.append(turns.films(lambda: ready_made_batch(engine)))
        alone.append(VIEWERS * engine_seconds(engine, 1, CROWD_STEPS))
    a, b, c = map(statistics.median, (joining, together, alone))
    return {
        "joining_s": a,
        "ready_made_s": b,
        "one_after_another_s": c,
        "faster_than_one_after_another": c / a,
        "slower_than_ready_made": a / b,
    }


def ready_made_batch(engine: Engine) -> float:
    """Seconds for the same 30 films as one batch, by the core's loop, with no engine."""
    model = engine.models.get(PRETRAINED)
    generators, label = [trajectory_generator(k) for k in range(VIEWERS)], torch.arange(VIEWERS) % 10
    began = time.perf_counter()
    for _ in samples(model.network, model.schedule, generators, timesteps(model.schedule.T, CROWD_STEPS), label=label):
        pass
    return time.perf_counter() - began


def bench_training(engine: Engine, turns: ComputeScheduler, seconds: float = 8.0) -> dict[str, Any]:
    """Images a second of the Train tab's training and steps a second of a film of 16 pictures, by the clock, alone and
    side by side.
    """

    def images_per_second() -> float:
        began = time.perf_counter()
        for update in updates(turns.training(lambda: Training.fresh(Experiment(), seconds / 2)), turns):
            pass
        return update.images_seen / (time.perf_counter() - began)

    def film_steps_per_second() -> float:
        film = engine.submit(FilmRequest.grid(16, 3, 0, steps=1000))
        began = time.perf_counter()
        while not film.over and time.perf_counter() - began < seconds / 4:
            time.sleep(0.02)
            film.fetch()
        film.cancel()
        return film.position / (time.perf_counter() - began)

    alone = {"images_per_second": images_per_second(), "film_steps_per_second": film_steps_per_second()}
    with ThreadPoolExecutor(1) as pool:
        training = pool.submit(images_per_second)
        time.sleep(1.0)  # past the training's beginnings
        film = film_steps_per_second()
        beside = {"images_per_second": training.result(), "film_steps_per_second": film}
    return {
        "alone": alone,
        "beside_each_other": beside,
        "film_keeps": beside["film_steps_per_second"] / alone["film_steps_per_second"],
    }


def report(figures: dict[str, Any]) -> str:
    """The figures as text."""
    lines = ["", "ms per step   ours  course's model  times faster  share of peak  perfect guesser"]
    for row in figures["ms_per_step"]:
        share = figures["peak"]["share_by_batch"][str(row["batch"])]
        lines.append(
            f"batch {row['batch']:>4} {row['ours_ms']:8.2f} {row['course_ms']:15.2f} {row['times_faster']:12.1f}x "
            f"{share:13.0%} {row['perfect_ms']:16.2f}"
        )
    peak, crowd, training = figures["peak"], figures["crowd"], figures["training"]
    lines += [
        (
            f"peak: {peak['gflops']:.0f} GFLOP/s in {peak['dtype'].removeprefix('torch.')}; our network: "
            f"{peak['mflop_per_image']:.0f} MFLOP an image"
        ),
        "",
        (
            f"{VIEWERS} films of {CROWD_STEPS} steps: {crowd['joining_s']:.1f} s joining over {JOIN_SECONDS:g} s, "
            f"{crowd['ready_made_s']:.1f} s as one ready-made batch, "
            f"{crowd['one_after_another_s']:.1f} s one after another (30 times one film)"
        ),
        (
            f"joining is {crowd['faster_than_one_after_another']:.1f}x faster than one after another, and takes "
            f"{crowd['slower_than_ready_made']:.2f}x the ready-made batch"
        ),
        "",
        (
            f"training: {training['alone']['images_per_second']:.0f} images a second; beside it a film of 16 pictures "
            f"keeps {training['film_keeps']:.0%} of its frame rate"
        ),
    ]
    return "\n".join(lines)
