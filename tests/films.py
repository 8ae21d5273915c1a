"""What the tests of films share: stand-ins for models, a viewer who collects a film, and the core's own film to compare
with.
"""

from __future__ import annotations

import asyncio
import time

import numpy as np
import torch

from explorer.core.sampling import samples, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.data.pixels import to_pixels
from explorer.serving.film_news import Ended, FilmNews, Frames
from explorer.serving.film_request import FilmRequest, beginning
from explorer.serving.model_store import LoadedModel

SCHEDULE = NoiseSchedule("linear", 1000)
SOON = 2.5  # seconds: a busy machine needs less, and a film of 1000 steps of `slowly`, left to itself, more


class Models:
    """A store of ready-made networks, plain functions."""

    def __init__(self, **networks):
        self.loaded = {name: LoadedModel(network, SCHEDULE) for name, network in networks.items()}

    def holds(self, name):
        return name in self.loaded

    def get(self, name):
        return self.loaded[name]

    def schedule_of(self, name):
        return self.loaded[name].schedule


def slowly(x_t, t, label):
    """A network that takes 4 ms and pulls gently to 0."""
    time.sleep(0.004)
    return 0.9 * x_t


def wait(condition, seconds=20.0):
    until = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < until, "it took too long"
        time.sleep(0.002)


def idle(engine) -> bool:
    load = engine.load()
    return load["films"] == 0 and load["waiting"] == 0


def collect(engine, request, owner="me") -> tuple[dict[int, tuple[int, np.ndarray]], list[FilmNews]]:
    """The film's frames by number, (t, pixels), and all its news, by the same generator that the page uses."""

    async def run():
        return [news async for news in engine.stream(request, owner)]

    told = asyncio.run(run())
    frames = {each.start + i: (t, each.pixels[i]) for each in frames_of(told) for i, t in enumerate(each.t)}
    return frames, told


def frames_of(told: list[FilmNews]) -> list[Frames]:
    """Those of a film's news that bring frames."""
    return [news for news in told if isinstance(news, Frames)]


def total_of(told: list[FilmNews]) -> int:
    """The number of frames of the whole film, about which all its news agree."""
    (total,) = {news.total for news in frames_of(told)}
    return total


def ended(told: list[FilmNews], *, stopped: bool = False) -> bool:
    """Whether the last of a film's news, and no other, says that it has ended, and whether it was stopped."""
    last = told[-1]
    return isinstance(last, Ended) and last.stopped == stopped and not any(isinstance(n, Ended) for n in told[:-1])


def alone(store, request: FilmRequest) -> list[tuple[int, np.ndarray]]:
    """What the film must show: the core's generator, drained for this request alone. (t, (3, pictures, 28, 28)) for
    each frame.
    """
    loaded = store.get(request.model)
    generators = [trajectory_generator(seed) for seed in request.seeds]
    walk = samples(
        loaded.network,
        loaded.schedule,
        generators,
        request.visited(loaded.schedule.T),
        x_start=beginning(request, loaded.schedule, generators),
        label=torch.tensor(request.labels),
        sampler=request.sampler,
        eta=request.eta,
        guidance=request.guidance,
    )
    frames = []
    for step in walk:
        frames.append((step.t, to_pixels(torch.stack([step.x_t, step.x0_hat, step.eps_hat]))[:, :, 0]))
    last = to_pixels(torch.stack([step.x_prev, step.x_prev, torch.zeros_like(step.x_prev)]))[:, :, 0]
    return [*frames, (0, last)]


def same(got: np.ndarray, want: np.ndarray, levels: int = 1) -> None:
    """Equal to within this many grey levels, pixel by pixel."""
    assert got.shape == want.shape
    assert int(np.abs(got.astype(int) - want).max()) <= levels


def same_film(frames, want) -> None:
    assert sorted(frames) == list(range(len(want)))
    for number, (t, pixels) in enumerate(want):
        assert frames[number][0] == t
        same(frames[number][1], pixels)
