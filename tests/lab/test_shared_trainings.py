"""Who asks for what is being trained already joins: one training, and each owns its result."""

from __future__ import annotations

import asyncio

import pytest
import torch

from explorer.core.training import train
from explorer.data import pictures
from explorer.lab.experiment import Experiment
from explorer.lab.kept import KeptTrainings, size
from explorer.lab.session import Training
from explorer.page.payloads.training import lab_status
from tests.lab.hearing import hear

pytestmark = pytest.mark.usefixtures("small_network")


def steps_of(news):
    return [point.step for update in news for point in update.steps]


def weights(training):
    return [weight.clone() for weight in training.run.average.parameters()]


def same(these, those):
    return all(map(torch.equal, these, those))


def halfway(update):
    return update.progress > 0.4


def test_equal_settings_are_one_training(lab):
    """Whoever comes later is told how long it has gone on, hears all of it at once, and ends with the same model;
    somebody with another seed has their own.
    """

    async def three():
        begun = asyncio.Event()
        first = asyncio.create_task(hear(lab.start(Experiment(), 1.5, "first"), lambda update: update.steps, begun.set))
        await begun.wait()
        second = lab.start(Experiment(), 1.5, "second")
        joined = await anext(second)
        other = asyncio.create_task(hear(lab.start(Experiment(seed=7), 0.2, "other")))
        rest = await hear(second)
        return await first, [joined, *rest], await other

    first, second, other = asyncio.run(three())
    assert steps_of(first) == steps_of(second) == list(range(1, len(steps_of(first)) + 1))
    assert [drawn.step for update in first for drawn in update.checkpoints] == [
        drawn.step for update in second for drawn in update.checkpoints
    ]
    assert first[-1].run == second[0].run == second[-1].run and first[-1].model == second[-1].model != ""
    assert not any(update.joined for update in first) and second[0].joined > 0
    assert "with the same settings" in lab_status(second[0]) and "settings" not in lab_status(first[1])
    assert other[-1].run != first[-1].run and other[-1].model not in ("", first[-1].model)
    assert lab.waiting == 0 and lab.kept == 3


def test_other_seconds_and_other_drawings_do_not_join(lab):
    def drawn(example):
        return (pictures.digit(3, example),)

    async def four():
        streams = [
            lab.start(Experiment(), 0.2, "a"),
            lab.start(Experiment(), 0.3, "b"),
            lab.start(Experiment(), 0.2, "c", drawn(0)),
            lab.start(Experiment(), 0.2, "d", drawn(1)),
            lab.start(Experiment(), 0.2, "e", drawn(1)),
        ]
        return [news[-1].run for news in await asyncio.gather(*map(hear, streams))]

    a, b, c, d, e = asyncio.run(four())
    assert len({a, b, c, d}) == 4 and d == e


def test_one_stops_and_the_other_goes_on(lab):
    """The one that stops has the checkpoint so far, as their own; the other hears the end; and the first can go on
    from where they stopped, which the other's does not notice.
    """

    async def two():
        streams = [lab.start(Experiment(), 1.0, owner) for owner in ("stops", "stays")]
        return await asyncio.gather(hear(streams[0], halfway, lambda: lab.stop("stops")), hear(streams[1]))

    stopped, stayed = asyncio.run(two())
    assert stopped[-1].over and stopped[-1].progress < 0.9 and stopped[-1].checkpoints and stopped[-1].model
    assert steps_of(stopped) == list(range(1, stopped[-1].checkpoints[-1].step + 1))
    assert stayed[-1].progress == 1 and stayed[-1].model != stopped[-1].model
    mine, theirs = lab._kept["stops"], lab._kept["stays"]
    assert mine.run.step < theirs.run.step and lab.waiting == 0
    before = weights(theirs)
    rest = asyncio.run(hear(lab.go_on(1.0, "stops")))
    assert rest[-1].progress == 1 and rest[-1].run == stopped[-1].run
    assert steps_of(stopped + rest) == list(range(1, lab._kept["stops"].run.step + 1))
    assert same(before, weights(theirs))


def test_only_the_last_to_leave_ends_it(lab):
    """One page is closed: the other's training goes on, also after the closed page's viewer is forgotten."""

    async def two():
        leaver, stayer = lab.start(Experiment(), 1.0, "leaves"), lab.start(Experiment(), 1.0, "stays")
        rest = asyncio.create_task(hear(stayer))
        await anext(leaver)
        lab.leave("leaves")
        assert not any(update.over for update in await hear(leaver))
        assert not lab.knows("leaves") and lab.waiting == 1
        return await rest

    assert asyncio.run(two())[-1].progress == 1

    async def both_leave():
        streams = [lab.start(Experiment(seed=1), 60, owner) for owner in ("a", "b")]
        for stream in streams:
            await anext(stream)
        await streams[0].aclose()
        assert lab.waiting == 1
        await streams[1].aclose()
        assert lab.waiting == 0

    asyncio.run(both_leave())


