"""The same steps and loops as diffusers' schedulers, an independent implementation, with the same injected noise.

diffusers keeps its tables in float32, where 1 - alpha_bar has an error of 6e-8: near t = 1, where 1 - alpha_bar is
1e-4, that is 6e-4 of it. So parity is asked for twice: with their tables as they are, and with their tables in float64,
where only the formulas are left to differ.
"""

from __future__ import annotations

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from torch.testing import assert_close

from explorer.core.sampling import (
    NULL_LABEL,
    ddim_step,
    ddpm_step,
    draw_noise,
    samples,
    timesteps,
    trajectory_generator,
)
from tests.tiny import LINEAR, noise

TS = [1, 2, 3, 10, 100, 500, 999, 1000]


def exact(scheduler):
    """The scheduler with its own tables recomputed in float64."""
    scheduler.betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    scheduler.alphas = 1 - scheduler.betas
    scheduler.alphas_cumprod = scheduler.alphas.cumprod(0)
    scheduler.one = scheduler.final_alpha_cumprod = torch.tensor(1.0, dtype=torch.float64)
    return scheduler


def ddpm_scheduler(*, clip: bool) -> DDPMScheduler:
    return DDPMScheduler(
        num_train_timesteps=1000,
        beta_schedule="linear",
        clip_sample=clip,
        variance_type="fixed_small",
        timestep_spacing="trailing",
    )


def ddim_scheduler(steps: int, *, clip: bool) -> DDIMScheduler:
    scheduler = DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="linear",
        clip_sample=clip,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
    )
    scheduler.set_timesteps(steps)
    return scheduler


