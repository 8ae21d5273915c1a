"""The coefficients of a film's steps: numbers from the core, which the device only multiplies and adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import torch
from torch import Tensor

from explorer.core.sampling import NULL_LABEL, ddim_terms, guided_eps, is_random, pairs
from explorer.core.schedule import NoiseSchedule

Coefficients = list[float]
"""Of one step: t, t_prev, then by what is multiplied
    x_t, eps_hat             in x0_hat, which is clipped then where clipping is on
    x_t, x0_hat              in the eps_hat that belongs to the clipped one
    x0_hat, x_t, eps_hat, noise         in x_prev
"""


class SamplerTable(TypedDict):
    """What widgets/device/film_steps.js is given; plain JSON.

    steps: in their order. random: whether fresh noise is drawn at all steps but the last. guided: what the guess with
    and the one without label count in the guided one. signal, noise: what x_0 and eps are multiplied by where the film
    begins with a picture. null_label: the label for any digit.
    """

    steps: list[Coefficients]
    random: bool
    guided: tuple[float, float]
    signal: float
    noise: float
    null_label: int


def sampler_table(
    schedule: NoiseSchedule, visited: Sequence[int], *, sampler: str = "ddpm", eta: float = 0.0, guidance: float = 1.0
) -> SamplerTable:
    """visited: falling timesteps; this and all else as for `explorer.core.sampling.samples`. Raises ValueError for
    impossible timesteps.
    """
    path = pairs(visited)
    first, _ = path[0]
    return {
        "steps": [
            [t, t_prev, *(value.item() for value in coefficients(schedule, t, t_prev, sampler, eta))]
            for t, t_prev in path
        ],
        "random": is_random(sampler, eta),
        "guided": guided_shares(guidance),
        "signal": schedule.signal[first].item(),
        "noise": schedule.noise[first].item(),
        "null_label": NULL_LABEL,
    }


def coefficients(schedule: NoiseSchedule, t: int, t_prev: int, sampler: str, eta: float | Tensor) -> list[Tensor]:
    """What is multiplied in the step from t to t_prev, in the order of Coefficients; 0-d float64 tensors."""
    one, none = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    clean = [*estimate_terms(schedule, t), schedule.eps_from(one, t, none), schedule.eps_from(none, t, one)]
    if sampler == "ddpm":
        posterior = schedule.posterior(t, t_prev)
        return [*clean, posterior.coef_x_0, posterior.coef_x_t, none, posterior.variance.sqrt()]
    terms = ddim_terms(schedule, t, t_prev, eta)
    return [*clean, terms.coef_x_0, none, terms.coef_eps, terms.variance.sqrt()]


def estimate(schedule: NoiseSchedule, t: int) -> tuple[float, float]:
    """What x_t and eps_hat are multiplied by in x0_hat."""
    of_x, of_eps = estimate_terms(schedule, t)
    return of_x.item(), of_eps.item()


def estimate_terms(schedule: NoiseSchedule, t: int) -> tuple[Tensor, Tensor]:
    """The core's formulas are linear: what they answer to 1 and 0 are their coefficients."""
    one, none = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    return schedule.x_0_from(one, t, none), schedule.x_0_from(none, t, one)


def guided_shares(guidance: float) -> tuple[float, float]:
    """What the guess with and the one without label count in the guided one."""
    return _share_of_guess(guidance, of_label=True), _share_of_guess(guidance, of_label=False)


def _share_of_guess(guidance: float, *, of_label: bool) -> float:
    """What one of the two guesses counts: the guided one where that guess is 1 and the other 0."""

    def guesses(x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        return label.ne(NULL_LABEL).eq(of_label).to(x_t)[:, None, None, None].expand(x_t.shape)

    x_t = torch.zeros(1, 1, 1, 1, dtype=torch.float64)
    return guided_eps(guesses, x_t, torch.ones(1).long(), torch.zeros(1).long(), guidance).item()
