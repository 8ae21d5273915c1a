"""Whether a viewer's device or the server trains, where neither is asked for, and where one is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from explorer.lab.experiment import Experiment
from explorer.page.computing import AUTO, DEVICE, SERVER
from explorer.page.device_films import DeviceFilms
from explorer.page.device_models import DeviceModels
from explorer.page.device_trainings import DeviceTrainings, Given, needed
from explorer.page.who_trains import LEAST_RATE, WhoTrains
from explorer.serving.model_store import ModelStore

CASE = Given(Experiment(), 60)


def who(*, policy=AUTO, waiting=0, joins=False, ready=True, given=CASE):
    """On a server where so many train; ready: whether what a device needs for this training is made."""
    models = ModelStore()
    files = DeviceModels(models, lambda model: b"")
    if ready:
        files._files |= dict.fromkeys(needed(given), SimpleNamespace(name="x"))
    lab = SimpleNamespace(waiting=waiting, would_join=lambda *wanted: joins)
    return WhoTrains(lab, DeviceFilms(None, files, policy), DeviceTrainings(models, files))


@pytest.mark.parametrize(
    "wish, case, expected",
    [
        (AUTO, {}, LEAST_RATE),  # it must be quick
        (AUTO, {"ready": False}, None),  # nobody waits for an export
        (AUTO, {"waiting": 1}, 0),  # in place of taking turns
        (AUTO, {"waiting": 1, "ready": False}, 0),
        (AUTO, {"waiting": 1, "joins": True}, None),  # a training that runs already is shared
        (AUTO, {"able": False, "waiting": 1}, None),
        (AUTO, {"policy": DEVICE}, 0),
        (AUTO, {"policy": DEVICE, "able": False}, None),
        (AUTO, {"policy": SERVER, "waiting": 1}, None),
        (DEVICE, {"able": False, "ready": False}, 0),  # it is asked for
        (DEVICE, {"policy": SERVER}, None),
        (DEVICE, {"given": Given(Experiment(size="large"), 60)}, None),
        (SERVER, {"waiting": 5}, None),
    ],
)
def test_who_trains(wish, case, expected):
    able = case.pop("able", True)
    assert who(**case).least(case.get("given", CASE), wish, able=able) == expected


def test_the_large_network_is_the_servers_and_it_is_said_to_who_wished_otherwise():
    large = Given(Experiment(size="large"), 60)
    assert [bool(who().why_not(given, wish)) for given in (CASE, large) for wish in (AUTO, DEVICE)] == [
        False,
        False,
        False,
        True,
    ]
