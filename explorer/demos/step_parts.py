"""One step of the reverse process taken apart: where the mean lies, and how much fresh noise came on top."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from explorer.core.sampling import Step, ddim_terms
from explorer.core.schedule import NoiseSchedule
from explorer.serving.film_request import FilmRequest


@dataclass(frozen=True)
class Anatomy:
    """x_prev = mean + fresh, with mean = a * x0_hat + b * (x_t in DDPM, eps_hat in DDIM), and fresh = sigma * z, z ~
    N(0, I).

    mean, fresh: (1, 1, 28, 28); a, b, sigma: the step's coefficients.
    """

    step: Step
    mean: Tensor
    fresh: Tensor
    a: float
    b: float
    sigma: float


def anatomy(step: Step, request: FilmRequest, schedule: NoiseSchedule) -> Anatomy:
    """The parts of a step that a film of this request has made (`Engine.look`)."""
    if request.sampler == "ddpm":
        a, b, variance = schedule.posterior(step.t, step.t_prev)
        other = step.x_t
    else:
        a, b, variance = ddim_terms(schedule, step.t, step.t_prev, request.eta)
        other = step.eps_hat
    mean = float(a) * step.x0_hat + float(b) * other
    return Anatomy(step, mean, step.x_prev - mean, float(a), float(b), float(variance.sqrt()))
