"""What is computed on viewers' devices: films, guesses and steps; when, and what a device needs for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from explorer.demos.noising import Scene
from explorer.page import forms
from explorer.page.computing import AUTO, DEVICE, SERVER
from explorer.page.connections import DEVICE_HEADER
from explorer.page.device_models import DeviceModels
from explorer.page.events import QUIET
from explorer.page.payloads.device_jobs import ALL, Wanted, device_job, guess_job
from explorer.serving.errors import Refused
from explorer.serving.film_news import FilmNews, Queued
from explorer.serving.film_request import FilmRequest, check
from explorer.serving.film_source import FilmSource
from explorer.serving.guess import TIMES
from explorer.serving.model_store import PERFECT, PRETRAINED
from explorer.serving.request_log import Entry
from explorer.widgets.device_job import DeviceJob, GuessJob

LONGEST_WAIT = 1.0  # seconds that others may delay a film before its viewer's device computes it
TROUBLES = {
    "unable": "This browser cannot compute by itself, so the server does.",
    "fetch": "The network did not arrive on your device, so the server computes.",
    "memory": "Your device has not enough memory, so the server computes.",
    "died": "Your device broke off, so the server computes.",
    "slow": "Your device would learn from fewer than 100 images a second, so the server trains.",
}


class DeviceFilms:
    """Who computes a film or a guess, and the jobs for those that viewers' devices compute."""

    def __init__(self, films: FilmSource, models: DeviceModels, policy: str) -> None:
        """policy: the host's, one of computing.CHOICES: what is done where the viewer leaves it open."""
        self._films, self._models, self._policy = films, models, policy

    @property
    def offered(self) -> bool:
        """Whether viewers can choose."""
        return self._policy != SERVER

    def choice(self, wish: str) -> str:
        """What holds where the viewer wishes this, both of computing.CHOICES."""
        return self._policy if wish == AUTO or not self.offered else wish

    async def job(
        self,
        film: FilmRequest,
        wish: str,
        request: gr.Request,
        owner: str,
        again: Mapping[str, Any],
        wanted: Wanted = ALL,
    ) -> DeviceJob | None:
        """What the viewer's device is given to compute this film; None where the server is to do it.

        wish: one of computing.CHOICES, of the viewer. again: see DeviceJob. Raises Refused for a film that cannot be.
        """
        jobs = await self.jobs([film], wish, request, [owner], again, wanted)
        return jobs[0] if jobs else None

    async def jobs(
        self,
        films: Sequence[FilmRequest],
        wish: str,
        request: gr.Request,
        owners: Sequence[str],
        again: Mapping[str, Any],
        wanted: Wanted = ALL,
    ) -> list[DeviceJob]:
        """The same for films side by side, of one model; none where the server is to make them. The last one is the
        longest.
        """
        model = films[-1].model
        if not self._on_device(model, wish, request, lambda: self._films.delay(films[-1], owners[-1])):
            return []
        async with Entry("device", Refused, model=model):
            address = await self._models.address(model)
            schedule = self._films.models.schedule_of(model)
            for film, owner in zip(films, owners):
                check(film, schedule.T)
                self._films.stop(owner)  # the film before

            def write() -> list[DeviceJob]:
                return [device_job(film, schedule, address, again, wanted) for film in films]

            return await asyncio.to_thread(write)

    async def guess_job(self, scene: Scene, label: int, wish: str, request: gr.Request) -> GuessJob | None:
        """What the viewer's device is given to guess the noise of a scene at guess.TIMES, by the pretrained network;
        None where the server is to do it. A guess waits as long as a film with as many evaluations.
        """
        asked = FilmRequest((scene.noise_seed,), (label,), steps=len(TIMES))
        if not self._on_device(PRETRAINED, wish, request, lambda: self._films.delay(asked, "")):
            return None
        async with Entry("device", Refused, model=PRETRAINED):
            address = await self._models.address(PRETRAINED)
            return guess_job(scene, label, self._films.models.pretrained_schedule(), address)

    def _on_device(self, model: str, wish: str, request: gr.Request, delay: Callable[[], float]) -> bool:
        """delay: seconds by which others delay it on the server; is not asked where that does not matter."""
        choice = self.choice(wish)
        if choice == SERVER or model == PERFECT:
            return False
        if wish == DEVICE:
            return True
        if not able(request) or (choice == AUTO and delay() <= LONGEST_WAIT):
            return False
        if self._models.ready(model) is None and choice == AUTO:
            self._models.begin(model)  # for the next one
            return False
        return True


def able(request: gr.Request) -> bool:
    """Whether the page that sent this says that its device can compute."""
    return request.request is not None and request.headers.get(DEVICE_HEADER) == "1"


def stopping(elem_id: str) -> str:
    """JavaScript that stops what the viewer's device computes for this player."""
    return f"() => document.querySelector('#{elem_id} [data-widget]').dispatchEvent(new Event('explorer:stop'))"


async def handed_over() -> AsyncIterator[FilmNews]:
    """All that the server has to tell of a film that its viewer's device computes."""
    yield Queued(0, 0.0, 0.0)


def trouble_of(payload: object) -> str:
    """The sentence on why a device gives its job back; payload: a TakeOver as it came, from whom it may."""
    trouble = payload.get("trouble") if isinstance(payload, Mapping) else None
    return TROUBLES.get(str(trouble), TROUBLES["died"])


def chooser(settings: type, prefix: str, compute: gr.State, *, offered: bool) -> forms.Field:
    """The control of who computes, at one of the places where it can be chosen: a choice made here holds everywhere.

    settings: the tab's, with a field `compute`. compute: the context's.
    """
    control = forms.control(settings, "compute", prefix)
    control.visible = offered
    control.change(lambda wish: wish, control, compute, **QUIET)
    compute.change(lambda wish: wish, compute, control, **QUIET)
    return control
