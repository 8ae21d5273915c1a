"""The device guesses what torch guesses, for every network that the app can have."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from explorer.core import checkpoint
from explorer.core.checkpoint import Model
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet, UNetConfig
from explorer.data import digits
from explorer.data.pixels import to_images
from explorer.device.export import export
from explorer.device.lowering import UnknownOperation
from explorer.device.packing import name_of
from explorer.device.plan import plan
from explorer.device.trace import traced
from explorer.device.walk import lowered
from explorer.lab.experiment import network
from tests.device.node import Guesses, guessed, needs_node
from tests.tiny import noise, pictures

HEAD_BYTES = 20
WEIGHTS = "weights/mnist-ddpm.safetensors"
TRAIN = network("medium")
CONFIGS = {
    "Train tab": TRAIN,
    "large": network("large"),
    "small, eps": network("small", "eps"),
    "small, x_0": network("small", "x_0"),
    "tiny": UNetConfig(widths=(16,), depth=(1,), embedding=16),
    "patches of 1": UNetConfig(patch=1, widths=(16, 16, 32), depth=(1, 1, 1), embedding=20),
    "patches of 7, x_0 corrected": replace(TRAIN, patch=7, widths=(48,), depth=(2,), output="x_0"),
}


def random_model(config: UNetConfig, schedule: NoiseSchedule) -> Model:
    """A network of this shape whose every layer says something, its linear guess fitted to digits."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = UNet(config, schedule)
        for layer in model.modules():
            if isinstance(layer, nn.Conv2d) and not layer.weight.any():
                layer.reset_parameters()
            if isinstance(layer, nn.GroupNorm):
                nn.init.normal_(layer.weight), nn.init.normal_(layer.bias)
    if model.guess is not None:
        model.guess.fit(pictures(60).pow(3), torch.arange(60) % 10)
    return Model(model.eval().requires_grad_(requires_grad=False), schedule)


def asked(model: Model, file: bytes, n: int) -> Guesses:
    """x_t as it comes up at every part of the schedule, and every label."""
    t = torch.linspace(1, model.schedule.T, n).round().long()
    x_0 = to_images(digits.bundled().pixels[:n])
    return Guesses(file, model.schedule.q_sample(x_0, t, noise(n, 1, 28, 28)), t, torch.arange(n) % 11)


def furthest(model: Model, guesses: Guesses, answer: torch.Tensor | str) -> float:
    """The largest difference from torch, of any pixel."""
    assert not isinstance(answer, str), answer
    with torch.no_grad():
        return (answer - model.network.float()(guesses.x_t, guesses.t, guesses.label)).abs().max().item()


@needs_node
def test_the_pretrained_network_guesses_what_torch_guesses(tmp_path):
    model = checkpoint.load(WEIGHTS)
    short, exact = export(model), export(model, dtype="f32")
    assert len(short) <= 4_700_000 and name_of(short) != name_of(exact)
    asks = [asked(model, file, n) for file, n in ((short, 22), (exact, 11))]
    differences = [furthest(model, ask, answer) for ask, answer in zip(asks, guessed(tmp_path, asks))]
    assert differences[0] < 2e-3 and differences[1] < 1e-4


@needs_node
def test_so_does_every_network_that_can_be_trained(tmp_path):
    models = [random_model(config, NoiseSchedule("cosine", 200)) for config in CONFIGS.values()]
    asks = [asked(model, export(model, dtype="f32"), 4) for model in models]
    asks += [asked(models[0], export(models[0]), 11), asked(models[0], export(models[0], rows=4, dtype="f32"), 7)]
    models += [models[0]] * 2
    differences = [furthest(model, ask, answer) for model, ask, answer in zip(models, asks, guessed(tmp_path, asks))]
    assert max(differences[:-2]) < 1e-3 and differences[-2] < 1e-2 and differences[-1] < 1e-3, differences


@needs_node
def test_a_file_that_is_cut_or_foreign_is_told_in_a_sentence(tmp_path):
    model = random_model(CONFIGS["tiny"], NoiseSchedule())
    file = export(model)
    foreign, partly, damaged = (
        "this is not a network for the device",
        "the network arrived only in part",
        "the network arrived damaged",
    )
    broken = [(file[:cut], foreign if cut < HEAD_BYTES else partly) for cut in (*range(40), len(file) - 1)]
    broken += [(file + b"x", partly), (b"PK" + file[2:], foreign)]
    # every byte of the head, many of the rest, each with some of its bits turned
    places = [*range(120), *range(120, len(file), len(file) // 120)]
    for place, turned in zip(places, (1 << k % 8 for k in range(len(places)))):
        changed = bytearray(file)
        changed[place] ^= turned
        broken.append((bytes(changed), foreign if place < 8 else partly if place < 12 else damaged))
    same = asked(model, file, 1)
    asks = [replace(same, file=each) for each, _ in broken]
    assert guessed(tmp_path, asks) == [sentence for _, sentence in broken]


def test_an_operation_that_the_device_lacks_fails_the_export_with_its_name():
    model = random_model(CONFIGS["tiny"], NoiseSchedule())
    model.network.middle = nn.Softplus()
    with pytest.raises(UnknownOperation, match="aten.softplus.default"):
        export(model)


def test_memory_is_used_again():
    trace = traced(random_model(TRAIN, NoiseSchedule()).network, 1)
    steps = lowered(trace)
    made = sum(call.writes.floats for call in steps.program.calls)
    floats = plan(steps)
    kept = sum(buffer.floats for buffer in (*steps.constants.values(), *steps.kept))
    assert floats - kept < made / 5
