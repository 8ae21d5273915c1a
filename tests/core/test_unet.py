"""The network: its shape, what it depends on, and the copies of it that viewers run."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from explorer.core.inference import FrozenNetwork
from explorer.core.schedule import NoiseSchedule
from explorer.core.unet import UNet, UNetConfig
from tests.tiny import LINEAR, noise, tiny_network


@pytest.mark.parametrize(
    "config",
    [
        UNetConfig(),
        UNetConfig(widths=(16,), depth=(1,), embedding=16, attention=False),
        UNetConfig(patch=1, widths=(16, 32, 16), depth=(1, 2, 1), embedding=32),
        UNetConfig(patch=4, widths=(32,), depth=(2,), embedding=16, output="v"),
        UNetConfig(patch=28, widths=(16,), depth=(1,), embedding=16),
    ],
    ids=str,
)
def test_shapes(config):
    """eps_hat has x_t's shape and type, for any configuration that is accepted and for a batch of three."""
    eps_hat = UNet(config, LINEAR)(noise(3, 1, 28, 28), torch.tensor([1, 500, 1000]), torch.tensor([0, 9, 10]))
    assert eps_hat.shape == (3, 1, 28, 28) and eps_hat.dtype == torch.float32 and bool(eps_hat.isfinite().all())


def test_a_fresh_network_answers_0_or_its_parametrizations_free_part():
    """The last layer starts at zero: an eps network then answers 0, a v network sqrt(1 - alpha_bar) x_t."""
    x_t, t, label = noise(3, 1, 28, 28), torch.tensor([1, 500, 1000]), torch.tensor([0, 9, 10])
    config = dict(widths=(16,), depth=(1,), embedding=16)
    assert_close(UNet(UNetConfig(**config), LINEAR)(x_t, t, label), torch.zeros_like(x_t), rtol=0, atol=0)
    free = (1 - LINEAR.alpha_bar[t]).sqrt().view(-1, 1, 1, 1).float() * x_t
    assert_close(UNet(UNetConfig(**config, output="v"), LINEAR)(x_t, t, label), free, rtol=0, atol=1e-6)


@pytest.mark.parametrize("schedule", [LINEAR, NoiseSchedule("cosine", 100)], ids=str)
def test_v_output_is_the_documented_combination(schedule):
    """With the same weights, eps_hat of a "v" network is sqrt(1 - a) x_t + sqrt(a) F, where F is the "eps" network's
    answer (Salimans and Ho 2022).
    """
    plain, v = tiny_network(0, "eps", schedule), tiny_network(0, "v", schedule)
    x_t, t, label = noise(4, 1, 28, 28), torch.tensor([1, 20, 99, 100]), torch.tensor([0, 5, 9, 10])
    F, a = plain(x_t, t, label), schedule.alpha_bar[t].view(-1, 1, 1, 1)
    assert float(F.std()) > 0.05
    assert_close(v(x_t, t, label), ((1 - a).sqrt() * x_t + a.sqrt() * F).float(), rtol=0, atol=1e-5)


def test_v_output_is_exact_for_a_perfect_v():
    """If F is the true v = sqrt(a) eps - sqrt(1 - a) x_0, the combination gives back eps: the parametrization is
    consistent.
    """
    x_0, eps = noise(3, 1, 28, 28, seed=1, dtype=torch.float64), noise(3, 1, 28, 28, seed=2, dtype=torch.float64)
    t = torch.tensor([1, 500, 1000])
    network = tiny_network(0, "v").double()
    a = LINEAR.alpha_bar[t].view(-1, 1, 1, 1)
    v = a.sqrt() * eps - (1 - a).sqrt() * x_0
    network.last.register_forward_hook(lambda *_: torch.nn.functional.pixel_unshuffle(v, 2))
    assert_close(
        network(LINEAR.q_sample(x_0, t, eps), t, torch.tensor([0, 1, 2])), eps, rtol=0, atol=1e-6
    )  # its tables are float32


