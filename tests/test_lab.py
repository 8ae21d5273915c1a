"""The Train tab's trainings: one at a time, watched by those who wait, and ended by whoever leaves."""

from __future__ import annotations

import asyncio
import threading

import pytest
import torch

from explorer import lab as lab_module
from explorer.core.training import TrainingDiverged
from explorer.core.unet import UNetConfig
from explorer.lab import Busy, Lab, new_run, updates
from explorer.models import ModelStore
from explorer.turns import Turns


@pytest.fixture(autouse=True)
def small_network(monkeypatch):
    monkeypatch.setattr(lab_module, "NETWORK", UNetConfig(widths=(16, 16), depth=(1, 1), embedding=16, attention=False, output="v"))


@pytest.fixture
def lab():
    return Lab(ModelStore(), Turns())


def test_a_training_tells_its_story():
    """Points count up without a gap, sheets come first and last, progress ends at 1, and the loss falls below guessing zero."""
    run = new_run(0)
    news = list(updates(run, 1.5, Turns()))
    steps = [step for update in news for step in update.steps]
    assert [step.step for step in steps] == list(range(1, run.step + 1))
    assert len(news[0].sheets) == len(news[-1].sheets) == 1 and news[0].sheets[0].pixels.shape == (10, 28, 28)
    assert [update.over for update in news] == [False] * (len(news) - 1) + [True]
    assert news[-1].progress == 1 and news[-1].seconds_left == 0
    assert sum(step.loss for step in steps[-10:]) / 10 < 0.9


def test_stop_ends_it_with_a_last_update():
    run, stop = new_run(0), threading.Event()
    news = updates(run, 60, Turns(), stop)
    next(news), next(news)
    stop.set()
    (last,) = news
    assert last.over and last.sheets and last.progress < 0.5


def test_a_loss_that_breaks_is_told_and_the_good_weights_stay(monkeypatch):
    real = lab_module.train

    def breaks(run, *data, **budget):
        for step in real(run, *data, **budget):
            yield step
            if step.step == 5:
                raise TrainingDiverged("the loss became nan at step 6: try a lower learning rate")

    monkeypatch.setattr(lab_module, "train", breaks)
    run = new_run(0)
    last = list(updates(run, 30, Turns()))[-1]
    assert last.over and "nan" in last.problem and run.step == 5
    assert all(bool(torch.isfinite(weight).all()) for weight in run.average.parameters())


def test_the_next_one_watches_and_then_trains(lab):
    async def viewer(owner, seconds, wait=0.0):
        await asyncio.sleep(wait)
        return [update async for update in lab.stream(0, seconds, owner)]

    async def both():
        return await asyncio.gather(viewer("first", 1.5), viewer("second", 0.6, wait=0.5))

    first, second = asyncio.run(both())
    watched = [update for update in second if update.ahead]
    own = [update for update in second if not update.ahead]
    assert all(update.run == 1 and not update.over for update in watched) and any(update.steps for update in watched)
    assert watched[0].steps == first[0].steps and watched[0].sheets  # from its beginning
    assert all(update.run == 2 for update in own) and own[-1].over and own[-1].progress == 1
    assert first[-1].model and own[-1].model and lab.waiting == 0


def test_a_second_run_of_the_same_viewer_is_refused(lab):
    async def twice():
        stream = lab.stream(0, 30, "me")
        await anext(stream)
        with pytest.raises(Busy, match="already running"):
            await anext(lab.stream(0, 30, "me"))
        await stream.aclose()
        assert lab.waiting == 0  # and now there is room again
        again = lab.stream(0, 30, "me")
        assert (await anext(again)).sheets
        await again.aclose()

    asyncio.run(twice())


def test_stopping_while_waiting(lab):
    async def wait_and_stop():
        running = lab.stream(0, 30, "first")
        await anext(running)
        waiting = lab.stream(0, 30, "second")
        assert (await anext(waiting)).ahead == 1
        lab.stop("second")
        rest = [update async for update in waiting]
        assert rest[-1].over and not rest[-1].model
        await running.aclose()
        lab.stop("nobody")  # nothing happens

    asyncio.run(wait_and_stop())
    assert lab.waiting == 0
