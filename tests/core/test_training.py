"""Training: the objective, reproducibility, stopping and going on, and what happens when it breaks."""

from __future__ import annotations

import io
import math

import pytest
import torch
from torch.testing import assert_close

from explorer.core.objective import ddpm_loss, draw_t, loss_weight, squared_errors
from explorer.core.sampling import NULL_LABEL
from explorer.core.schedule import NoiseSchedule
from explorer.core.training import TrainingRun, TrainingSettings, train
from explorer.core.unet import UNetConfig
from tests.tiny import LINEAR, TINY, noise, pictures

CONFIG = UNetConfig(**TINY)


def new_run(schedule: NoiseSchedule = LINEAR, config: UNetConfig = CONFIG, **settings) -> TrainingRun:
    return TrainingRun(
        config, schedule, TrainingSettings(**{"batch": 8, "warmup": 2, "learning_rate": 1e-3} | settings)
    )


def drain(steps):
    return list(steps)


def same_weights(a: TrainingRun, b: TrainingRun) -> None:
    for one, other in ((a.network, b.network), (a.average, b.average)):
        for (name, x), (_, y) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
            assert_close(x, y, rtol=0, atol=0, msg=lambda text, name=name: f"{name}: {text}")


# ---- the objective -----------------------------------------------------------------------------------------------


def test_the_loss_of_guessing_zero_is_one():
    """DDPM, equation 14 with eps_hat = 0: the mean of eps^2, which is 1 within five standard errors, whatever t is."""
    eps = noise(64, 1, 28, 28)
    t = torch.randint(1, 1001, (64,), generator=torch.Generator().manual_seed(0))
    loss = ddpm_loss(
        lambda x_t, t, label: torch.zeros_like(x_t), LINEAR, pictures(64), torch.zeros(64, dtype=torch.int64), t, eps
    )
    assert loss.shape == () and loss.dtype == torch.float32
    assert abs(float(loss) - 1) < 5 * (2 / eps.numel()) ** 0.5


def test_the_loss_is_the_mean_squared_error_of_the_guess():
    """The network gets q_sample's x_t, the same t and label; the loss is the mean over all pixels of (eps -
    eps_hat)^2.
    """
    x_0, eps, t, label = (
        pictures(3),
        noise(3, 1, 28, 28),
        torch.tensor([1, 500, 1000]),
        torch.tensor([1, 2, NULL_LABEL]),
    )
    seen = {}

    def network(x_t, t, label):
        seen.update(x_t=x_t, t=t, label=label)
        return eps + torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1, 1)

    loss = ddpm_loss(network, LINEAR, x_0, label, t, eps)
    assert_close(loss, torch.tensor((1 + 4 + 9) / 3), rtol=1e-6, atol=0)
    assert_close(seen["x_t"], LINEAR.q_sample(x_0, t, eps), rtol=0, atol=0)
    assert seen["t"].tolist() == t.tolist() and seen["label"].tolist() == label.tolist()


def test_a_perfect_guess_costs_nothing():
    """A network that solves equation 4 for eps scores 0, to float32 rounding at t = 1 where eps is 1% of x_t."""
    x_0, eps, t = pictures(4), noise(4, 1, 28, 28), torch.tensor([1, 10, 500, 1000])
    loss = ddpm_loss(lambda x_t, t, label: LINEAR.eps_from(x_t, t, x_0), LINEAR, x_0, t % 10, t, eps)
    assert float(loss) < 1e-9


def test_the_weighted_loss_is_the_squared_error_of_v():
    x_0, eps, eps_hat = pictures(16), noise(16, 1, 28, 28, seed=1), noise(16, 1, 28, 28, seed=2)
    t, label = (
        torch.randint(1, 1001, (16,), generator=torch.Generator().manual_seed(3)),
        torch.zeros(16, dtype=torch.int64),
    )
    errors = squared_errors(lambda x_t, t, label: eps_hat, LINEAR, x_0, label, t, eps)
    alpha_bar = LINEAR.alpha_bar[t].reshape(-1, 1, 1, 1)
    x_t = LINEAR.q_sample(x_0, t, eps)
    x0_hat = LINEAR.x_0_from(x_t, t, eps_hat)
    v, v_hat = (
        alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * image for noise, image in ((eps, x_0), (eps_hat, x0_hat))
    )
    torch.testing.assert_close(
        (errors * loss_weight(LINEAR, t, "v")).double(),
        (v - v_hat).square().mean(dim=(1, 2, 3)).double(),
        rtol=1e-3,
        atol=1e-6,
    )
    assert loss_weight(LINEAR, t, "eps").eq(1).all()
    assert loss_weight(NoiseSchedule("cosine", 1000), torch.tensor([1000]), "v").isfinite().all()


def test_every_t_from_1_to_T_is_trained(data, monkeypatch):
    """t ~ Uniform({1..T}): both ends occur, nothing else does, and each about equally often (T = 5, five standard
    errors).
    """
    seen, T, steps = [], 5, 60
    run = new_run(NoiseSchedule("linear", T), middle=0.0)
    forward = run.network.forward
    monkeypatch.setattr(run.network, "forward", lambda x_t, t, label: (seen.append(t), forward(x_t, t, label))[1])
    drain(train(run, *data, steps=steps))
    counts = torch.bincount(torch.cat(seen), minlength=T + 1)
    n = 8 * steps
    assert counts[0] == 0 and len(counts) == T + 1 and int(counts.sum()) == n
    assert_close(
        counts[1:].double() / n, torch.full((T,), 1 / T, dtype=torch.float64), rtol=0, atol=5 * (0.2 * 0.8 / n) ** 0.5
    )


