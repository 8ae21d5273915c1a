"""A film: what determines it, what a viewer gets of it, and the film in the making."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import InitVar, dataclass, field, replace
from typing import Any

import numpy as np
import torch

from explorer.core.sampling import (
    NULL_LABEL,
    SAMPLERS,
    Step,
    draw_noise,
    is_random,
    pairs,
    timesteps,
    trajectory_generator,
)
from explorer.core.schedule import NoiseSchedule
from explorer.data.pixels import PIXELS, to_images, to_pixels
from explorer.serving.errors import Refused
from explorer.serving.model_store import PRETRAINED, LoadedModel

STRIPS = ("x_t", "x0_hat", "eps_hat")
MAX_PICTURES = 16
FILM_BYTES = 1_500_000  # frames kept of one film, unless that were fewer than MIN_FRAMES
MIN_FRAMES = 100
PENDING_BYTES = 2_000_000  # frames that a viewer has not fetched yet; beyond this every other one is dropped


@dataclass(frozen=True)
class FilmRequest:
    """All that determines a film. Picture i has the noise of seeds[i] and shows labels[i] (10: any digit).

    It starts from pure noise x_T; or, with x_0 (the bytes of 784 grey levels a picture) and t_start, from these
    pictures noised to t_start. With fork_t, one of the visited timesteps, the film is of one picture, and nothing is
    shown of it until t = fork_t; from there on it has as many futures as there are fork_seeds, each with fresh noise of
    its own.
    """

    seeds: tuple[int, ...]
    labels: tuple[int, ...]
    sampler: str = "ddpm"
    steps: int = 250
    guidance: float = 1.0
    eta: float = 0.0
    model: str = PRETRAINED
    x_0: bytes | None = None
    t_start: int | None = None
    fork_t: int | None = None
    fork_seeds: tuple[int, ...] = ()

    @property
    def pictures(self) -> int:
        """How many it shows at a time."""
        return len(self.fork_seeds or self.seeds)

    @property
    def random(self) -> bool:
        """Whether fresh noise is drawn on the way."""
        return is_random(self.sampler, self.eta)

    def visited(self, T: int) -> list[int]:
        """The timesteps at which the network is asked, falling; T is the model's."""
        return timesteps(self.t_start or T, self.steps)

    def alone(self, picture: int) -> FilmRequest:
        """The film of one of its pictures (counted from 0), which is the same by itself."""
        x_0 = self.x_0 and self.x_0[picture * PIXELS : (picture + 1) * PIXELS]
        return replace(self, seeds=(self.seeds[picture],), labels=(self.labels[picture],), x_0=x_0)

    @staticmethod
    def grid(pictures: int, label: int, seed: int, **settings: Any) -> FilmRequest:
        """`pictures` trajectories of one label; picture i has the seed `seed` + i, so that each can be made
        alone too.
        """
        return FilmRequest(seeds=tuple(range(seed, seed + pictures)), labels=(label,) * pictures, **settings)


@dataclass(frozen=True)
class Snapshot:
    """Where a film stands after some of its steps: with its request, all that it takes to go on elsewhere. x_t: float32
    (rows, 1, 28, 28).
    """

    steps: int
    x_t: np.ndarray


