"""A student that leaps: its pairs are the walker's own, its errors those of v, and it learns where each walk ends."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from explorer.core import distillation
from explorer.core.distillation import Walks, distil, joined, leap, leap_errors, record
from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainingSettings
from explorer.core.unet import UNetConfig
from tests.tiny import LINEAR, TINY, noise, tiny_network

LABEL = torch.tensor([3, 10])


def walks() -> Walks:
    """Two walks of a tiny network, of eight steps, at four points."""
    return record(tiny_network(), LINEAR, (5, 6), LABEL, steps=8, points=4)


def test_what_is_recorded_is_the_walk():
    """Every second x_t of DDIM's eight steps, and the picture that the sampler gives for the same seeds."""
    recorded = walks()
    generators = [trajectory_generator(seed) for seed in (5, 6)]
    visited = timesteps(LINEAR.T, 8)
    steps = list(samples(tiny_network(), LINEAR, generators, visited, label=LABEL, sampler="ddim"))
    assert recorded.times == tuple(visited[::2])
    assert_close(recorded.x, torch.stack([step.x_t for step in steps[::2]], dim=1).half())
    assert_close(recorded.end, steps[-1].x_prev.half())
    both = joined([recorded, recorded])
    assert len(both) == 4 and both.label.tolist() == [3, 10, 3, 10] and both.times == recorded.times
    with pytest.raises(ValueError, match="divide"):
        record(tiny_network(), LINEAR, (5,), LABEL[:1], steps=8, points=3)


def test_the_error_of_a_leap_is_that_of_v():
    """For the same x_t: computed from eps and x_0 by v's definition."""
    schedule = NoiseSchedule()
    t = torch.tensor([40, 500, 1000])
    x_t, end, x0_hat = (noise(3, 1, 28, 28, seed=seed, dtype=torch.float64) for seed in (1, 2, 3))
    a = schedule.alpha_bar[t].view(-1, 1, 1, 1)

    def v(x_0: torch.Tensor) -> torch.Tensor:
        return a.sqrt() * schedule.eps_from(x_t, t, x_0) - (1 - a).sqrt() * x_0

    assert_close(leap_errors(x0_hat, end, schedule, t), (v(x0_hat) - v(end)).square().mean(dim=(1, 2, 3)))


def test_a_leap_is_the_samplers_one_step():
    """Unclipped, the picture of a single step from t."""
    x_t, t = noise(2, 1, 28, 28, seed=4), torch.tensor([LINEAR.T, LINEAR.T])
    (step,) = samples(tiny_network(), LINEAR, [], [LINEAR.T], label=LABEL, sampler="ddim", clip=False, x_start=x_t)
    assert_close(leap(tiny_network(), LINEAR, x_t, t, LABEL), step.x_prev)


def test_the_student_learns_where_the_walks_end():
    """Its error falls by far, its leaps begin at the recorded points alone, and the same seed learns the same."""
    recorded = walks()

    def run() -> tuple[TrainingRun, list[float]]:
        settings = TrainingSettings(batch=8, learning_rate=3e-3, warmup=5, label_dropout=0.0, ema=0.9)
        run = TrainingRun(UNetConfig(**TINY), LINEAR, settings)
        steps = list(distil(run, recorded, steps=60))
        assert {int(t) for step in steps for t in step.t} <= set(recorded.times)
        return run, [step.loss for step in steps]

    (first, losses), (second, _) = run(), run()
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    for one, other in zip(first.average.parameters(), second.average.parameters()):
        assert_close(one, other, rtol=0, atol=0)


def test_a_likeness_counts_beside_the_pixels():
    """It is asked of both pictures, and changes what is learnt but not what is told as the loss."""
    recorded, seen = walks(), []

    def likeness(images: torch.Tensor) -> torch.Tensor:
        seen.append(images.shape)
        return images.flatten(1)[:, :10]

    settings = TrainingSettings(batch=4, warmup=0)
    plain, liked = TrainingRun(UNetConfig(**TINY), LINEAR, settings), TrainingRun(UNetConfig(**TINY), LINEAR, settings)
    told = [next(distil(plain, recorded, steps=2)), next(distil(liked, recorded, steps=2, likeness=likeness, weight=9))]
    assert seen == [(4, 1, 28, 28)] * 2 and told[0].loss == told[1].loss
    assert any(bool((a != b).any()) for a, b in zip(plain.network.parameters(), liked.network.parameters()))


def test_nothing_to_learn_from():
    """One sentence each, before anything is computed."""
    recorded = walks()
    empty = Walks(recorded.x[:0], recorded.end[:0], recorded.label[:0], recorded.times)
    run = TrainingRun(UNetConfig(**TINY), LINEAR, TrainingSettings(batch=4))
    for some, steps in ((empty, 5), (recorded, 0)):
        with pytest.raises(ValueError, match="at least one step"):
            next(distil(run, some, steps=steps))
    assert 0 < distillation.FROM_T < 1
