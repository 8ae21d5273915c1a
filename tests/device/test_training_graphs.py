"""A step of training on the device is torch's: the gradients of a part of a batch, and what they do to the weights."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.precision import exact
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainingSettings, clip_gradient, descend, draw, weighted_errors
from explorer.core.unet import UNetConfig
from explorer.device.training_trace import (
    AVERAGE,
    GRADIENT,
    Draw,
    Drawing,
    states_of,
    traced_gradient,
    traced_update,
)
from explorer.lab.experiment import network
from tests.device.machine import Graph, outputs_of
from tests.device.node import needs_node
from tests.tiny import noise, pictures

PICTURES = 3
RUNS = {
    "Train tab": (network("medium"), NoiseSchedule("cosine"), TrainingSettings()),
    "small": (network("small", "x_0"), NoiseSchedule("linear", 50), TrainingSettings(weighting="eps", times="only T")),
    "odd": (
        UNetConfig(patch=1, widths=(16, 16, 32), depth=(1, 1, 1), embedding=20),
        NoiseSchedule(),
        TrainingSettings(times="only small t"),
    ),
}


def stirred_run(config: UNetConfig, schedule: NoiseSchedule, settings: TrainingSettings) -> TrainingRun:
    """A run whose every weight says something, its linear guess fitted."""
    run = TrainingRun(config, schedule, settings)
    with torch.no_grad():
        for number, weight in enumerate(run.network.parameters()):
            weight += 0.02 * noise(*weight.shape, seed=number)
    if run.network.guess is not None:
        run.network.guess.fit(pictures(60).pow(3), torch.arange(60) % 10)
    return run


def drawn_for(wanted: list[Draw], generator: torch.Generator) -> list[Tensor]:
    def shape(count: int) -> tuple[int, ...]:
        return (PICTURES,) if count == 1 else (PICTURES, 1, 28, 28)

    ways = {
        "randint": lambda each: torch.randint(each["low"], each["high"], shape(each["count"]), generator=generator),
        "rand": lambda each: torch.rand(shape(each["count"]), generator=generator),
        "randn": lambda each: torch.randn(shape(each["count"]), generator=generator),
    }
    return [ways[each["kind"]](each) for each in wanted]


@needs_node
def test_the_gradients_are_torchs_for_every_network_that_can_be_trained(tmp_path):
    """Twice the same pictures: the device sums up what torch counts once."""
    graphs, runs, batches = [], [], []
    x_0, label = pictures(PICTURES), torch.tensor([3, 0, 9])
    for config, schedule, settings in RUNS.values():
        run = stirred_run(config, schedule, settings)
        traced, wanted = traced_gradient(run, PICTURES)
        given = drawn_for(wanted, torch.Generator().manual_seed(5))
        batch = {"x_0": x_0, "label": label, "share": torch.tensor([0.2, 0.05, 0.25])}
        inputs = {name: value for name, value in run.network.state_dict().items() if name in traced.inputs}
        graphs.append(Graph(traced, inputs | batch | {e["name"]: d for e, d in zip(wanted, given)}, runs=2))
        runs.append(run)
        batches.append(given)
    for run, given, graph, found in zip(runs, batches, graphs, outputs_of(tmp_path, graphs)):
        with Drawing(PICTURES, given):
            drawn = draw(run.schedule, run.settings, label, torch.Generator())
        errors, weighted = weighted_errors(run.network, run.schedule, run.settings, x_0, drawn)
        (2 * weighted * graph.inputs["share"]).sum().backward()
        torch.testing.assert_close(found["errors"], errors.detach(), rtol=1e-4, atol=0)
        assert found["t"].tolist() == drawn.t.tolist()
        for name, weight in run.network.named_parameters():
            gradient = found[GRADIENT + name].reshape(weight.shape)
            assert (gradient - weight.grad).norm() < 1e-3 * weight.grad.norm(), name


@needs_node
def test_gradients_move_the_weights_as_in_torch(tmp_path):
    """Three steps with the same gradients, long enough to be clipped: the weights, their averages, all states."""
    run = stirred_run(*RUNS["Train tab"])
    run.average.load_state_dict(run.network.state_dict())
    weights = dict(run.network.named_parameters())
    gradients = {name: noise(*weight.shape, seed=k) for k, (name, weight) in enumerate(weights.items())}
    inputs = dict(weights) | {AVERAGE + name: weight for name, weight in weights.items()}
    inputs |= {GRADIENT + name: gradient for name, gradient in gradients.items()}
    inputs |= states_of(run) | {"rate": torch.tensor(0.01), "decay": torch.tensor(0.3)}
    traced = traced_update(run)
    (found,) = outputs_of(tmp_path, [Graph(traced, inputs, runs=3)])
    run = stirred_run(*RUNS["Train tab"])
    run.average.load_state_dict(run.network.state_dict())
    with exact():
        for _ in range(3):
            for name, weight in run.network.named_parameters():
                gradient = gradients[name].clone()
                weight.grad = gradient.to(memory_format=torch.channels_last) if weight.ndim == 4 else gradient
            length = clip_gradient(run)
            descend(run, 0.01, 0.3)
    torch.testing.assert_close(found["length"], length[None], rtol=1e-5, atol=0)
    averages = dict(run.average.named_parameters())
    for name, weight in run.network.named_parameters():
        for ours, theirs in ((found[name], weight), (found[AVERAGE + name], averages[name])):
            torch.testing.assert_close(
                ours.reshape(theirs.shape),
                theirs.detach(),
                rtol=1e-4,
                atol=1e-6,
                msg=lambda t, name=name: f"{name}: {t}",
            )