@pytest.mark.parametrize(("times", "wanted"), [("only T", {50}), ("only small t", {1, 2, 3, 4, 5})])
def test_only_some_t_are_trained(times, wanted):
    """Those and no others, also where a share should come from the middle; a schedule of one step has its t."""
    generator = torch.Generator().manual_seed(0)
    assert set(draw_t(NoiseSchedule("linear", 50), 500, generator, 0.5, times).tolist()) == wanted
    assert draw_t(NoiseSchedule("linear", 1), 8, generator, 0.0, times).eq(1).all()
    with pytest.raises(ValueError, match="unknown times"):
        TrainingSettings(times="some")


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_t_from_the_middle(share):
    """Besides the share that all of 1..T sends there, the given share lies where 0.05 < alpha_bar < 0.8 (five standard
    errors).
    """
    t = draw_t(LINEAR, 20_000, torch.Generator().manual_seed(0), share)
    there = (LINEAR.alpha_bar[t] > 0.05) & (LINEAR.alpha_bar[t] < 0.8)
    want = share + (1 - share) * (542 - 146 + 1) / 1000
    assert abs(float(there.double().mean()) - want) <= 5 * (want * (1 - want) / 20_000) ** 0.5
    assert t.dtype == torch.int64 and int(t.min()) >= 1 and int(t.max()) <= 1000
    assert draw_t(NoiseSchedule("linear", 1), 8, torch.Generator(), share).eq(1).all()  # a schedule without a middle


def test_labels_are_dropped_at_the_given_rate(data, monkeypatch):
    """Classifier-free guidance (arXiv:2207.12598, algorithm 1): about this share of labels becomes "any digit", the
    rest are the digits' own.
    """
    for rate, low, high in ((0.0, 0, 0), (0.5, 0.35, 0.65), (1.0, 1, 1)):
        seen = []
        run = new_run(label_dropout=rate)
        forward = run.network.forward
        monkeypatch.setattr(
            run.network,
            "forward",
            lambda x_t, t, label, seen=seen, forward=forward: (seen.append(label), forward(x_t, t, label))[1],
        )
        drain(train(run, *data, steps=20))
        labels = torch.cat(seen)
        assert low <= float((labels == NULL_LABEL).double().mean()) <= high
        assert labels.min() >= 0 and labels.max() <= NULL_LABEL


# ---- reproducible, and can be interrupted ------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_weights(data):
    """Seed and steps fix everything; another seed gives other weights from the start. The global generator plays no
    part.
    """
    a, b, c = new_run(seed=3), None, new_run(seed=4)
    drain(train(a, *data, steps=5))
    torch.randn(100)
    b = new_run(seed=3)
    drain(train(b, *data, steps=5))
    same_weights(a, b)
    assert not torch.equal(new_run(seed=3).network.first.weight, c.network.first.weight)


def test_steps_report_what_was_done(data):
    """One yield a step: counted from 1, images = step * batch, time and progress rising to 1."""
    run = new_run()
    steps = drain(train(run, *data, steps=6))
    assert [step.step for step in steps] == [1, 2, 3, 4, 5, 6] and run.step == 6
    assert [step.images_seen for step in steps] == [8, 16, 24, 32, 40, 48]
    assert [step.progress for step in steps] == pytest.approx([k / 6 for k in range(1, 7)])
    times = [step.seconds for step in steps]
    assert times == sorted(times) and times[0] > 0
    assert all(math.isfinite(step.loss) and step.learning_rate > 0 for step in steps)


def test_stop_and_go_on_is_an_undisturbed_run(data):
    """Closing the generator after 3 of 8 steps and calling train again ends with the weights of 8 steps in one go."""
    straight, broken = new_run(), new_run()
    drain(train(straight, *data, steps=8))
    steps = train(broken, *data, steps=8)
    for _ in range(3):
        next(steps)
    steps.close()
    assert broken.step == 3
    assert [step.step for step in train(broken, *data, steps=8)] == [4, 5, 6, 7, 8]
    same_weights(straight, broken)
    assert drain(train(broken, *data, steps=8)) == []  # the budget is spent


def test_a_saved_state_goes_on_exactly(data):
    """state_dict through torch.save and weights_only loading, into a run that had gone elsewhere: optimizer, generator
    and counts travel too.
    """
    straight, first = new_run(), new_run()
    drain(train(straight, *data, steps=8))
    steps = train(first, *data, steps=8)
    for _ in range(4):
        next(steps)
    file = io.BytesIO()
    torch.save(first.state_dict(), file)
    resumed = new_run()
    drain(
        train(resumed, data[0].flip(0), data[1].flip(0), steps=2)
    )  # its own weights, optimizer and generator have moved elsewhere
    resumed.load_state_dict(torch.load(io.BytesIO(file.getvalue()), weights_only=True))
    assert resumed.step == 4 and resumed.seconds == first.seconds
    drain(train(resumed, *data, steps=8))
    same_weights(straight, resumed)


def test_time_spent_outside_does_not_count(data):
    """With a budget in seconds only training time counts: the caller may pause as long as he likes between steps."""
    import time

    run = new_run()
    began = time.perf_counter()
    for step in train(run, *data, seconds=0.15):
        time.sleep(0.02)
    elapsed = time.perf_counter() - began
    assert run.seconds >= 0.15 and run.seconds <= elapsed - 0.02 * run.step + 1e-3
    assert step.progress == 1.0 and step.seconds == run.seconds


# ---- averages and rates ------------------------------------------------------------------------------------------


# ---- breaking ----------------------------------------------------------------------------------------------------


# ---- and it learns -----------------------------------------------------------------------------------------------
