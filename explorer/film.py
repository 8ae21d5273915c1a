"""A film: what determines it, what a viewer gets of it, and the film in the making."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import torch

from explorer.core.sampling import NULL_LABEL, SAMPLERS, draw_noise, pairs, timesteps, trajectory_generator
from explorer.models import PRETRAINED, LoadedModel

STRIPS = ("x_t", "x0_hat", "eps_hat")
MAX_PICTURES = 16
FILM_BYTES = 1_500_000  # frames kept of one film, unless that were fewer than MIN_FRAMES
MIN_FRAMES = 100
PENDING_BYTES = 2_000_000  # frames that a viewer has not fetched yet; beyond this every other one is dropped


class Refused(ValueError):
    """The request cannot be served; the message is one sentence for the viewer."""


class FilmFailed(RuntimeError):
    """The film broke off; the message is one sentence for the viewer."""


@dataclass(frozen=True)
class FilmRequest:
    """All that determines a film. Picture i starts from seeds[i] and shows labels[i] (10: any digit)."""

    seeds: tuple[int, ...]
    labels: tuple[int, ...]
    sampler: str = "ddpm"
    steps: int = 250
    guidance: float = 1.0
    eta: float = 0.0
    model: str = PRETRAINED

    @staticmethod
    def grid(pictures: int, label: int, seed: int, **settings) -> FilmRequest:
        """`pictures` trajectories of one label; picture i has the seed `seed` + i, so that each can be made alone too."""
        return FilmRequest(seeds=tuple(range(seed, seed + pictures)), labels=(label,) * pictures, **settings)


@dataclass(frozen=True)
class FilmChunk:
    """Consecutive frames of a film, and how it stands. Plain data, small, picklable.

    start: the first frame's number; t: each frame's timestep; pixels: uint8 (frames, strips, pictures, 28, 28), the
    strips being STRIPS; total: frames of the whole film; ahead: how many films are served before this one starts;
    wait: about how many seconds until then; seconds: since the film's first step; done: this is the last chunk, which
    has no frames, whether the film is finished or was stopped.
    """

    start: int
    t: tuple[int, ...]
    pixels: np.ndarray
    total: int
    done: bool
    seconds: float
    ahead: int = 0
    wait: float = 0.0
    stopped: bool = False


@dataclass(eq=False)
class Film:
    """A film in the making: what the engine's thread advances, and what the viewer's side fetches from."""

    request: FilmRequest
    loaded: LoadedModel
    path: list[tuple[int, int]] = field(init=False)
    position: int = 0  # steps done
    charged: float = 0.0  # rows computed for this film: the one with the least comes first
    started: float | None = None
    seconds: float = 0.0
    error: str | None = None
    done: bool = False
    cancelled: bool = False  # nobody waits for it any longer
    stopped: bool = False  # its viewer asked to end it here

    def __post_init__(self) -> None:
        request, self.pictures = self.request, len(self.request.seeds)
        self.path = pairs(timesteps(self.loaded.schedule.T, request.steps))
        affordable = max(MIN_FRAMES, FILM_BYTES // (len(STRIPS) * self.pictures * 784))
        self.stride = -(-request.steps // affordable)  # every stride-th step becomes a frame
        self.total = -(-request.steps // self.stride) + 1
        self.generators = [trajectory_generator(seed) for seed in request.seeds]
        self.x_t = draw_noise(self.generators)
        self.label = torch.tensor(request.labels)
        self.left = asyncio.Event()  # its stream has ended
        self.fresh = request.sampler == "ddpm" or request.eta > 0
        self._pending: deque[tuple[int, int, np.ndarray]] = deque()
        self._lock = threading.Lock()

    @property
    def over(self) -> bool:
        return self.done or self.cancelled or self.stopped or self.error is not None

    def cancel(self) -> None:
        """Give the place back at the next tick. Safe to call at any time, from any thread."""
        self.cancelled = True

    def keep(self, number: int, t: int, pixels: np.ndarray) -> None:
        """Called by the engine: hold a frame, pixels (strips, pictures, 28, 28), until it is fetched."""
        with self._lock:
            self._pending.append((number, t, pixels))
            if len(self._pending) * pixels.nbytes > PENDING_BYTES:
                self._pending = deque(frame for frame in self._pending if frame[0] % 2 == 0 or frame is self._pending[-1])

    def fetch(self) -> list[tuple[int, tuple[int, ...], np.ndarray]]:
        """The frames since the last fetch, as (first number, timesteps, pixels), one entry a gapless run of them."""
        with self._lock:
            frames, self._pending = self._pending, deque()
        runs: list[list[tuple[int, int, np.ndarray]]] = []
        for frame in frames:
            if runs and frame[0] == runs[-1][-1][0] + 1:
                runs[-1].append(frame)
            else:
                runs.append([frame])
        return [(run[0][0], tuple(t for _, t, _ in run), np.stack([pixels for *_, pixels in run])) for run in runs]


def check(request: FilmRequest, T: int) -> None:
    """Raises Refused unless every value of the request is possible with a model of T steps."""
    if not 1 <= len(request.seeds) == len(request.labels) <= MAX_PICTURES:
        raise Refused(f"a film shows 1 to {MAX_PICTURES} pictures, each with a seed and a label")
    if not all(_whole(label, 0, NULL_LABEL) for label in request.labels):
        raise Refused("a label is a digit from 0 to 9, or 10 for any")
    if not all(_whole(seed, 0, 2**63 - 1) for seed in request.seeds):
        raise Refused("a seed is a whole number from 0 to 2^63 - 1")
    if request.sampler not in SAMPLERS:
        raise Refused("the sampler is ddpm or ddim")
    if not _whole(request.steps, 1, T):
        raise Refused(f"this model takes 1 to {T} steps")
    if not _real(request.guidance, 0, 100) or not _real(request.eta, 0, 1):
        raise Refused("guidance lies in 0 to 100, and eta in 0 to 1")


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _real(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
