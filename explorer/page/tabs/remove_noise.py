"""Remove noise: the reverse process. The engine computes the film, the player shows it while it grows, and asks about
its steps.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr

from explorer.demos.step_parts import anatomy
from explorer.page import film_requests, forms, networks
from explorer.page.computing import SERVER
from explorer.page.crowd import Crowds
from explorer.page.device_films import chooser, handed_over, stopping, trouble_of
from explorer.page.endpoints import add_settings_endpoint
from explorer.page.events import AT_ONCE, MISTAKES, QUIET, RESTART, Updates, Values, told_to_viewer
from explorer.page.forms import Field, Fields
from explorer.page.futures_film import FORK_STRIPS, fork_film
from explorer.page.likeness import likeness
from explorer.page.map_files import map_value
from explorer.page.payloads.films import film_status, film_value
from explorer.page.payloads.nearest import nearest_to_come, nearest_value
from explorer.page.payloads.steps import anatomy_to_come, anatomy_value
from explorer.page.payloads.texts import DEVICE_WORKS, as_sentence, joined
from explorer.page.readers import Readers
from explorer.page.settings import Generate, RemoveNoise
from explorer.page.tab_part import PageContext, TabPart
from explorer.page.viewer import Viewer
from explorer.serving.film import STRIPS
from explorer.serving.film_source import FilmSource
from explorer.serving.model_store import BUILT_IN, PRETRAINED
from explorer.serving.streams import finished
from explorer.validation import SettingValue
from explorer.widgets import DigitMap, FilmPlayer, Tiles
from explorer.widgets.film import FilmRest, FilmValue
from explorer.widgets.lesson_bar import turning_to
from explorer.widgets.map import MapValue, MapView

INTRO = (
    "**Watch, then drag the bar.** The network starts from pure noise and removes a little of it at each step. *When "
    "do you first see which digit it will be?*"
)
STEP = (
    "## What this step did\nPause the film anywhere: each step moves a little towards the network's guess, and puts a "
    "little fresh noise on top."
)
COPY = (
    "## Is it a copy?\nThe nearest of 10,000 real digits, which the pretrained network has never seen. *Now let the "
    "perfect guesser draw (under More): will it ever draw something new?*"
)
FORK = (
    "## Fork in the road\nPause the film and press **Fork here**: six futures of the picture on screen, with other "
    "fresh noise from there on. "
    "*Fork early, then late: when is the digit decided?*"
)
LOOK_AT_FORK = "() => document.querySelector('#fork').scrollIntoView({ block: 'nearest' })"
TAB = "remove"  # this tab's id
MAPS: tuple[MapView, ...] = ("film", "fork", "crowd")


@dataclass(frozen=True)
class Parts:
    """The tab's components. fields: the settings' controls, by their names."""

    play: gr.Button
    stop: gr.Button
    dice: gr.Button
    film: FilmPlayer
    map: DigitMap
    fields: Fields
    network: Field
    compute: Field
    step: Tiles
    nearest: Tiles
    futures: FilmPlayer


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the tab out."""
    parts = lay_out(T := context.models.pretrained_schedule().T, context)
    handlers = Handlers(context, parts, Crowds(context.films))
    watched: set[gr.blocks.Block] = {*parts.fields.values(), parts.network, parts.compute, context.own_model}
    key = context.bar.pressed
    gr.on([parts.play.click, key("film_play")], handlers.run, watched, parts.film, **RESTART)
    parts.film.begin(handlers.run, watched, parts.film, **RESTART)
    gr.on([parts.stop.click, key("film_stop")], handlers.halt, None, None, **AT_ONCE)
    parts.film.take_over(handlers.take_over, None, parts.film, **RESTART)
    for halted in (parts.stop.click, key("film_stop")):
        halted(None, None, None, js=stopping("film"))
    parts.map.crowd(handlers.gather, watched, parts.map, **RESTART)
    parts.map.halt(handlers.disperse, None, None, **AT_ONCE)
    parts.film.rest(handlers.take_apart, None, [parts.step, parts.nearest], **RESTART)
    parts.film.fork(handlers.part_ways, {parts.compute}, parts.futures, **RESTART)
    parts.futures.take_over(handlers.take_over_fork, None, parts.futures, **RESTART)
    parts.film.fork(None, None, None, js=LOOK_AT_FORK)
    dice = [parts.dice.click, key("film_dice")]
    gr.on(dice, lambda: random.randrange(1_000_000), None, parts.fields["seed"], **QUIET).then(
        handlers.run, watched, parts.film, **RESTART
    )
    steps = parts.fields["steps"]
    chosen: set[gr.blocks.Block] = {parts.network, context.own_model, steps}
    parts.network.input(handlers.fit_steps, chosen, steps, **QUIET)
    context.own_model.change(handlers.fit_own, chosen, steps, **QUIET)
    # The tab may never have been opened: select it, and let its player begin once it stands there.
    asked_to_watch = context.watch_requests.change(
        handlers.watch_own, {context.own_model, steps}, [parts.network, steps], **QUIET
    )
    turned = asked_to_watch.then(None, None, context.tabs, js=turning_to(TAB))
    turned.then(lambda wish: {"begin": "now", "wish": wish}, context.watch_requests, parts.film, **QUIET)
    add_settings_endpoint(Generate, generator(context.films, context.readers))
    controls: dict[str, gr.blocks.Block] = {**parts.fields, "network": parts.network, "compute": parts.compute}

    def restore(values: dict[str, SettingValue]) -> Updates:
        return {parts.film: resting(T) | {"stop_at": values["t"]}, parts.map: map_value(TAB, MAPS, values["map"])}

    return TabPart(controls, restore, {parts.film, parts.map})


