"""A film in the making: the engine advances it, and its viewer's stream fetches the frames."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from dataclasses import InitVar, dataclass, field
from typing import Literal

import numpy as np
import torch

from explorer.core.sampling import Step, draw_noise, trajectory_generator
from explorer.data.pixels import to_pixels
from explorer.serving.bell import Bell
from explorer.serving.film_course import FilmCourse
from explorer.serving.film_news import Snapshot
from explorer.serving.film_request import FilmRequest, beginning
from explorer.serving.model_store import LoadedModel

STRIPS: tuple[Literal["x_t", "x0_hat", "eps_hat"], ...] = ("x_t", "x0_hat", "eps_hat")
PENDING_BYTES = 2_000_000  # frames that a viewer has not fetched yet; beyond this every other one is dropped


@dataclass(eq=False)
class Film:
    """A film in the making: what the engine advances, and what the viewer's side fetches from.

    look_t: where only the step from this one timestep is wanted: the film ends after it and keeps it in `looked_at`.
    after: a snapshot to go on from; the steps before it are not computed again.

    Who may touch what: request, loaded, path, first, stride and total are fixed from the beginning. x_t, label,
    generators, position, charged, started, seconds, looked_at, done and error are written by the computing thread
    alone, through `accept` and `fail`; others read position, seconds, done and error, and get x_t and position together
    by `snapshot`. cancelled and stopped are set by the viewer's side, and only ever to True. left and `news` belong to
    the event loop. The frames that wait to be fetched are guarded by a lock.
    """

    request: FilmRequest
    loaded: LoadedModel
    look_t: int | None = None
    after: InitVar[Snapshot | None] = None
    looked_at: Step | None = None
    path: tuple[tuple[int, int], ...] = field(init=False)
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
        self._course = FilmCourse.of(request, self.loaded.schedule.T, self.look_t)
        self.path, self.first, self.stride = self._course.path, self._course.first, self._course.stride
        self.total = self._course.total
        self.generators = [trajectory_generator(seed) for seed in request.seeds]
        self.x_t = beginning(request, self.loaded.schedule, self.generators)
        self.label = torch.tensor(request.labels)
        self.left = asyncio.Event()  # its stream has ended
        self.fresh = request.random
        self._bell: Bell | None = None  # of whoever follows it
        self._awaited = False  # whether they wait for frames, and not for its end alone
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
        return self._course.rows_from(self.position, self.rows)

    def accept(self, step: Step, frames: np.ndarray, began: float, now: float) -> None:
        """Called by the engine: the film's next step, computed from `began` to `now` (of time.perf_counter).

        frames: (strips, rows, 28, 28) uint8, the step as it is shown. The film keeps what its viewer is due, ends where
        that was all, and stands before the step after it.
        """
        self.started = self.started or began
        self.seconds = now - self.started
        t, t_prev = self.path[self.position]
        shown = self.position - self.first  # below 0 before a fork
        if self.look_t is not None:
            if shown == 0:
                self.looked_at, self.done = step, True
        elif shown >= 0 and shown % self.stride == 0:
            self.keep(shown // self.stride, t, frames.copy())
        if t_prev == 0 and not self.done:
            nothing_left_to_guess = torch.zeros_like(step.x_prev)
            last = to_pixels(torch.stack([step.x_prev, step.x_prev, nothing_left_to_guess])).squeeze(2)
            self.keep(self.total - 1, 0, last)
            self.done = True
        self.move(step.x_prev)  # after its frames: a snapshot that is taken now misses none
        if self.done or (self._awaited and self._pending):
            self._awaited = False
            self._ring()

    def fail(self, error: str) -> None:
        """Called by the engine: it breaks off here; error: one sentence for its viewer."""
        self.error = error
        self._ring()

    def move(self, x_prev: torch.Tensor) -> None:
        """The next step is from x_prev."""
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
        self._ring()

    def stop(self) -> None:
        """Its viewer wants it to end here. Safe to call at any time, from any thread."""
        self.stopped = True
        self._ring()

    async def news(self, pause: float, patience: float | None = None) -> None:
        """Returns at once when the film is over; else when there are frames to fetch, but not within `pause` seconds,
        and at the latest after `patience` more. For its one viewer, in the event loop.
        """
        bell = self._bell = self._bell or Bell()
        until = time.perf_counter() + pause
        while not self.over and (rest := until - time.perf_counter()) > 0:
            await bell.wait(rest)
        self._awaited = True  # before looking: whoever adds a frame from now on rings
        if not self.over and not self._pending:
            await bell.wait(patience)
        self._awaited = False

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.ring()

    def keep(self, number: int, t: int, pixels: np.ndarray) -> None:
        """Hold a frame, pixels (strips, pictures, 28, 28), until it is fetched."""
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
