r"""A leap that works: a student learns from the walker, and then arrives in one step where the walker arrives in many.

DDIM is deterministic, so from an x_t of its walk there is exactly one picture that the walk ends in. A network that is
trained on real digits must answer at t = T with the average of all pictures that this noise could belong to, since any
picture may have been mixed with any noise. The student's task is another one: each noise belongs to one picture, the
one that its teacher walks to. That can be learnt from pairs (Luhman and Luhman 2021, arXiv:2101.02388), here from
several points of each walk, so that a second look is of use (as in consistency models: Song et al. 2023,
arXiv:2303.01469, whose f(x_t, t) is this x0_hat):

    x_T ------> x_750 ------> x_500 ------> x_250 ------> x_0       the teacher walks, in `steps` steps of DDIM
      \____________\_____________\____________\__________/          the student learns to leap, from each of them
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.devices import on_device
from explorer.core.precision import mixed_precision
from explorer.core.sampling import Network, samples, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainStep, learn, learning_rate

FROM_T = 0.7  # the share of the leaps that begin at t = T, where all is still to be decided

Likeness = Callable[[Tensor], Tensor]
"""(B, 1, 28, 28) in [-1, 1] -> (B, F): what a reader sees in pictures, see `distil`."""


@dataclass(frozen=True)
class Walks:
    """N walks of a teacher.

    x: (N, P, 1, 28, 28) float16, each walk's x_t at the P points `times`, which fall from T; end: (N, 1, 28, 28)
    float16, the picture that each ends in; label: (N,) int64 in 0..10, what each was asked for.
    """

    x: Tensor
    end: Tensor
    label: Tensor
    times: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.x)


def record(
    teacher: Network, schedule: NoiseSchedule, seeds: Sequence[int], label: Tensor, *, steps: int, points: int
) -> Walks:
    """One walk a seed, by DDIM in `steps` steps, looked at at `points` of them, evenly spread and the first included.

    label: (N,) int64 in 0..10. Raises ValueError unless `points` divides `steps`.
    """
    if points < 1 or steps % points:
        raise ValueError("the points must divide the steps")
    visited, stride = timesteps(schedule.T, steps), steps // points
    generators = [trajectory_generator(seed) for seed in seeds]
    seen, end = [], None
    for k, step in enumerate(samples(teacher, schedule, generators, visited, label=label, sampler="ddim")):
        if k % stride == 0:
            seen.append(step.x_t.half())
        end = step.x_prev
    assert end is not None  # at least one step is taken
    return Walks(torch.stack(seen, dim=1), end.half(), label, tuple(visited[::stride]))


def joined(parts: Sequence[Walks]) -> Walks:
    """Several recordings of the same points as one."""
    x, end, label = (torch.cat([getattr(part, name) for part in parts]) for name in ("x", "end", "label"))
    return Walks(x, end, label, parts[0].times)


def leap(network: Network, schedule: NoiseSchedule, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
    """x0_hat (B, 1, 28, 28), float32 and not clipped: where the network thinks that the walk from x_t ends."""
    return schedule.x_0_from(x_t, t, network(x_t, t.to(x_t.device), label).float())


def leap_errors(x0_hat: Tensor, end: Tensor, schedule: NoiseSchedule, t: Tensor) -> Tensor:
    """(B,) float32: the mean squared error of v of each leap, which is that of x_0 divided by 1 - alpha_bar_t.

    For a given x_t, eps is (x_t - sqrt(alpha_bar) x_0) / sqrt(1 - alpha_bar), so v = sqrt(alpha_bar) eps - sqrt(1 -
    alpha_bar) x_0 moves by -1 / sqrt(1 - alpha_bar) where x_0 moves by 1.
    """
    errors = (x0_hat - end).square().mean(dim=(1, 2, 3))
    return errors / (1 - schedule.alpha_bar[t]).to(errors)


def distil(
    run: TrainingRun, walks: Walks, *, steps: int, likeness: Likeness | None = None, weight: float = 0.0
) -> Iterator[TrainStep]:
    """Teach run.network to leap, one yield a step, until the run has made `steps` steps; `run` begins best with the
    teacher's weights. The loss that is told is that of `leap_errors` alone.

    likeness, weight: what a reader of digits sees in a picture, and how much a difference in that counts beside one in
    the pixels. Of two pictures that are as far away pixel by pixel, the blurred one looks less like the goal.
    Raises ValueError for no walks or no steps, and TrainingDiverged as `train`.
    """
    if len(walks) == 0 or steps < 1:
        raise ValueError("distilling needs walks, and at least one step")
    settings, schedule, generator = run.settings, run.schedule, run.generator
    times = torch.tensor(walks.times)
    while run.step < steps:
        began = time.perf_counter()
        progress = run.step / steps
        rate = learning_rate(settings, run.step, progress)
        rows = torch.randint(len(walks), (settings.batch,), generator=generator)
        later = torch.randint(len(times), (settings.batch,), generator=generator)
        first = torch.rand(settings.batch, generator=generator) < FROM_T
        point = later.masked_fill(first, 0)
        x_t, end, t = walks.x[rows, point].float(), walks.end[rows].float(), times[point]

        run.network.train()
        with mixed_precision(run.device):
            x0_hat = leap(on_device(run.network, run.device), schedule, x_t, t, walks.label[rows])
        errors = leap_errors(x0_hat, end, schedule, t)
        loss = errors.mean()
        if likeness is not None:
            loss = loss + weight * (likeness(x0_hat) - likeness(end)).square().mean()
        learn(run, loss, loss.item(), rate)
        run.seconds += time.perf_counter() - began
        errors = errors.detach()
        yield TrainStep(run.step, run.images_seen, run.seconds, errors.mean().item(), t, errors, rate, run.step / steps)
