"""How many trainings are kept, and what is said of one that is not."""

from __future__ import annotations

import asyncio

import pytest

from explorer.lab.experiment import Experiment
from explorer.lab.trainings import HELD_RUNS, Lab, TrainingRefused
from explorer.serving.model_store import HELD_MODELS, ModelStore
from explorer.serving.scheduler import ComputeScheduler

pytestmark = pytest.mark.usefixtures("small_network")


async def trained(lab: Lab, owner: str) -> None:
    async for _ in lab.start(Experiment(), 0.01, owner):
        pass


def test_a_class_of_thirty_keeps_its_trainings():
    assert HELD_RUNS >= 30 and HELD_MODELS >= 30


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
