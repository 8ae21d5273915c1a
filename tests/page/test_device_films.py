"""Who computes a film, and what a device is given where it does."""

from __future__ import annotations

import asyncio
import base64
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from explorer.data.digit_map import UNIT
from explorer.device.tables import sampler_table
from explorer.page.computing import AUTO, DEVICE, SERVER
from explorer.page.connections import DEVICE_HEADER
from explorer.page.device_films import LONGEST_WAIT, TROUBLES, DeviceFilms, trouble_of
from explorer.page.device_models import DeviceModels
from explorer.page.payloads.device_jobs import Wanted, device_job
from explorer.serving.errors import Refused
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import PERFECT, ModelStore
from tests.films import SCHEDULE
from tests.tiny import tiny_model

ABLE, UNABLE = {DEVICE_HEADER: "1"}, {}


class Source:
    """A source of films whose forecast is given."""

    def __init__(self, delay=0.0):
        self.models, self._delay, self.stopped = ModelStore(), delay, []
        self.name = self.models.add(tiny_model())

    def delay(self, request, owner):
        return self._delay

    def stop(self, owner):
        self.stopped.append(owner)


def from_page(headers):
    return gr.Request(request=SimpleNamespace(headers=headers), session_hash="me")


def jobs_of(source, policy, wish, headers, times=1, model=None, steps=5):
    """What each of `times` presses of Play gives the device."""
    devices = DeviceFilms(source, DeviceModels(source.models, lambda model: b"exported"), policy)
    request = FilmRequest((7,), (3,), steps=steps, model=model or source.name)

    async def ask():
        found = []
        for _ in range(times):
            found.append(await devices.job(request, wish, from_page(headers), "me film", {}))
            await asyncio.sleep(0.2 if times > 1 else 0)
        return found

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("policy", "wish", "headers", "delay", "on_device"),
    [
        (AUTO, SERVER, ABLE, 9.0, False),
        (AUTO, DEVICE, ABLE, 0.0, True),
        (AUTO, DEVICE, UNABLE, 0.0, True),  # the browser then says why it cannot
        (AUTO, AUTO, ABLE, LONGEST_WAIT, False),
        (DEVICE, AUTO, ABLE, 0.0, True),
        (DEVICE, AUTO, UNABLE, 9.0, False),
        (DEVICE, SERVER, ABLE, 9.0, False),
        (SERVER, DEVICE, ABLE, 9.0, False),
        (SERVER, AUTO, ABLE, 9.0, False),
    ],
)
def test_who_computes(policy, wish, headers, delay, on_device):
    """The host's word, then the viewer's, then whether the device can and others would delay the film."""
    source = Source(delay)
    (job,) = jobs_of(source, policy, wish, headers)
    assert (job is not None) == on_device
    assert source.stopped == (["me film"] if on_device else [])  # the film before, which the server computes


def test_a_crowded_server_exports_first_and_hands_over_then():
    """The first viewer who would wait does not wait for the export as well."""
    first, *_, last = jobs_of(Source(LONGEST_WAIT + 0.1), AUTO, AUTO, ABLE, times=3)
    assert first is None and last is not None


def test_the_perfect_guesser_is_no_network():
    assert jobs_of(Source(9.0), AUTO, DEVICE, ABLE, model=PERFECT) == [None]


def test_what_cannot_be_is_refused_as_ever():
    with pytest.raises(Refused, match="1 to 1000 steps"):
        jobs_of(Source(), AUTO, DEVICE, ABLE, steps=1001)
    with pytest.raises(Refused, match="no longer held"):
        jobs_of(Source(), AUTO, DEVICE, ABLE, model="gone")


def test_a_job_says_all_that_determines_the_film():
    request = FilmRequest((7, 8), (3, 10), "ddim", 20, 2.0, 0.5, x_0=bytes(range(196)) * 8, t_start=400)
    job = device_job(request, SCHEDULE, "explorer-models/x.bin", {"settings": {}}, Wanted(("x_t",), places=True))
    visited = request.visited(1000)
    table = sampler_table(SCHEDULE, visited, sampler="ddim", eta=0.5, guidance=2.0)
    packed = np.frombuffer(base64.b64decode(job["table"]["steps"]), "<f8").reshape(-1, 10)
    assert packed.tolist() == table["steps"] and job["table"] | {"steps": table["steps"]} == table
    assert (job["seeds"], job["labels"], job["n"]) == ([7, 8], [3, 10], 2)
    assert base64.b64decode(job["x_0"]) == request.x_0
    assert (job["first"], job["stride"], job["total"], job["strips"]) == (0, 1, 21, ["x_t"])
    assert job["sampler"] == "ddim" and job["plane"]["unit"] == UNIT
    fork = FilmRequest((7,), (3,), steps=250, fork_t=500, fork_seeds=(1, 2, 3))
    job = device_job(fork, SCHEDULE, "explorer-models/x.bin", {})
    assert (job["fork_seeds"], job["n"], job["first"], job["total"]) == ([1, 2, 3], 3, 125, 126)
    many = FilmRequest.grid(16, 3, 0, steps=1000)
    assert device_job(many, SCHEDULE, "explorer-models/x.bin", {})["stride"] == 10


def test_a_device_that_gives_up_is_told_of_in_a_sentence():
    assert trouble_of({"trouble": "memory"}) == TROUBLES["memory"]
    for odd in (None, [], {"trouble": ["memory"]}, {"trouble": "<img>"}, "memory"):
        assert trouble_of(odd) == TROUBLES["died"]