def test_x_0_output_is_exact_for_the_true_picture_and_is_the_documented_combination():
    """If F is x_0 the guess is eps, at every t; and with the same weights as an "eps" network's F it is
    (x_t - sqrt(a) F) / sqrt(1 - a), so that the loss in eps is the loss in x_0 times a / (1 - a).
    """
    x_0, eps = noise(3, 1, 28, 28, seed=1, dtype=torch.float64), noise(3, 1, 28, 28, seed=2, dtype=torch.float64)
    t, label = torch.tensor([1, 500, 1000]), torch.tensor([0, 1, 2])
    a, x_t = LINEAR.alpha_bar[t].view(-1, 1, 1, 1), LINEAR.q_sample(x_0, t, eps)
    F, network = tiny_network(0, "eps").double()(x_t, t, label), tiny_network(0, "x_0").double()
    eps_hat = network(x_t, t, label)
    assert_close(eps_hat, (x_t - a.sqrt() * F) / (1 - a).sqrt(), rtol=1e-5, atol=1e-5)
    assert_close((eps - eps_hat).square(), a / (1 - a) * (x_0 - F).square(), rtol=1e-3, atol=1e-6)
    network.last.register_forward_hook(lambda *_: torch.nn.functional.pixel_unshuffle(x_0, 2))
    assert_close(network(x_t, t, label), eps, rtol=0, atol=1e-4)  # its tables are float32


def test_x_0_output_corrects_the_linear_guess_where_there_is_one():
    """If F is what the linear guess lacks of x_0, the guess is eps."""
    x_0, eps = noise(3, 1, 28, 28, seed=1), noise(3, 1, 28, 28, seed=2)
    t, label = torch.tensor([100, 500, 1000]), torch.tensor([0, 1, 2])
    x_t = LINEAR.q_sample(x_0, t, eps)
    network = UNet(UNetConfig(widths=(16,), depth=(1,), embedding=16, output="x_0", linear_guess=True), LINEAR)
    lacking = x_0 - network.guess(x_t, t, label)
    assert float(lacking.std()) > 0.1
    network.last.register_forward_hook(lambda *_: torch.nn.functional.pixel_unshuffle(lacking, 2))
    assert_close(network(x_t, t, label), eps, rtol=0, atol=1e-4)


@pytest.mark.parametrize("output", ["eps", "v"])
def test_rows_do_not_see_each_other(output):
    """A row's answer is the same alone, in a batch, and beside other strangers."""
    network = tiny_network(0, output)
    x_t, t, label = noise(6, 1, 28, 28), torch.tensor([1, 1000, 500, 3, 77, 640]), torch.tensor([0, 10, 3, 9, 5, 5])
    together = network(x_t, t, label)
    for i in range(6):
        assert_close(network(x_t[i : i + 1], t[i : i + 1], label[i : i + 1]), together[i : i + 1], rtol=0, atol=1e-5)
    strangers = x_t.clone()
    strangers[1:] = 50 * noise(5, 1, 28, 28, seed=9)
    assert_close(network(strangers, t, label)[0], together[0], rtol=0, atol=1e-5)


def test_it_depends_on_x_t_and_t_and_label():
    """Each of the three inputs, changed alone, changes the answer; all eleven labels and neighbouring small t differ
    from each other.
    """
    network = tiny_network()
    x_t = noise(1, 1, 28, 28)

    def answer(x=x_t, t=300, label=3):
        return network(x, torch.tensor([t]), torch.tensor([label]))

    assert float((answer(x_t + 0.5) - answer()).abs().max()) > 1e-2
    by_t = [answer(t=t) for t in (1, 2, 10, 100, 500, 999, 1000)]
    by_label = [answer(label=label) for label in range(11)]
    for answers in (by_t, by_label):
        for i, a in enumerate(answers):
            for b in answers[:i]:
                assert float((a - b).abs().max()) > 1e-4