def resting(T: int) -> FilmRest:
    """The player's value before the first film, which is of a model of T steps; it asks for one by itself."""
    return {"n": Generate.pictures, "strips": list(STRIPS), "T": T, "begin": "when seen"}


def lay_out(T: int, context: PageContext) -> Parts:
    """The tab's components, in their places; T: of the pretrained model."""
    gr.Markdown(INTRO, elem_classes="intro")
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            with gr.Row(equal_height=True):
                play = gr.Button("▶ Play", variant="primary", elem_id="film-play", min_width=80)
                stop = gr.Button("■ Stop", elem_id="film-stop", min_width=80)
                dice = gr.Button("New noise", elem_id="film-dice", min_width=80)
            film = FilmPlayer(value=resting(T), elem_id="film", server_functions=[likeness])
            digit_map = DigitMap(value=map_value(TAB, MAPS), elem_id="film-map")
        with gr.Column(scale=2, min_width=300, elem_classes="aside"):
            fields = forms.build(Generate, "film")
            compute = chooser(RemoveNoise, "film", context.compute, offered=context.devices.offered)
            with gr.Accordion("More", open=False):
                fields |= forms.build(Generate, "film", "more")
                network = forms.control(RemoveNoise, "network", "film")
    gr.Markdown(STEP)
    step = Tiles(value=anatomy_to_come("As soon as the film stands still."), elem_id="step")
    gr.Markdown(COPY)
    nearest = Tiles(value=nearest_to_come(), elem_id="nearest")
    gr.Markdown(FORK)
    futures = FilmPlayer(
        value={
            "n": film_requests.FORKS,
            "strips": list(FORK_STRIPS),
            "T": T,
            "resting": "No fork yet: pause the film above, and press Fork here.",
        },
        elem_id="fork",
        server_functions=[likeness],
    )

    return Parts(play, stop, dice, film, digit_map, fields, network, compute, step, nearest, futures)


