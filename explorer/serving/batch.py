"""The next step of many films in one forward pass of their network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
import torch

from explorer.core.sampling import Step, guided_eps, reverse_step
from explorer.data.pixels import to_pixels
from explorer.serving.film import Film


@torch.inference_mode()
def common_step(films: Sequence[Film]) -> list[tuple[Step, np.ndarray] | None]:
    """For each film its next step, and how it is shown: (strips, rows, 28, 28) uint8. None where x_prev is no number.

    films: of one model, those of one sampler side by side. Their rows (x_t, t, label) are laid on one batch, with t,
    guidance and eta by row, and every row's noise comes from its own generator: a film's pictures do not depend on the
    company.
    """
    schedule, network = films[0].loaded.schedule, films[0].loaded.network
    sizes = [film.rows for film in films]

    def rows_of(values: Iterable[float]) -> torch.Tensor:
        """One value a film -> one a row."""
        return torch.tensor([value for value, size in zip(values, sizes) for _ in range(size)])

    x_t, label = torch.cat([film.x_t for film in films]), torch.cat([film.label for film in films])
    t, t_prev = map(rows_of, zip(*(film.path[film.position] for film in films)))
    guidance, eta = rows_of(film.request.guidance for film in films), rows_of(film.request.eta for film in films)

    eps_hat = guided_eps(network, x_t, t, label, guidance)
    noise = torch.cat([film.fresh_noise() for film in films])

    steps, end = [], 0
    for sampler, group in groupby(zip(films, sizes), key=lambda each: each[0].request.sampler):
        start, end = end, end + sum(size for _, size in group)
        rows = slice(start, end)
        before, after = t[rows], t_prev[rows]
        step = reverse_step(sampler, schedule, x_t[rows], eps_hat[rows], before, after, noise[rows], eta=eta[rows])
        steps.append(step)
    x_prev = torch.cat([step.x_prev for step in steps])
    eps_hat = torch.cat([step.eps_hat for step in steps])
    x0_hat = torch.cat([step.x0_hat for step in steps])

    sound = [bool(rows.all()) for rows in torch.isfinite(x_prev).flatten(1).all(dim=1).split(sizes)]
    frames = to_pixels(torch.stack([x_t, x0_hat, eps_hat])).squeeze(2)  # (strips, B, 28, 28)
    given: list[tuple[Step, np.ndarray] | None] = []
    end = 0
    for film, size, ok in zip(films, sizes, sound):
        start, end = end, end + size
        rows = slice(start, end)
        own = Step(*film.path[film.position], x_t[rows], eps_hat[rows], x0_hat[rows], x_prev[rows])
        given.append((own, frames[:, rows]) if ok else None)
    return given
