"""A network on another device is called as one on the CPU, and gives the same pictures. On a machine with a graphics
card these run on it too.
"""

import pytest
import torch
from torch.testing import assert_close

from explorer.core.devices import CPU, NoSuchDevice, device_named, on_device
from explorer.core.inference import FrozenNetwork
from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.core.training import TrainingRun, TrainingSettings, train
from explorer.core.unet import UNet, UNetConfig
from explorer.lab.recipe import finished
from tests.tiny import LINEAR, TINY, pictures

THERE = [CPU, *(torch.device(kind) for kind in ("cuda", "mps") if getattr(torch, kind).is_available())]
CONFIG = UNetConfig(**TINY | {"linear_guess": True})


def film(device: torch.device) -> torch.Tensor:
    """The last picture of two trajectories by a network with random weights."""
    torch.manual_seed(0)
    network = FrozenNetwork(UNet(CONFIG, LINEAR), torch.float32, device=device)
    generators = [trajectory_generator(seed) for seed in (1, 2)]
    return list(samples(network, LINEAR, generators, timesteps(LINEAR.T, 10)))[-1].x_prev


@pytest.mark.parametrize("device", THERE, ids=str)
def test_a_film_is_the_same_on_every_device(device):
    """Up to the rounding of ten steps."""
    made = film(device)
    assert made.device == CPU
    assert_close(made, film(CPU), atol=1e-3, rtol=0)


@pytest.mark.parametrize("device", THERE, ids=str)
def test_a_training_runs_on_every_device_and_its_model_comes_back(device):
    """The first losses are those of the CPU: what is drawn at random comes from there."""

    def losses(where):
        run = TrainingRun(CONFIG, LINEAR, TrainingSettings(batch=8, warmup=2), where)
        told = [step.loss for step in train(run, pictures(16), torch.arange(16) % 10, steps=3)]
        return told, run

    told, run = losses(device)
    assert_close(torch.tensor(told), torch.tensor(losses(CPU)[0]), rtol=0.02, atol=0)
    assert all(weight.device.type == device.type for weight in run.network.parameters())
    assert all(tensor.device == CPU for tensor in finished(run).network.state_dict().values())


def test_what_is_elsewhere_is_sent_there_and_back():
    """The "meta" device holds shapes alone: a tensor left on the CPU would be refused by it."""
    seen = []

    def network(x_t, t, label):
        seen.extend(tensor.device.type for tensor in (x_t, t, label))
        return x_t * 1

    label = torch.zeros(2, dtype=torch.int64)
    with pytest.raises(NotImplementedError, match="meta"):  # nothing can be read back from it
        on_device(network, torch.device("meta"))(torch.zeros(2, 1, 28, 28), label, label)
    assert seen == ["meta"] * 3


def test_auto_is_what_there_is():
    assert device_named("auto") == THERE[min(1, len(THERE) - 1)]
    assert device_named("cpu") == CPU


@pytest.mark.parametrize("name", [name for name in ("cuda", "mps") if torch.device(name) not in THERE])
def test_a_missing_card_is_one_sentence(name):
    with pytest.raises(NoSuchDevice, match=f"no {name} that torch can use"):
        device_named(name)


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="unknown device 'tpu'"):
        device_named("tpu")
