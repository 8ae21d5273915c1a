"""What the widget Guessers shows: a noisy picture, and what four guessers make of it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import torch

from explorer.data.pixels import to_base64, to_pixels
from explorer.demos.noising import Scene
from explorer.serving.guess import TIMES, Guess
from explorer.widgets.guessers import GuesserName, GuessersValue

ZERO: GuesserName = "zero"
NETWORK: GuesserName = "network"
FAIR: GuesserName = "fair"
HEART: GuesserName = "heart"


def guessers_value(scene: Scene, label: int, start: int, guesses: Mapping[GuesserName, Guess]) -> GuessersValue:
    """For the Guessers: a scene at guess.TIMES; label: what all were told, 10 for nothing; start: the t to begin with.

    guesses: the network's (NETWORK), and the perfect guesser's with the scene's digit left out (FAIR) and with it in
    (HEART), as far as there are such, at least one. Who always guesses zero is added.
    """
    seen = next(iter(guesses.values()))
    signal = np.sqrt(seen.alpha_bar)[:, None, None]
    zero = (seen.x_t[0] / signal, np.full(len(TIMES), np.square(seen.eps[0]).mean()))
    answers = {ZERO: zero} | {name: (guess.x0_hat[0], guess.error[0]) for name, guess in guesses.items()}
    return {
        "key": f"{zlib.crc32(scene.picture.grey):x}-{scene.noise_seed}-{label}",
        "t": list(TIMES),
        "start": min(range(len(TIMES)), key=lambda i: abs(TIMES[i] - start)),
        "T": TIMES[-1],
        "x_t": pixels(seen.x_t[0]),
        "guessers": [
            {"name": name, "x0_hat": pixels(x0_hat), "error": error.tolist()}
            for name, (x0_hat, error) in answers.items()
        ],
    }


def pixels(images: np.ndarray) -> str:
    """(N, 28, 28) floats in [-1, 1] as base64 of grey levels."""
    return to_base64(to_pixels(torch.from_numpy(images)))