@dataclass(frozen=True)
class Handlers:
    """What the tab's buttons do."""

    context: PageContext
    parts: Parts
    crowds: Crowds

    async def run(self, data: dict[Any, Any], request: gr.Request) -> AsyncIterator[FilmValue]:
        """Play: the film of the controls' settings, as it grows."""
        with told_to_viewer():
            settings = forms.read(Generate, self.parts.fields, data)
            model = networks.model_for(data[self.parts.network], data[self.context.own_model])
            settings = film_requests.possible(settings, model, self.context.models)
            wish = forms.read(RemoveNoise, {"compute": self.parts.compute}, data).compute
            async for value in self._film(settings, model, wish, request):
                yield value

    async def take_over(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[FilmValue]:
        """The viewer's device cannot compute a film that it was given: the server does."""
        with told_to_viewer():
            settings, model = film_requests.settings_of(event._data, Generate)
            async for value in self._film(settings, model, SERVER, request, trouble_of(event._data)):
                yield value

    async def _film(
        self, settings: Generate, model: str, wish: str, request: gr.Request, why: str = ""
    ) -> AsyncIterator[FilmValue]:
        """The film's values for its player; of one for the viewer's device, the job. why: said before the rest."""
        asked, name, owner = film_requests.film(settings, model), uuid.uuid4().hex[:8], Viewer.of(request).slot("film")
        about = asdict(settings) | {"model": model}
        job = await self.context.devices.job(asked, wish, request, owner, {"settings": about})
        stream = handed_over() if job else self.context.films.stream(asked, owner)
        async for news in stream:
            status = DEVICE_WORKS if job else joined(why, film_status(news, asked))
            value = film_value(news, asked, name, status=status, settings=about, device=job)
            film_requests.note_model(value, asked, self.context.models)
            yield value

    async def take_apart(self, event: gr.EventData, request: gr.Request) -> Updates:
        """The film stands still: what the step on screen did, and which real digit is nearest."""
        parts, told = self.parts, event._data
        try:
            film_request, t = film_requests.asked(told)
            seen = await self.context.films.look(film_request, t, Viewer.of(request).slot("step"))
        except MISTAKES as error:
            return {parts.step: anatomy_to_come(as_sentence(error)), parts.nearest: nearest_to_come()}
        if seen is None:  # the viewer has moved on
            return {parts.step: gr.skip(), parts.nearest: gr.skip()}
        schedule = self.context.films.models.get(film_request.model).schedule
        why = trouble_of(told) if "trouble" in told else ""
        taken_apart = anatomy_value(anatomy(seen, film_request, schedule), film_request.sampler, why)
        return {parts.step: taken_apart, parts.nearest: nearest_value(seen)}

    async def part_ways(
        self, data: Values, event: gr.EventData, request: gr.Request
    ) -> AsyncIterator[FilmRest | FilmValue]:
        """Fork here: six futures of the picture on screen."""
        with told_to_viewer():
            wish = forms.read(RemoveNoise, {"compute": self.parts.compute}, data).compute
            async for value in self._fork(event._data, wish, request):
                yield value

    async def take_over_fork(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[FilmRest | FilmValue]:
        """The viewer's device cannot compute a fork that it was given: the server does."""
        with told_to_viewer():
            async for value in self._fork(event._data, SERVER, request, trouble_of(event._data)):
                yield value

    async def _fork(
        self, payload: object, wish: str, request: gr.Request, why: str = ""
    ) -> AsyncIterator[FilmRest | FilmValue]:
        film_request, t = film_requests.asked(payload)
        async for value in fork_film(self.context, film_request, t, payload, wish, request, why):
            film_requests.note_model(value, film_request, self.context.models)
            yield value

    async def gather(self, data: Values, request: gr.Request) -> AsyncIterator[MapValue]:
        """Gather the crowd, by the network, the digit and the seed of the controls."""
        with told_to_viewer():
            settings = forms.read(Generate, self.parts.fields, data)
            model = networks.model_for(data[self.parts.network], data[self.context.own_model])
            who = networks.name_of(model, self.context.models)
            async for news in self.crowds.gather(settings, model, Viewer.of(request), who):
                yield {"crowd": news}

    def disperse(self, request: gr.Request) -> None:
        """Stop gathering."""
        self.crowds.stop(Viewer.of(request))

    def watch_own(self, data: Values) -> Updates:
        """The viewer wants to watch their own network: this tab, that network, and no more steps than its T."""
        steps = self.parts.fields["steps"]
        return {
            self.parts.network: networks.OWN,
            steps: self._steps_for(data[self.context.own_model], data[steps]),
        }

    def fit_steps(self, data: Values) -> gr.Slider:
        """Another network was chosen: no more steps than its T."""
        own = data[self.parts.network] == networks.OWN
        return self._steps_for(data[self.context.own_model] if own else PRETRAINED, data[self.parts.fields["steps"]])

    def fit_own(self, data: Values) -> gr.Slider:
        """The viewer has another network of their own: if it is the one that is chosen, no more steps than its T."""
        return self.fit_steps(data) if data[self.parts.network] == networks.OWN else gr.skip()

    def _steps_for(self, model: str | None, steps: object) -> gr.Slider:
        """The control of the number of steps for this model; it stays as it is for one that is not held."""
        models = self.context.models
        if model not in BUILT_IN and not (model and models.holds(model)):
            return gr.skip()
        T = models.schedule_of(model).T
        return gr.Slider(maximum=T, value=min(steps, T) if isinstance(steps, int | float) else gr.skip())

    def halt(self, request: gr.Request) -> None:
        """Stop."""
        self.context.films.stop(Viewer.of(request).slot("film"))


def generator(films: FilmSource, readers: Readers) -> Callable[[Generate, gr.Request], Awaitable[dict[str, Any]]]:
    """The endpoint /generate, with this source of films."""

    async def generate(settings: Generate, request: gr.Request) -> dict[str, Any]:
        """Make digits out of noise with the pretrained network.

        label: 10 for any digit; guidance: 1 is the plain network; eta: for ddim only. Returns images, each 28 rows of
        28 grey levels 0 to 255, and their labels.
        """
        settings = film_requests.possible(settings, PRETRAINED, films.models)
        film_request = film_requests.film(settings, PRETRAINED)
        film = films.stream(film_request, owner=uuid.uuid4().hex)
        images = await readers.answer(request.session_hash, finished(film))
        return {"images": images.tolist(), "labels": list(film_request.labels)}

    return generate
