"""How many trainings are kept, and what is said of one that is not."""

from __future__ import annotations

import asyncio

import pytest
import torch

from explorer.core.training import train
from explorer.lab.experiment import Experiment
from explorer.lab.kept import HELD_BYTES, HELD_RUNS, KeptTrainings, size
from explorer.lab.session import Training
from explorer.lab.trainings import Lab, TrainingRefused
from explorer.serving.model_store import HELD_MODELS, ModelStore
from explorer.serving.scheduler import ComputeScheduler

small = pytest.mark.usefixtures("small_network")


async def trained(lab: Lab, owner: str) -> None:
    async for _ in lab.start(Experiment(), 0.01, owner):
        pass


def test_a_class_of_thirty_keeps_its_trainings():
    assert HELD_RUNS >= 30 and HELD_MODELS >= 30


@small
def test_one_that_made_place_is_told_as_such():
    """And one that never was, as that."""
    lab = Lab(ModelStore(), ComputeScheduler(), held=1)

    async def two():
        await trained(lab, "first")
        await trained(lab, "second")

    asyncio.run(two())
    with pytest.raises(TrainingRefused, match="made place for newer ones"):
        lab.go_on(60, "first")
    with pytest.raises(TrainingRefused, match="no training of yours here yet"):
        lab.go_on(60, "nobody")
    lab.go_on(60, "second")


def test_thirty_large_ones_fit():
    """Also where everybody has chosen the large network, with all that its optimizers hold; and 48 of the usual one."""
    for chosen, count in (("large", 30), ("medium", HELD_RUNS)):
        training = Training.fresh(Experiment(size=chosen), 1.0)
        next(train(training.run, torch.zeros(8, 1, 28, 28), torch.zeros(8, dtype=torch.int64), steps=1))
        assert size(training) > 10**6 and count * size(training) <= HELD_BYTES


@small
def test_memory_is_a_bound_too():
    """Two fit, the third makes the longest unused one go, and before that viewers are told to take theirs along."""
    one = size(Training.fresh(Experiment(), 1.0))
    kept, told = KeptTrainings(100, round(2.4 * one), lambda owner: False), []
    for owner in ("first", "second"):
        kept.keep(owner, Training.fresh(Experiment(), 1.0))
        told.append(kept.nearly_full)
    assert told == [False, True] and kept["first"]  # which is used by that
    kept.keep("third", Training.fresh(Experiment(), 1.0))
    assert kept.made_place("second") and "first" in kept and "third" in kept


@small
def test_one_that_runs_is_not_let_go():
    """However full it is; once it has ended it may be."""
    busy = {"a"}
    kept = KeptTrainings(1, 10**12, busy.__contains__)
    kept.keep("a", Training.fresh(Experiment(), 1.0))
    kept.keep("b", Training.fresh(Experiment(), 1.0))
    assert "a" in kept
    busy.clear()
    kept.make_place()
    assert len(kept) == 1


@small
def test_before_it_is_lost_it_is_said():
    """With room for two, who comes second is told, and the note stands in the last update alone."""
    lab = Lab(ModelStore(), ComputeScheduler(), held=2)

    async def story(owner: str):
        return [update.note async for update in lab.start(Experiment(), 0.1, owner)]

    first, second = asyncio.run(story("first")), asyncio.run(story("second"))
    assert not any(first) and not any(second[:-1]) and "download" in second[-1]
