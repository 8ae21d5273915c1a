"""Networks as viewers train them: with few steps, and of some digits only. The page takes the steps that they have
where nobody asks for a number, and says what they have never learnt.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from explorer.core.checkpoint import to_bytes
from explorer.core.schedule import NoiseSchedule
from explorer.page import film_requests
from explorer.page.computing import AUTO, SERVER
from explorer.page.crowd import Crowds
from explorer.page.device_films import DeviceFilms
from explorer.page.device_models import DeviceModels
from explorer.page.networks import OURS, OWN
from explorer.page.settings import Generate
from explorer.page.tabs.remove_noise import Handlers, lay_out
from explorer.serving.model_store import PRETRAINED
from tests.tiny import tiny_model

T = 20


@pytest.fixture
def threes(store):
    """The name of a network of T steps that has met 3s alone."""
    few = tiny_model(schedule=NoiseSchedule("linear", T))
    return store.add(replace(few, notes={"classes": [3]}))


@pytest.fixture
def tab(engine, store):
    """The tab's handlers, with nothing of the page but what they need."""
    with gr.Blocks():
        context = SimpleNamespace(
            films=engine,
            models=store,
            devices=DeviceFilms(engine, DeviceModels(store, to_bytes), SERVER),
            compute=gr.State(AUTO),
            own_model=gr.State(None),
        )
        return Handlers(context, lay_out(1000, context), Crowds(context.films))


def values(tab, own, network=OWN, **said):
    """What the controls hold: the page's first values, but for what is `said`."""
    fields = tab.parts.fields
    return {field: said.get(name, field.value) for name, field in fields.items()} | {
        tab.parts.network: network,
        tab.parts.compute: AUTO,
        tab.context.own_model: own,
    }


def last_of(tab, data):
    """The last value of the film that Play makes."""

    async def play():
        return [value async for value in tab.run(data, gr.Request(session_hash="me"))][-1]

    return asyncio.run(play())


def test_without_a_number_it_takes_the_steps_that_it_has(tab, threes):
    end = last_of(tab, values(tab, threes))
    assert end["done"] and end["settings"]["steps"] == T and end["status"]["values"][0] == T
    request, t = film_requests.asked({"settings": end["settings"], "t": T, "picture": 0})
    assert (request.steps, t) == (T, T)  # so that its steps can be asked about


def test_a_number_that_it_does_not_have_gets_a_sentence(tab, threes):
    with pytest.raises(gr.Error, match=f"1 to {T} steps"):
        last_of(tab, values(tab, threes, steps=T + 1))
    assert last_of(tab, values(tab, threes, steps=7))["settings"]["steps"] == 7


def test_a_network_of_many_steps_is_asked_for_the_usual_number(store, name):
    assert film_requests.possible(Generate(), name, store) == Generate()
    assert film_requests.possible(Generate(), PRETRAINED, store) == Generate()
    assert film_requests.possible(Generate(), "gone", store) == Generate()


def test_the_control_follows_the_network(tab, threes):
    """Its end is the network's T, and its value no more than that; unless the network is not held any longer."""
    steps = tab.fit_steps(values(tab, threes))
    assert (steps.maximum, steps.value) == (T, T)
    assert tab.fit_steps(values(tab, threes, steps=7)).value == 7
    back = tab.fit_steps(values(tab, threes, network=OURS, steps=T))
    assert (back.maximum, back.value) == (1000, T)
    assert tab.fit_own(values(tab, threes)).maximum == T
    assert tab.fit_own(values(tab, threes, network=OURS)) == gr.skip()  # what the viewer sets meanwhile stays
    assert tab.watch_own(values(tab, threes))[tab.parts.fields["steps"]].value == T
    for own in (None, "gone"):
        assert tab.fit_steps(values(tab, own)) == gr.skip()
    assert tab.fit_steps(values(tab, threes, steps={})).maximum == T  # whatever is posted


@pytest.mark.parametrize("label, told", [(3, None), (10, None), (8, [3])])
def test_what_it_never_learnt_is_said(tab, threes, label, told):
    assert last_of(tab, values(tab, threes, label=label)).get("learnt") == told


def test_nothing_is_said_of_a_network_that_has_learnt_all(tab, name):
    assert "learnt" not in last_of(tab, values(tab, name, label=8, steps=2))


def test_a_fork_says_it_too(tab, threes):
    data = {"settings": {"label": 8, "steps": T, "seed": 7, "model": threes}, "t": T, "picture": 0}

    async def fork():
        event = gr.EventData(None, data)
        return [value async for value in tab.part_ways(values(tab, threes), event, gr.Request(session_hash="me"))][-1]

    assert asyncio.run(fork())["learnt"] == [3]