@dataclass(frozen=True)
class FilmChunk:
    """Consecutive frames of a film, and how it stands. Plain data, small, picklable.

    start: the first frame's number; t: each frame's timestep; pixels: uint8 (frames, strips, pictures, 28, 28), the
    strips being STRIPS; total: frames of the whole film; ahead: how many films are served before this one starts; wait:
    about how many seconds until then; seconds: since the film's first step; done: this is the last chunk, which has no
    frames, whether the film is finished or was stopped; snapshot: no frame from before it is missing in this chunk and
    those that came first.
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
    snapshot: Snapshot | None = None

    def since(self, number: int) -> FilmChunk:
        """The same without its frames before this one."""
        seen = max(0, number - self.start)
        return replace(self, start=self.start + seen, t=self.t[seen:], pixels=self.pixels[seen:]) if self.t else self


def nothing_new(pictures: int, total: int, *, done: bool, seconds: float, **standing: Any) -> FilmChunk:
    """A chunk without frames, to say how a film of so many pictures and `total` frames stands."""
    pixels = np.empty((0, len(STRIPS), pictures, 28, 28), np.uint8)
    return FilmChunk(0, (), pixels, total, done=done, seconds=seconds, **standing)


@dataclass(eq=False)
class Film:
    """A film in the making: what the engine's thread advances, and what the viewer's side fetches from.

    look_t: where only the step from this one timestep is wanted: the film ends after it and keeps it in `looked_at`.
    after: a snapshot to go on from; the steps before it are not computed again.
    """

    request: FilmRequest
    loaded: LoadedModel
    look_t: int | None = None
    after: InitVar[Snapshot | None] = None
    looked_at: Step | None = None
    path: list[tuple[int, int]] = field(init=False)
    position: int = 0  # steps done
    charged: float = 0.0  # rows computed for this film: the one with the least comes first
    started: float | None = None
    seconds: float = 0.0
    error: str | None = None
    done: bool = False
    cancelled: bool = False  # nobody waits for it any longer
    stopped: bool = False  # its viewer asked to end it here

    def __post_init__(self, after: Snapshot | None) -> None:
        request, self.pictures = self.request, self.request.pictures
        self.path = pairs(request.visited(self.loaded.schedule.T))
        shown_from = request.fork_t if self.look_t is None else self.look_t
        self.first = (
            0 if shown_from is None else [t for t, _ in self.path].index(shown_from)
        )  # the step of its first frame
        shown = len(self.path) - self.first
        affordable = max(MIN_FRAMES, FILM_BYTES // (len(STRIPS) * self.pictures * PIXELS))
        self.stride = -(-shown // affordable)  # every stride-th step becomes a frame
        self.total = -(-shown // self.stride) + 1
        self.generators = [trajectory_generator(seed) for seed in request.seeds]
        self.x_t = beginning(request, self.loaded.schedule, self.generators)
        self.label = torch.tensor(request.labels)
        self.left = asyncio.Event()  # its stream has ended
        self.fresh = request.random
        self._pending: deque[tuple[int, int, np.ndarray]] = deque()
        self._lock = threading.Lock()
        self._fork_here()
        if after is not None:
            self._go_on(after)

    @property
    def rows(self) -> int:
        """Trajectories computed in its next step: one until a fork, and as many as pictures after it."""
        return len(self.x_t)

    @property
    def rows_to_come(self) -> int:
        """Trajectory-steps until its end: what it still costs."""
        left, before_the_fork = len(self.path) - self.position, max(0, self.first - self.position)
        return before_the_fork * self.rows + (left - before_the_fork) * self.pictures

    def move(self, x_prev: torch.Tensor) -> None:
        """Called by the engine: the next step is from x_prev."""
        with self._lock:
            self.x_t = x_prev
            self.position += 1
            self._fork_here()

    def fresh_noise(self) -> torch.Tensor:
        """The noise for its next step: drawn exactly when `samples` would draw it."""
        _, t_prev = self.path[self.position]
        return draw_noise(self.generators) if self.fresh and t_prev > 0 else torch.zeros_like(self.x_t)

    def snapshot(self) -> Snapshot:
        """Where it stands now. Safe to call from any thread."""
        with self._lock:
            return Snapshot(self.position, self.x_t.numpy())

    def _go_on(self, after: Snapshot) -> None:
        """Stand where the snapshot was taken, with generators that have drawn what they had drawn by then."""
        while self.position < after.steps:
            self.fresh_noise()
            self.move(self.x_t)
        self.x_t = torch.tensor(after.x_t)
        self.done = self.position == len(self.path)

    def _fork_here(self) -> None:
        """Where the futures part: the same x_t for all, and a fresh generator for each."""
        if self.request.fork_seeds and self.position == self.first:
            self.generators = [trajectory_generator(seed) for seed in self.request.fork_seeds]
            self.x_t = self.x_t.repeat(self.pictures, 1, 1, 1)
            self.label = self.label.repeat(self.pictures)

    @property
    def over(self) -> bool:
        """Whether nothing more will be computed for it."""
        return self.done or self.cancelled or self.stopped or self.error is not None

    def cancel(self) -> None:
        """Give the place back at the next tick. Safe to call at any time, from any thread."""
        self.cancelled = True

    def keep(self, number: int, t: int, pixels: np.ndarray) -> None:
        """Called by the engine: hold a frame, pixels (strips, pictures, 28, 28), until it is fetched."""
        with self._lock:
            self._pending.append((number, t, pixels))
            if len(self._pending) * pixels.nbytes > PENDING_BYTES:
                self._pending = deque(
                    frame for frame in self._pending if frame[0] % 2 == 0 or frame is self._pending[-1]
                )

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


def beginning(request: FilmRequest, schedule: NoiseSchedule, generators: list[torch.Generator]) -> torch.Tensor:
    """The x_t that the film starts from, (B, 1, 28, 28): pure noise, or the request's pictures noised to t_start."""
    eps = draw_noise(generators)
    if request.x_0 is None or request.t_start is None:
        return eps
    x_0 = to_images(np.frombuffer(request.x_0, np.uint8).reshape(-1, 28, 28))
    return schedule.q_sample(x_0, request.t_start, eps)


def noised(request: FilmRequest) -> np.ndarray:
    """What a film that starts from a picture starts from, (28, 28) uint8, before anything was computed; its model's
    schedule being the usual one.
    """
    return to_pixels(beginning(request, NoiseSchedule(), [trajectory_generator(seed) for seed in request.seeds]))[0, 0]


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
    _check_beginning(request, T)
    start = request.t_start or T
    if not _whole(request.steps, 1, start):
        raise Refused(f"from t = {start} this model takes 1 to {start} steps")
    if not _real(request.guidance, 0, 100) or not _real(request.eta, 0, 1):
        raise Refused("guidance lies in 0 to 100, and eta in 0 to 1")
    if request.fork_t is not None or request.fork_seeds:
        _check_fork(request, T)


def _check_beginning(request: FilmRequest, T: int) -> None:
    if (request.x_0 is None) != (request.t_start is None):
        raise Refused("a film that starts from a picture needs both the picture and the t to noise it to")
    if request.x_0 is not None and not (
        isinstance(request.x_0, bytes) and len(request.x_0) == PIXELS * len(request.seeds)
    ):
        raise Refused(f"a picture to start from is {PIXELS} grey levels, one such for each seed")
    if request.t_start is not None and not _whole(request.t_start, 1, T):
        raise Refused(f"this model starts from a t of 1 to {T}")


def _check_fork(request: FilmRequest, T: int) -> None:
    if len(request.seeds) != 1:
        raise Refused("a fork is of one picture")
    if not 1 <= len(request.fork_seeds) <= MAX_PICTURES or not all(
        _whole(seed, 0, 2**63 - 1) for seed in request.fork_seeds
    ):
        raise Refused(f"a fork has 1 to {MAX_PICTURES} futures, each with a seed from 0 to 2^63 - 1")
    check_visited(request, request.fork_t, T)


def check_visited(request: FilmRequest, t: object, T: int) -> None:
    """Raises Refused unless this film asks the network at t."""
    if not _whole(t, 1, T) or t not in request.visited(T):
        raise Refused("this film does not stop at that t")


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _real(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