def two_values(x_t: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """The best denoiser for pixels that are 0.5 or -0.5. Whoever stands between the two amplifies every rounding: for
    float64 only.
    """
    a = LINEAR.alpha_bar[t].view(-1, 1, 1, 1)
    return (x_t - a.sqrt() * 0.5 * torch.tanh(0.5 * a.sqrt() * x_t / (1 - a))) / (1 - a).sqrt()


def curved(x_t: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """A curved denoiser that pulls towards 0, so that rounding dies out, with an x0_hat in (-1.2, 1.2), so that
    clipping acts.
    """
    a = LINEAR.alpha_bar[t].view(-1, 1, 1, 1)
    return ((x_t - a.sqrt() * 1.2 * torch.tanh(a.sqrt() * x_t)) / (1 - a).sqrt()).to(x_t.dtype)


# ---- one step ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("t", TS)
def test_one_ddpm_step(t, clip):
    """DDPMScheduler.step with its noise reproduced from the same torch.Generator; x_prev and x0_hat."""
    x_t, eps_hat = noise(4, 1, 28, 28, seed=1), noise(4, 1, 28, 28, seed=2)
    fresh = torch.randn(
        4, 1, 28, 28, generator=torch.Generator().manual_seed(3)
    )  # what randn_tensor draws, once, if t > 1
    ours = ddpm_step(LINEAR, x_t, eps_hat, t, t - 1, fresh, clip=clip)
    theirs = ddpm_scheduler(clip=clip).step(eps_hat, t - 1, x_t, generator=torch.Generator().manual_seed(3))
    assert_close(ours.x0_hat, theirs.pred_original_sample, rtol=1e-5, atol=1e-5)
    assert_close(
        ours.x_prev, theirs.prev_sample, rtol=2e-3 if t < 5 else 1e-4 if t < 30 else 1e-5, atol=1e-5
    )  # their 1 - alpha_bar, see above

    theirs = exact(ddpm_scheduler(clip=clip)).step(
        eps_hat.double(), t - 1, x_t.double(), generator=torch.Generator().manual_seed(3)
    )
    fresh = torch.randn(4, 1, 28, 28, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    ours = ddpm_step(LINEAR, x_t.double(), eps_hat.double(), t, t - 1, fresh, clip=clip)
    assert_close(ours.x0_hat, theirs.pred_original_sample, rtol=1e-10, atol=1e-10)
    assert_close(ours.x_prev, theirs.prev_sample, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("t, steps", [(1000, 50), (520, 50), (20, 50), (1000, 1000), (7, 1000), (1000, 4), (250, 4)])
def test_one_ddim_step(t, steps, eta, clip):
    """DDIMScheduler.step over its own stride; their use_clipped_model_output is what we always do after clipping."""
    x_t, eps_hat, fresh = (noise(4, 1, 28, 28, seed=seed) for seed in (1, 2, 3))
    scheduler, t_prev = ddim_scheduler(steps, clip=clip), t - 1000 // steps
    args = dict(eta=eta, use_clipped_model_output=clip)
    ours = ddim_step(LINEAR, x_t, eps_hat, t, t_prev, fresh, eta=eta, clip=clip)
    theirs = scheduler.step(eps_hat, t - 1, x_t, variance_noise=fresh, **args)
    assert_close(ours.x0_hat, theirs.pred_original_sample, rtol=1e-5, atol=1e-5)
    assert_close(ours.x_prev, theirs.prev_sample, rtol=2e-4 if t < 30 else 1e-5, atol=1e-5)

    x_t, eps_hat, fresh = x_t.double(), eps_hat.double(), fresh.double()
    theirs = exact(scheduler).step(eps_hat, t - 1, x_t, variance_noise=fresh, **args)
    assert_close(
        ddim_step(LINEAR, x_t, eps_hat, t, t_prev, fresh, eta=eta, clip=clip).x_prev,
        theirs.prev_sample,
        rtol=1e-9,
        atol=1e-9,
    )


@pytest.mark.parametrize("steps", [4, 50])
def test_a_strided_ddpm_step(steps):
    """DDPMScheduler with few inference steps takes the posterior of the whole stride, and so do we."""
    scheduler = ddpm_scheduler(clip=True)
    scheduler.set_timesteps(steps)
    x_t, eps_hat = noise(2, 1, 28, 28, seed=1), noise(2, 1, 28, 28, seed=2)
    for t in timesteps(1000, steps)[:-1]:
        fresh = torch.randn(2, 1, 28, 28, generator=torch.Generator().manual_seed(3))
        theirs = scheduler.step(eps_hat, t - 1, x_t, generator=torch.Generator().manual_seed(3))
        assert_close(
            ddpm_step(LINEAR, x_t, eps_hat, t, t - 1000 // steps, fresh).x_prev,
            theirs.prev_sample,
            rtol=1e-5,
            atol=2e-5,
        )


# ---- whole loops -------------------------------------------------------------------------------------------------


def their_loop(scheduler, denoise, x_t, steps, label, **args):
    scheduler.set_timesteps(steps)
    for t in scheduler.timesteps:
        x_t = scheduler.step(denoise(x_t, torch.full((len(x_t),), int(t) + 1), label), t, x_t, **args).prev_sample
        yield x_t


@pytest.mark.parametrize("clip", [True, False])
def test_the_whole_ddpm_loop(clip):
    """1000 DDPM steps, free running, every intermediate picture: one trajectory's own generator feeds both in the same
    order.
    """
    ours = samples(curved, LINEAR, [trajectory_generator(5)], timesteps(1000, 1000), clip=clip)
    generator = trajectory_generator(5)
    theirs = their_loop(ddpm_scheduler(clip=clip), curved, draw_noise([generator]), 1000, None, generator=generator)
    for step, x_prev in zip(ours, theirs, strict=True):
        assert_close(step.x_prev, x_prev, rtol=0, atol=1e-4 if step.t < 10 else 5e-5)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("clip", [True, False])
def test_the_whole_ddim_loop(clip, eta):
    """50 DDIM steps (trailing), free running, with the noise of the trajectory's own generator."""
    ours = samples(curved, LINEAR, [trajectory_generator(5)], timesteps(1000, 50), sampler="ddim", eta=eta, clip=clip)
    generator = trajectory_generator(5)
    theirs = their_loop(
        ddim_scheduler(50, clip=clip),
        curved,
        draw_noise([generator]),
        50,
        None,
        eta=eta,
        use_clipped_model_output=clip,
        generator=generator,
    )
    for step, x_prev in zip(ours, theirs, strict=True):
        assert_close(step.x_prev, x_prev, rtol=0, atol=2e-5)


@pytest.mark.parametrize("sampler, steps, eta", [("ddpm", 1000, 1.0), ("ddim", 50, 0.0), ("ddim", 1000, 0.5)])
def test_whole_loops_in_float64(sampler, steps, eta):
    """Without rounding, from noise to two-valued data: both arrive at the same pictures to 1e-8, although single pixels
    decide late.
    """
    ours = theirs = noise(1, 1, 28, 28, dtype=torch.float64)
    scheduler = exact(ddpm_scheduler(clip=True) if sampler == "ddpm" else ddim_scheduler(steps, clip=True))
    scheduler.set_timesteps(steps)
    for t in timesteps(1000, steps):
        t_prev, when = t - 1000 // steps, torch.tensor([t])
        fresh = torch.randn(1, 1, 28, 28, generator=torch.Generator().manual_seed(t), dtype=torch.float64)
        if sampler == "ddpm":
            ours = ddpm_step(LINEAR, ours, two_values(ours, when, None), t, t_prev, fresh).x_prev
            theirs = scheduler.step(
                two_values(theirs, when, None), t - 1, theirs, generator=torch.Generator().manual_seed(t)
            ).prev_sample
        else:
            ours = ddim_step(LINEAR, ours, two_values(ours, when, None), t, t_prev, fresh, eta=eta).x_prev
            args = dict(eta=eta, use_clipped_model_output=True, variance_noise=fresh)
            theirs = scheduler.step(two_values(theirs, when, None), t - 1, theirs, **args).prev_sample
        assert_close(ours, theirs, rtol=0, atol=1e-8)
    assert float((ours.abs() - 0.5).abs().mean()) < 0.05  # the walk arrived at the data


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_whole_loops_with_a_network(network, sampler):
    """A UNet with random weights and a label, 50 steps clipped, against the matching scheduler."""
    label = torch.tensor([3])
    ours = samples(network, LINEAR, [trajectory_generator(5)], timesteps(1000, 50), label=label, sampler=sampler)
    generator = trajectory_generator(5)
    x_T = draw_noise([generator])
    if sampler == "ddpm":
        theirs = their_loop(ddpm_scheduler(clip=True), network, x_T, 50, label, generator=generator)
    else:
        theirs = their_loop(ddim_scheduler(50, clip=True), network, x_T, 50, label, use_clipped_model_output=True)
    for step, x_prev in zip(ours, theirs, strict=True):
        assert_close(step.x_prev, x_prev, rtol=0, atol=1e-4)


def test_guided_loop_is_two_calls_and_the_formula(network):
    """Guidance 3 in our walk is the usual loop around a scheduler: evaluate with and without the label, extrapolate,
    step.
    """
    label, null = torch.tensor([3]), torch.tensor([NULL_LABEL])

    def guided(x_t, t, label):
        uncond = network(x_t, t, null)
        return uncond + 3.0 * (network(x_t, t, label) - uncond)

    ours = samples(
        network, LINEAR, [trajectory_generator(5)], timesteps(1000, 20), label=label, sampler="ddim", guidance=3.0
    )
    theirs = their_loop(
        ddim_scheduler(20, clip=True),
        guided,
        draw_noise([trajectory_generator(5)]),
        20,
        label,
        use_clipped_model_output=True,
    )
    for step, x_prev in zip(ours, theirs, strict=True):
        assert_close(step.x_prev, x_prev, rtol=0, atol=2e-4)