def test_attention_reaches_across_the_picture():
    """With attention, changing one corner changes the opposite one (a 3x3 convolution at 7x7 alone could not, in so few
    layers, from a single-level network).
    """
    reach = []
    for attention in (True, False):
        torch.manual_seed(0)
        network = UNet(UNetConfig(widths=(16,), depth=(1,), embedding=16, attention=attention), LINEAR)
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                layer.reset_parameters()
            if isinstance(layer, torch.nn.GroupNorm):  # its statistics span the whole picture: keep them out of this
                layer.forward = lambda x: x
        x_t = noise(1, 1, 28, 28).requires_grad_()
        network(x_t, torch.tensor([500]), torch.tensor([3]))[0, 0, :2, :2].sum().backward()
        reach.append(float(x_t.grad[0, 0, -4:, -4:].abs().max()))
    assert reach[0] > 0 and reach[1] == 0


def test_a_frozen_float32_copy_answers_the_same(network):
    """FrozenNetwork in float32 is the network, to float32 rounding (its memory layout differs)."""
    x_t, t, label = noise(4, 1, 28, 28), torch.tensor([1, 250, 700, 1000]), torch.tensor([0, 5, 9, 10])
    assert_close(FrozenNetwork(network, torch.float32)(x_t, t, label), network(x_t, t, label), rtol=0, atol=1e-5)


@pytest.mark.parametrize("trace", [True, False])
@pytest.mark.parametrize("rows", [1, 5, 17, 130])
def test_a_frozen_copy_takes_any_batch(network, rows, trace):
    """Batches are padded to a few sizes inside (and beyond the largest not at all): the rows that come back are the
    network's own.
    """
    x_t, t, label = noise(rows, 1, 28, 28), torch.arange(1, rows + 1) * 7, torch.arange(rows) % 11
    assert_close(
        FrozenNetwork(network, torch.float32, trace=trace)(x_t, t, label), network(x_t, t, label), rtol=0, atol=1e-5
    )


@pytest.mark.parametrize("output", ["eps", "v"])
def test_a_frozen_bf16_copy_is_close(output):
    """In bf16 (8 bits of mantissa) the answer stays float32 and within a few percent of its size, row by row."""
    network = tiny_network(0, output)
    x_t, t, label = noise(4, 1, 28, 28), torch.tensor([1, 250, 700, 1000]), torch.tensor([0, 5, 9, 10])
    exact, frozen = network(x_t, t, label), FrozenNetwork(network, torch.bfloat16)(x_t, t, label)
    assert frozen.dtype == torch.float32
    error = (frozen - exact).flatten(1).norm(dim=1) / exact.flatten(1).norm(dim=1)
    assert float(error.max()) < 0.03 and float(error.min()) > 0


def test_freezing_copies():
    """The original keeps its type, its gradients and its mode, and training it further does not reach the
    frozen copy.
    """
    network = tiny_network().requires_grad_(requires_grad=True).train()
    frozen = FrozenNetwork(network, torch.float32)
    x_t, t, label = noise(1, 1, 28, 28), torch.tensor([250]), torch.tensor([5])
    before = frozen(x_t, t, label).clone()
    assert network.training and all(p.requires_grad and p.dtype == torch.float32 for p in network.parameters())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1)
    assert_close(frozen(x_t, t, label), before, rtol=0, atol=0)
    assert not frozen(x_t.requires_grad_(), t, label).requires_grad


@pytest.mark.parametrize(
    "values",
    [
        {"widths": ()}, {"widths": (64,)}, {"widths": (16, 16, 16, 16), "depth": (1, 1, 1, 1)},
        {"widths": (16, 16, 16), "depth": (1, 1, 1)}, {"widths": (24, 64)},
        {"widths": (64, 1024)}, {"widths": (0, 64)}, {"widths": (-16, 64)}, {"widths": (64.0, 64)},
        {"widths": ("64", 64)}, {"widths": (True, 64)}, {"widths": ([64], 64)},
        {"depth": (1, 9)}, {"depth": (0, 1)}, {"patch": 3}, {"patch": 0}, {"patch": 10**30}, {"embedding": 8},
        {"embedding": 4096}, {"output": "x0"}, {"output": None},
    ],
    ids=str,
)  # fmt: skip
def test_impossible_configurations_are_refused(values):
    """A file may claim anything: sizes that cannot be built, or would be absurd, raise ValueError before any tensor is
    made.
    """
    with pytest.raises(ValueError):
        UNetConfig(**values)