def test_what_was_trained_together_is_kept_once_and_parts_when_it_goes_on(lab):
    """Both keep one training; when one goes on, by another budget or the same, the other's stays as it is, and whoever
    goes on alike joins again.
    """

    async def two(streams):
        return await asyncio.gather(*map(hear, streams))

    asyncio.run(two([lab.start(Experiment(), 0.3, "a"), lab.start(Experiment(), 0.3, "b")]))
    together = lab._kept["a"]
    assert together is lab._kept["b"] and lab._kept.holders(together) == 2
    before = weights(together)
    a, b = asyncio.run(two([lab.go_on(0.6, "a"), lab.go_on(0.6, "b")]))
    assert a[-1].run == b[-1].run and a[-1].model == b[-1].model and steps_of(a) == steps_of(b)
    went_on = lab._kept["a"]
    assert went_on is lab._kept["b"] and went_on is not together and same(before, weights(together))
    asyncio.run(hear(lab.go_on(0.9, "a")))
    assert lab._kept["b"] is went_on and lab._kept["a"].run.step > went_on.run.step
    assert asyncio.run(lab.rewind("b")).progress == 0 and lab._kept["a"].run.step


def test_a_page_loaded_anew_joins_again(lab):
    """The others have gone on meanwhile: it is found as it stands, and Go on joins them."""

    async def story():
        stays = asyncio.create_task(hear(lab.start(Experiment(), 1.5, "stays")))
        gone = lab.start(Experiment(), 1.5, "reloads")
        while not (await anext(gone)).steps:
            pass
        await gone.aclose()
        found = await lab.found("reloads")
        again = await hear(lab.go_on(1.5, "reloads"))
        return found, again, await stays

    found, again, stayed = asyncio.run(story())
    assert "Go on joins them" in found.note and found.steps and found.over
    assert again[-1].progress == 1 and again[-1].model == stayed[-1].model and again[0].run == found.run
    assert steps_of(again) == steps_of(stayed)


def test_a_class_that_stops_at_once_is_drawn_few_checkpoints(lab, monkeypatch):
    """Ten stop in one moment: those who wait for a snapshot get the same one, and the last to stop ends it."""
    from explorer.lab import course

    drawn = []
    real = course.draw_checkpoint
    monkeypatch.setattr(course, "draw_checkpoint", lambda *told: (drawn.append(1), real(*told))[1])
    owners = [f"owner {k}" for k in range(10)]

    def all_stop():
        for owner in owners:
            lab.stop(owner)

    async def ten():
        rest = [hear(lab.start(Experiment(), 30, owner)) for owner in owners[1:]]
        return await asyncio.gather(hear(lab.start(Experiment(), 30, owners[0]), lambda u: u.steps, all_stop), *rest)

    ends = [news[-1] for news in asyncio.run(ten())]
    assert all(end.over and end.model and end.progress < 0.5 for end in ends)
    assert len(drawn) <= 2 and lab.waiting == 0 and lab.kept == 10


def test_a_copy_goes_on_exactly_where_it_was(lab):
    """As long as the original, to the last bit, and neither changes the other."""
    original = Training.fresh(Experiment(batch=8), 1.0)
    data = original.data()
    for _ in train(original.run, *data, steps=3):
        pass
    copied, before = original.copy(), weights(original)
    for _ in train(copied.run, *data, steps=6):
        pass
    assert same(before, weights(original)) and original.run.step == 3
    for _ in train(original.run, *data, steps=6):
        pass
    assert same(weights(copied), weights(original)) and not same(before, weights(original))


def test_shared_ones_make_place_together():
    """One training that two keep counts once, and goes when both have not used it longest; a busy one's stays."""
    one = Training.fresh(Experiment(), 1.0)
    busy = set()
    kept = KeptTrainings(2, round(2.5 * size(one)), busy.__contains__)
    kept.keep("a", one)
    kept.keep("b", one)
    kept.keep("c", Training.fresh(Experiment(), 1.0))
    assert len(kept) == 3 and kept["a"]  # which is used by that
    kept.keep("d", Training.fresh(Experiment(), 1.0))
    assert kept.made_place("c") and "a" in kept and "b" in kept
    busy.add("b")
    kept.keep("e", Training.fresh(Experiment(), 1.0))
    assert "a" in kept and "b" in kept and kept.made_place("d")
    busy.clear()
    kept.keep("f", Training.fresh(Experiment(), 1.0))
    assert kept.made_place("a") and kept.made_place("b") and "e" in kept and "f" in kept
