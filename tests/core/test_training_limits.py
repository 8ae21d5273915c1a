"""Averages and rates of a training, what breaks it, and that it learns."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch.testing import assert_close

from explorer.core import precision
from explorer.core.objective import ddpm_loss
from explorer.core.training import TrainingDiverged, TrainingSettings, learning_rate, train
from explorer.core.unet import UNetConfig
from tests.core.test_training import drain, new_run
from tests.tiny import LINEAR, TINY, noise


def test_the_average_follows_its_formula(data):
    """average <- d * average + (1 - d) * weights with d = min(ema, (1 + step) / (10 + step)), recomputed here in
    float64 after each step.
    """
    run = new_run(ema=0.3)
    expected = [p.double().clone() for p in run.average.parameters()]
    for number, _ in enumerate(train(run, *data, steps=8)):
        decay = min(0.3, (1 + number) / (10 + number))
        expected = [decay * a + (1 - decay) * p.detach().double() for a, p in zip(expected, run.network.parameters())]
        for got, want in zip(run.average.parameters(), expected):
            assert_close(got.double(), want, rtol=1e-4, atol=1e-6)
    assert not any(p.requires_grad for p in run.average.parameters())


def test_the_rate_rises_and_falls():
    """Linear warm-up, then half a cosine down to final_rate of the highest."""
    settings = TrainingSettings(learning_rate=0.01, warmup=10, final_rate=0.1)
    assert learning_rate(settings, 0, 0.0) == pytest.approx(0.001)
    assert learning_rate(settings, 9, 0.0) == pytest.approx(0.01)
    assert learning_rate(settings, 100, 0.5) == pytest.approx(0.0055)
    assert learning_rate(settings, 100, 1.0) == learning_rate(settings, 100, 7.0) == pytest.approx(0.001)
    assert learning_rate(TrainingSettings(learning_rate=0.01, warmup=0), 0, 0.0) == pytest.approx(0.01)


def test_a_loss_that_is_not_a_number_changes_nothing(data):
    """NaN in a batch raises TrainingDiverged in one sentence; weights, averages and the count stay as they were."""
    images, label = data
    run = new_run()
    drain(train(run, images, label, steps=3))
    before = copy.deepcopy((run.network.state_dict(), run.average.state_dict()))
    with pytest.raises(TrainingDiverged) as error:
        drain(train(run, torch.full_like(images, math.nan), label, steps=6))
    assert len(str(error.value).splitlines()) == 1 and "step 4" in str(error.value)
    assert run.step == 3
    for state, now in zip(before, (run.network.state_dict(), run.average.state_dict())):
        for name in state:
            assert_close(now[name], state[name], rtol=0, atol=0)


@pytest.mark.parametrize(
    "budget",
    [{}, {"seconds": 1.0, "steps": 5}, {"steps": 0}, {"steps": -1}, {"seconds": 0.0}, {"seconds": -1.0}],
    ids=str,
)
def test_no_budget_is_refused(data, budget):
    """Exactly one budget, above zero, or ValueError. (steps = -1 must not run for ever: progress is step / steps.)"""
    steps = train(new_run(), *data, **budget)
    with pytest.raises(ValueError):
        for _ in range(3):
            next(steps)


def test_no_data_is_refused(data):
    """An empty data set, or one without a label for each image, is ValueError."""
    images, label = data
    for some, names in ((images[:0], label[:0]), (images, label[:-1])):
        with pytest.raises(ValueError):
            next(train(new_run(), some, names, steps=1))


@pytest.mark.parametrize(
    "setting",
    [
        {"batch": 0}, {"batch": 5000}, {"batch": "8"}, {"batch": 2.5}, {"learning_rate": -1e-3},
        {"learning_rate": math.nan}, {"learning_rate": math.inf}, {"learning_rate": 2.0}, {"warmup": -1},
        {"final_rate": 1.5}, {"ema": 1.0}, {"ema": -0.1}, {"middle": 1.1}, {"label_dropout": 1.1},
        {"clip_gradient": 0.0}, {"seed": -1}, {"seed": 2**63}, {"seed": 0.5}, {"seed": None},
    ],
    ids=str,
)  # fmt: skip
def test_settings_out_of_range_are_refused(setting):
    """Each setting is checked when it is made, in one sentence that names it; counts and seeds must be whole."""
    with pytest.raises(ValueError, match=next(iter(setting))):
        TrainingSettings(**setting)


def test_sixty_steps_learn_something(data):
    """60 steps of a tiny network bring the loss from about 1 (guessing zero) well below it, and the averaged network
    with it.
    """
    run = new_run(config=UNetConfig(**TINY), batch=32, learning_rate=5e-3, warmup=5, ema=0.9)
    losses = [step.loss for step in train(run, *data, steps=60)]
    assert abs(losses[0] - 1) < 0.05  # the fresh network answers 0
    assert sum(losses[-10:]) / 10 < 0.6
    t = torch.randint(1, 1001, (128,), generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        held_out = ddpm_loss(run.average, LINEAR, data[0][-128:], data[1][-128:], t, noise(128, 1, 28, 28, seed=8))
    assert float(held_out) < 0.6


def test_told_to_use_avx2_alone_it_computes_in_float32(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    for capability, dtype in (("AVX512", torch.bfloat16), ("AVX2", torch.float32)):
        monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda capability=capability: capability)
        assert precision.best_dtype() == dtype


@pytest.mark.parametrize("native", [True, False])
def test_bf16_only_where_the_processor_has_it(monkeypatch, data, native):
    """Elsewhere it is emulated, and a step takes ten times as long; the answer is nearly the same either way."""
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: native)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    kinds = set()
    run = new_run()
    run.network.first.register_forward_hook(lambda layer, given, answer: kinds.add(answer.dtype))
    losses = [step.loss for step in train(run, *data, steps=3)]
    assert kinds == {precision.best_dtype()} == {torch.bfloat16 if native else torch.float32}
    monkeypatch.setattr(precision, "best_dtype", lambda device: torch.float32 if native else torch.bfloat16)
    assert [step.loss for step in train(new_run(), *data, steps=3)] == pytest.approx(losses, rel=0.02)
