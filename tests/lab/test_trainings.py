"""The Train tab's trainings: stopped, kept for going on, rewound, found again, and ended by whoever leaves."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
import torch

from explorer.core.training import TrainingDiverged
from explorer.lab import session
from explorer.lab.course import Here
from explorer.lab.experiment import Experiment
from explorer.lab.session import Training
from explorer.lab.trainings import Lab, TrainingRefused
from explorer.lab.worker import updates
from explorer.serving.model_store import ModelStore
from explorer.serving.scheduler import ComputeScheduler
from tests.lab.hearing import hear

pytestmark = pytest.mark.usefixtures("small_network")


def new_run(seed):
    return Experiment(seed=seed).run()


def test_a_training_tells_its_story():
    """Points count up without a gap, checkpoints come first and last, progress ends at 1, and the loss falls below
    guessing zero.
    """
    training = Training.fresh(Experiment(), 1.5)
    run, news = training.run, list(updates(training, ComputeScheduler()))
    steps = [step for update in news for step in update.steps]
    assert [step.step for step in steps] == list(range(1, run.step + 1))
    assert len(news[0].checkpoints) == len(news[-1].checkpoints) == 1
    first, last = news[0].checkpoints[0], news[-1].checkpoints[0]
    assert first.frames.shape == last.frames.shape == (21, 10, 28, 28) and first.t[0] == 1000 and first.t[-1] == 0
    assert (first.frames[0] == last.frames[0]).all() and (
        first.frames[-1] != last.frames[-1]
    ).any()  # from the same x_T
    assert [update.over for update in news] == [False] * (len(news) - 1) + [True]
    assert news[-1].progress == 1 and news[-1].seconds_left == 0
    assert sum(step.loss for step in steps[-10:]) / 10 < 0.9


def test_a_loss_that_breaks_is_told_and_the_good_weights_stay(monkeypatch):
    real = session.train

    def breaks(run, *data, **budget):
        for step in real(run, *data, **budget):
            yield step
            if step.step == 5:
                raise TrainingDiverged("the loss became nan at step 6: try a lower learning rate")

    monkeypatch.setattr(session, "train", breaks)
    training = Training.fresh(Experiment(), 30)
    run, last = training.run, list(updates(training, ComputeScheduler()))[-1]
    assert last.over and "nan" in last.problem and run.step == 5
    assert all(bool(torch.isfinite(weight).all()) for weight in run.average.parameters())


def test_a_second_run_of_the_same_viewer_is_refused(lab):
    async def twice():
        stream = lab.start(Experiment(), 30, "me")
        await anext(stream)
        with pytest.raises(TrainingRefused, match="already running"):
            await anext(lab.start(Experiment(), 30, "me"))
        await stream.aclose()
        assert lab.waiting == 0  # and now there is room again
        again = lab.start(Experiment(), 30, "me")
        assert (await anext(again)).checkpoints
        await again.aclose()

    asyncio.run(twice())


def test_stopping_while_waiting():
    scheduler = ComputeScheduler()
    lab = Lab(ModelStore(), scheduler, place=Here(scheduler, live=1))

    async def wait_and_stop():
        running = lab.start(Experiment(), 30, "first")
        await anext(running)
        waiting = lab.start(Experiment(seed=1), 30, "second")
        assert (await anext(waiting)).ahead == 1
        lab.stop("second")
        rest = [update async for update in waiting]
        assert rest[-1].over and not rest[-1].model
        await running.aclose()
        lab.stop("nobody")  # nothing happens

    asyncio.run(wait_and_stop())
    assert lab.waiting == 0


def weights(run):
    return [weight.clone() for weight in run.network.parameters()]


def same(these, those):
    return all(torch.equal(this, that) for this, that in zip(these, those, strict=True))


def test_stopped_it_goes_on_where_it_was(lab):
    """The second half continues the step count, the name and the weights of the first, and no checkpoint
    comes twice.
    """
    first = asyncio.run(
        hear(lab.start(Experiment(), 1.5, "me"), lambda update: update.progress > 0.3, lambda: lab.stop("me"))
    )
    assert first[-1].over and 0.3 < first[-1].progress < 0.9 and first[-1].model and first[-1].checkpoints
    rest = asyncio.run(hear(lab.go_on(1.5, "me")))
    assert rest[-1].progress == 1 and {update.run for update in [*first, *rest]} == {first[0].run}
    steps = [step.step for update in [*first, *rest] for step in update.steps]
    assert steps == list(range(1, len(steps) + 1))
    drawn = [drawn.step for update in [*first, *rest] for drawn in update.checkpoints]
    assert drawn == sorted(set(drawn)) and drawn[0] == 0 and drawn[-1] == steps[-1]


def test_rewound_it_has_its_initial_weights(lab):
    asyncio.run(hear(lab.start(Experiment(seed=5), 0.5, "me")))
    assert not same(weights(lab._kept["me"].run), weights(new_run(5)))
    back = asyncio.run(lab.rewind("me"))
    assert same(weights(lab._kept["me"].run), weights(new_run(5))) and not same(
        weights(new_run(5)), weights(new_run(6))
    )
    assert back.over and back.progress == 0 and back.checkpoints[0].step == 0
    again = asyncio.run(hear(lab.go_on(0.5, "me")))
    assert again[-1].progress == 1 and again[0].run == back.run


def test_what_cannot_go_on_says_so(lab):
    async def refused():
        with pytest.raises(TrainingRefused, match="press start"):
            lab.go_on(10, "me")
        with pytest.raises(TrainingRefused, match="press start"):
            await lab.rewind("me")
        await hear(lab.start(Experiment(), 0.3, "me"))
        with pytest.raises(TrainingRefused, match="has had its 0.3 seconds"):
            lab.go_on(0.3, "me")
        running = lab.go_on(30, "me")
        await anext(running)
        with pytest.raises(TrainingRefused, match="stop your training first"):
            await lab.rewind("me")
        with pytest.raises(TrainingRefused, match="already running"):
            await anext(lab.go_on(30, "me"))
        await running.aclose()

    asyncio.run(refused())


def test_who_leaves_frees_everything(lab):
    async def leave():
        running = lab.start(Experiment(), 60, "me")
        await anext(running)
        lab.leave("me")
        assert all(
            not update.over and update.progress < 0.5 for update in [update async for update in running]
        )  # nobody sees its end

    asyncio.run(leave())
    assert lab.waiting == lab.kept == 0 and not lab.knows("me")


def test_ten_runs_in_a_row_leave_few_in_memory():
    lab, runs = Lab(ModelStore(held=2), ComputeScheduler(), held=3), []
    for owner in range(5):
        for _ in range(2):  # the second replaces the first
            asyncio.run(hear(lab.start(Experiment(seed=owner), 0.2, str(owner))))
            runs.append(weakref.ref(lab._kept[str(owner)].run))
    gc.collect()
    assert lab.kept == 3 == sum(run() is not None for run in runs)


def test_a_training_is_found_again():
    """For a page that was loaded anew: all of its loss curve, and what it draws now; nothing before it has begun."""
    lab = Lab(ModelStore(), ComputeScheduler())

    async def train_and_find():
        assert await lab.found("somebody") is None
        heard = [update async for update in lab.start(Experiment(), 1.5, "somebody")]
        return heard, await lab.found("somebody"), await lab.found("somebody else")

    heard, found, nothing = asyncio.run(train_and_find())
    assert nothing is None and found is not None
    assert [point.step for point in found.steps] == [point.step for update in heard for point in update.steps]
    assert found.over and found.run == heard[-1].run and found.model == heard[-1].model
    assert found.turn > heard[-1].turn and (found.checkpoints[0].frames == heard[-1].checkpoints[0].frames).all()
