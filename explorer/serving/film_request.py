"""All that determines a film, and what of it is possible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import numpy as np
import torch

from explorer.core.sampling import NULL_LABEL, SAMPLERS, draw_noise, is_random, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.core.sentences import Sentence
from explorer.data.pixels import PIXELS, to_images, to_pixels
from explorer.serving.errors import Refused
from explorer.serving.model_store import PRETRAINED

MAX_PICTURES = 16


def usual_steps(T: int) -> int:
    """The number of steps where nobody asks for one: a model of few steps has no more than its T."""
    return min(FilmRequest.steps, T)


class Walk(TypedDict, total=False):
    """How a film walks, where it is not as usual: FilmRequest's fields of these names."""

    sampler: str
    steps: int
    guidance: float
    eta: float
    model: str


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
    def grid(pictures: int, label: int, seed: int, **settings: Unpack[Walk]) -> FilmRequest:
        """`pictures` trajectories of one label; picture i has the seed `seed` + i, so that each can be made
        alone too.
        """
        return FilmRequest(seeds=tuple(range(seed, seed + pictures)), labels=(label,) * pictures, **settings)


def beginning(request: FilmRequest, schedule: NoiseSchedule, generators: list[torch.Generator]) -> torch.Tensor:
    """The x_t that the film starts from, (B, 1, 28, 28): pure noise, or the request's pictures noised to t_start."""
    eps = draw_noise(generators)
    if request.x_0 is None or request.t_start is None:
        return eps
    x_0 = to_images(np.frombuffer(request.x_0, np.uint8).reshape(-1, 28, 28))
    return schedule.q_sample(x_0, request.t_start, eps)


def noised(request: FilmRequest, schedule: NoiseSchedule) -> np.ndarray:
    """What a film that starts from a picture starts from, (28, 28) uint8, before anything was computed; schedule: its
    model's.
    """
    return to_pixels(beginning(request, schedule, [trajectory_generator(seed) for seed in request.seeds]))[0, 0]


def check(request: FilmRequest, T: int) -> None:
    """Raises Refused unless every value of the request is possible with a model of T steps."""
    if not 1 <= len(request.seeds) == len(request.labels) <= MAX_PICTURES:
        raise Refused(Sentence("a film shows 1 to {0} pictures, each with a seed and a label", MAX_PICTURES))
    if not all(_whole(label, 0, NULL_LABEL) for label in request.labels):
        raise Refused("a label is a digit from 0 to 9, or 10 for any")
    if not all(_whole(seed, 0, 2**63 - 1) for seed in request.seeds):
        raise Refused("a seed is a whole number from 0 to 2^63 - 1")
    if request.sampler not in SAMPLERS:
        raise Refused("the sampler is ddpm or ddim")
    _check_beginning(request, T)
    start = request.t_start or T
    if not _whole(request.steps, 1, start):
        raise Refused(Sentence("from t = {0} this model takes 1 to {0} steps", start))
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
        raise Refused(Sentence("a picture to start from is {0} grey levels, one such for each seed", PIXELS))
    if request.t_start is not None and not _whole(request.t_start, 1, T):
        raise Refused(Sentence("this model starts from a t of 1 to {0}", T))


def _check_fork(request: FilmRequest, T: int) -> None:
    if len(request.seeds) != 1:
        raise Refused("a fork is of one picture")
    if not 1 <= len(request.fork_seeds) <= MAX_PICTURES or not all(
        _whole(seed, 0, 2**63 - 1) for seed in request.fork_seeds
    ):
        raise Refused(Sentence("a fork has 1 to {0} futures, each with a seed from 0 to 2^63 - 1", MAX_PICTURES))
    check_visited(request, request.fork_t, T)


def check_visited(request: FilmRequest, t: object, T: int) -> None:
    """Raises Refused unless this film asks the network at t."""
    if not _whole(t, 1, T) or t not in request.visited(T):
        raise Refused("this film does not stop at that t")


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _real(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
