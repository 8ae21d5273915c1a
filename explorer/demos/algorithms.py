"""The two procedures of the DDPM paper (algorithms 1 and 2), run line by line on real tensors.

Each procedure is a list of lines, and a run of it is a list of moments: which line was executed, and what it made.
A moment holds the variables that its line has changed, under the names they have in the lines.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.core.checkpoint import Model
from explorer.core.objective import squared_errors
from explorer.core.sampling import Network, ddpm_step, draw_noise, pairs, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet
from explorer.data import digits

NETWORK, DATA, NOISE = "network", "data", "noise"
USES = (NETWORK, DATA, NOISE)
ROUNDS = 3  # of the training loop
STEPS = 10  # of the generation, out of T
LEARNING_RATE = 0.02  # of the plain gradient step shown; a real training uses Muon, Adam and many pictures at a time


@dataclass(frozen=True)
class Line:
    """One line of pseudocode. indent: how deep it stands; uses: some of USES."""

    text: str
    indent: int = 0
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Moment:
    """What one line made. images: (28, 28) float32 each; numbers: plain ones."""

    line: int
    images: dict[str, Tensor] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


TRAINING = (
    Line("repeat"),
    Line("x₀ ~ the training digits", 1, frozenset({DATA})),
    Line("t ~ one of 1 … T, at random", 1),
    Line("ε ~ N(0, I)", 1, frozenset({NOISE})),
    Line("xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε", 1),
    Line("ε̂ = network(xₜ, t)", 1, frozenset({NETWORK})),
    Line("loss = mean of (ε − ε̂)²", 1),
    Line("change the network's weights a little, so that the loss falls", 1, frozenset({NETWORK})),
    Line("until it is good enough"),
)

GENERATION = (
    Line("x_T ~ N(0, I)", 0, frozenset({NOISE})),
    Line("for t = T, …, 1"),
    Line("ε̂ = network(xₜ, t)", 1, frozenset({NETWORK})),
    Line("x̂₀ = (xₜ − √(1 − ᾱₜ) ε̂) / √ᾱₜ", 1),
    Line("z ~ N(0, I), but 0 in the last step", 1, frozenset({NOISE})),
    Line("next xₜ = mean(xₜ, x̂₀) + σₜ z", 1),
    Line("return x₀"),
)


def run_training(network: UNet, schedule: NoiseSchedule, x_0: Tensor, label: Tensor, seed: int) -> list[Moment]:
    """Algorithm 1 for ROUNDS pictures, one at a time. x_0: (N, 1, 28, 28), label: (N,), to draw from. `network` itself
    is not changed.

    The loss is DDPM's equation 14 for one picture; after the gradient step it is computed again for the same x_t, to
    show that it fell.
    """
    network = copy.deepcopy(network).requires_grad_(requires_grad=True)
    optimizer = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE)
    generator = trajectory_generator(seed)
    moments = []
    for count in range(1, ROUNDS + 1):
        moments.append(Moment(0, numbers={"round": count}))
        row = torch.randint(len(x_0), (1,), generator=generator)
        picture, digit = x_0[row], label[row]
        moments.append(Moment(1, {"x₀": picture[0, 0]}, {"digit": int(digit)}))
        t = torch.randint(1, schedule.T + 1, (1,), generator=generator)
        moments.append(Moment(2, numbers={"t": int(t), "ᾱₜ": float(schedule.alpha_bar[t])}))
        eps = draw_noise([generator])
        moments.append(Moment(3, {"ε": eps[0, 0]}))
        x_t = schedule.q_sample(picture, t, eps)
        moments.append(Moment(4, {"xₜ": x_t[0, 0]}))
        with torch.no_grad():
            eps_hat = network(x_t, t, digit)
        moments.append(Moment(5, {"ε̂": eps_hat[0, 0]}))
        loss = squared_errors(network, schedule, picture, digit, t, eps).mean()
        moments.append(Moment(6, {"ε − ε̂": (eps - eps_hat)[0, 0]}, {"loss": loss.item()}))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            after = squared_errors(network, schedule, picture, digit, t, eps).mean()
        moments.append(Moment(7, numbers={"loss afterwards": after.item()}))
        moments.append(Moment(8))
    return moments


@torch.no_grad()
def run_generation(network: Network, schedule: NoiseSchedule, label: int, seed: int) -> list[Moment]:
    """Algorithm 2, in STEPS steps from T to 0; the same picture as `samples` makes with this seed (DDPM, equations 6
    and 7).
    """
    generators, labels = [trajectory_generator(seed)], torch.tensor([label])
    x_t = draw_noise(generators)
    moments = [Moment(0, {"xₜ": x_t[0, 0]})]
    for t, t_prev in pairs(timesteps(schedule.T, min(STEPS, schedule.T))):
        moments.append(Moment(1, numbers={"t": t, "ᾱₜ": float(schedule.alpha_bar[t])}))
        eps_hat = network(x_t, torch.tensor([t]), labels)
        z = draw_noise(generators) if t_prev > 0 else torch.zeros_like(x_t)
        step = ddpm_step(schedule, x_t, eps_hat, t, t_prev, z)
        sigma = float(schedule.posterior(t, t_prev).variance.sqrt())
        moments.append(Moment(2, {"ε̂": eps_hat[0, 0]}))
        moments.append(Moment(3, {"x̂₀": step.x0_hat[0, 0]}))
        moments.append(Moment(4, {"z": z[0, 0]}, {"σₜ": sigma}))
        x_t = step.x_prev
        moments.append(Moment(5, {"xₜ": x_t[0, 0]}, {"t": t_prev}))
    moments.append(Moment(6, {"x₀": x_t[0, 0]}))
    return moments


def run(model: Model, seed: int) -> tuple[list[Moment], list[Moment]]:
    """Both algorithms with this model (in evaluation mode; it is not changed) on the bundled digits; the generated
    digit's label follows from the seed.
    """
    data = digits.bundled()
    training = run_training(model.network, model.schedule, data.images(), data.label_tensor(), seed)
    return training, run_generation(model.network, model.schedule, seed % digits.CLASSES, seed)
