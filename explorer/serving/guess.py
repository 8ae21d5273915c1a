"""A guess of the noise: what the network answers for one picture, noised to many t at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from explorer.core.perfect_guess import PerfectGuesser
from explorer.core.sampling import NULL_LABEL, Network, draw_noise, trajectory_generator
from explorer.core.schedule import PAPER_T
from explorer.core.sentences import Sentence
from explorer.data import digits
from explorer.data.pixels import PIXELS, to_images
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.model_store import PERFECT, PRETRAINED, LoadedModel

TIMES = (1, 5, 10, 15, *range(20, PAPER_T + 1, 20))  # what the page asks for at once: one batch
BOUNDS = (0.01, 0.05)  # an error below the first is called low, above the second high
MAX_ROWS = 1024  # of one request: noises times timesteps
BATCH_ROWS = 64


@dataclass(frozen=True)
class GuessRequest:
    """All that determines a guess. x_0: 784 grey levels; every noise seed is mixed in at every t; label: 10 for any
    digit; left_out: the number of the bundled digit that the perfect guesser shall not know.
    """

    x_0: bytes
    t: tuple[int, ...]
    noise_seeds: tuple[int, ...]
    label: int = NULL_LABEL
    model: str = PRETRAINED
    left_out: int | None = None


@dataclass(frozen=True)
class Guess:
    """The network's answers, float32. S noises, N timesteps.

    alpha_bar: (N,) float64, the model's. eps: (S, 28, 28). x_t, eps_hat, x0_hat: (S, N, 28, 28), x0_hat being x_t and
    eps_hat rearranged (DDPM, equation 15), not clipped. error, x0_error: (S, N), the means over the pixels of (eps -
    eps_hat)^2 and (x_0 - x0_hat)^2.
    """

    alpha_bar: np.ndarray
    eps: np.ndarray
    x_t: np.ndarray
    eps_hat: np.ndarray
    x0_hat: np.ndarray
    error: np.ndarray
    x0_error: np.ndarray


def check(request: GuessRequest, T: int) -> None:
    """Raises Refused unless every value of the request is possible with a model of T steps."""
    if not isinstance(request.x_0, bytes) or len(request.x_0) != PIXELS:
        raise Refused(Sentence("the picture to noise is {0} grey levels", PIXELS))
    if not request.t or not all(type(t) is int and 1 <= t <= T for t in request.t):
        raise Refused(Sentence("this model guesses the noise at a t of 1 to {0}", T))
    if not request.noise_seeds or not all(type(seed) is int and 0 <= seed < 2**63 for seed in request.noise_seeds):
        raise Refused("a seed is a whole number from 0 to 2^63 - 1")
    if len(request.t) * len(request.noise_seeds) > MAX_ROWS:
        raise Refused(Sentence("at most {0} guesses at a time", MAX_ROWS))
    if type(request.label) is not int or not 0 <= request.label <= NULL_LABEL:
        raise Refused("a label is a digit from 0 to 9, or 10 for any")
    if request.left_out is not None:
        known = len(digits.bundled())
        if request.model != PERFECT:
            raise Refused("only the perfect guesser can do without a digit: a network has learnt from all of its own")
        if type(request.left_out) is not int or not 0 <= request.left_out < known:
            raise Refused(Sentence("the digit to leave out is a number from 0 to {0}", known - 1))


def asked(request: GuessRequest, loaded: LoadedModel) -> Network:
    """Who answers a checked request: the model, or the perfect guesser without one of its digits."""
    if request.left_out is not None and isinstance(loaded.network, PerfectGuesser):
        return loaded.network.without(request.left_out)
    return loaded.network


Parts = tuple[np.ndarray, ...]


def guess(request: GuessRequest, loaded: LoadedModel, compute: Callable[[Callable[[], Parts]], Parts]) -> Guess:
    """Ask the network, for a checked request. `compute` runs each batch of rows. Raises FilmFailed where an answer is
    not a number.
    """
    rows = [(seed, t) for seed in request.noise_seeds for t in request.t]
    batches = [rows[first : first + BATCH_ROWS] for first in range(0, len(rows), BATCH_ROWS)]
    parts = [compute(partial(_batch, request, loaded, batch)) for batch in batches]
    S, N = len(request.noise_seeds), len(request.t)
    eps, x_t, eps_hat, x0_hat, error, x0_error = (
        np.concatenate(part).reshape(S, N, *part[0].shape[1:]) for part in zip(*parts)
    )
    if not np.isfinite(eps_hat).all():
        raise FilmFailed("the network's answer was not a number: this model is broken")
    alpha_bar = loaded.schedule.alpha_bar[list(request.t)].numpy()
    return Guess(alpha_bar, eps[:, 0], x_t, eps_hat, x0_hat, error, x0_error)


@torch.inference_mode()
def _batch(request: GuessRequest, loaded: LoadedModel, rows: list[tuple[int, int]]) -> Parts:
    """A Guess's arrays for these (noise seed, t), one row each."""
    schedule, t = loaded.schedule, torch.tensor([t for _, t in rows])
    eps = draw_noise([trajectory_generator(seed) for seed, _ in rows])
    x_0 = to_images(np.frombuffer(request.x_0, np.uint8).reshape(1, 28, 28)).expand_as(eps)
    x_t = schedule.q_sample(x_0, t, eps)
    eps_hat = asked(request, loaded)(x_t, t, torch.full_like(t, request.label))
    x0_hat = schedule.x_0_from(x_t, t, eps_hat)
    errors = ((eps - eps_hat).square().mean(dim=(1, 2, 3)), (x_0 - x0_hat).square().mean(dim=(1, 2, 3)))
    return tuple(array.squeeze(1).numpy() for array in (eps, x_t, eps_hat, x0_hat)) + tuple(
        error.numpy() for error in errors
    )
