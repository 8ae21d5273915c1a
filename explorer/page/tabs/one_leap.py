"""One leap or many: the same noise by few and by many evaluations, and why a single guess is blurred."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import asdict, replace

import gradio as gr

from explorer.page import film_requests, forms, networks
from explorer.page.computing import SERVER
from explorer.page.device_films import chooser, handed_over, stopping, trouble_of
from explorer.page.events import AT_ONCE, RESTART, Updates, Values, told_to_viewer
from explorer.page.likeness import likeness
from explorer.page.map_files import map_value
from explorer.page.payloads.device_jobs import Wanted
from explorer.page.payloads.films import film_status, film_value
from explorer.page.payloads.futures import futures_to_come, futures_value
from explorer.page.payloads.races import leap_sentence, race_value
from explorer.page.payloads.texts import DEVICE_WORKS, as_sentence, joined, told
from explorer.page.race_film import race_film
from explorer.page.settings import ALL_DIGITS, Futures, OneLeap
from explorer.page.states import state
from explorer.page.tab_part import PageContext, TabPart
from explorer.page.viewer import Viewer
from explorer.serving.film_news import Ended, Frames
from explorer.serving.viewers import FilmGroup, FilmsByViewer
from explorer.validation import InvalidSetting, SettingValue, checked
from explorer.widgets import DigitMap, FilmPlayer, Leaps, Tiles, Words
from explorer.widgets.film import Strip
from explorer.widgets.leaps import LeapsValue
from explorer.widgets.map import MapView
from explorer.widgets.words import WordsValue

INTRO = (
    "**Compare the columns.** All start from the same noise; they differ in how often the network may look again. "
    "*How many looks does a clean digit need?*"
)
WHY = (
    "One look must answer for every digit that this noise could become, so it answers with their average: a blur. A "
    "small step commits to little, and the next look "
    "starts from a picture in which more is decided."
)
TASK_A = (
    "**Is it only untrained for that?** The first column is by a network like the Train tab's, which spent as many "
    "steps as a minute has there on t = T alone: one step is all that it ever does. *Change the seed: what changes in "
    "its picture?* Train one yourself (in Train, *Which t are trained*), and the column is yours."
)
A_LEAP_THAT_WORKS = (
    "**A leap that works** is that of a student of the walker. It was shown for each noise the one picture in which "
    "the walk by DDIM ends, so there is nothing left to average. *Bet: could it have learnt that without the walker?*"
)
OURS = (
    "A network that answers with ε alone needs an answer that exact, or its leap breaks into black and white. Ours "
    "estimates a mixture of picture and noise inside, from which ε̂ is computed, "
    "so its leap is only blurred. Start from a smaller t and the leap gets better: less is left to guess."
)
OVER = "Drag the bar: at each t you see what every column held. Few looks are quick, and stand still in between."
MANY = (
    "## Many futures\nOne noisy picture, completed eight times with other fresh noise. *Compare the average of all "
    "eight with the network's one guess.*"
)
STRIPS: tuple[Strip, ...] = ("x_t",)
TAB = "leap"  # this tab's id
TILES = "futures-tiles"
MAPS: tuple[MapView, ...] = ("leaps", "futures")


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the tab out."""
    gr.Markdown(INTRO, elem_classes="intro")
    part = _race(context)
    gr.Markdown(MANY)
    _futures(context)
    return part


def _race(context: PageContext) -> TabPart:
    engine = context.films
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            with gr.Row(equal_height=True):
                play = gr.Button("▶ Play", variant="primary", elem_id="leap-play", min_width=80)
                stop = gr.Button("■ Stop", elem_id="leap-stop", min_width=80)
                everyone = gr.Button("All ten digits", elem_id="leap-all", min_width=80)
            race = Leaps(value=resting(), elem_id="leaps")
            digit_map = DigitMap(value=map_value(TAB, MAPS), elem_id="leap-map")
            gr.Markdown(WHY)
            gr.Markdown(TASK_A)
            gr.Markdown(A_LEAP_THAT_WORKS)
            why = Words(value=reason(context, OneLeap().t), elem_id="leap-why")
        with gr.Column(scale=2, min_width=300, elem_classes="aside"):
            fields = forms.build(OneLeap, "leap")
            compute = chooser(OneLeap, "leap", context.compute, offered=context.devices.offered)

    races: FilmsByViewer[FilmGroup] = FilmsByViewer()

    async def run(data: Values, request: gr.Request) -> AsyncIterator[LeapsValue]:
        with told_to_viewer():
            settings = forms.read(OneLeap, {**fields, "compute": compute}, data)
            model = networks.model_for(settings.network, data[context.own_model])
            own = data[context.own_model]
            async for value in race_film(context, races, settings, model, request, OVER, own=own):
                yield value

    async def take_over(event: gr.EventData, request: gr.Request) -> AsyncIterator[LeapsValue]:
        """The viewer's device cannot compute a race that it was given: the server does."""
        with told_to_viewer():
            settings, model = film_requests.settings_of(event._data, OneLeap)
            settings, why = replace(settings, compute=SERVER), trouble_of(event._data)
            async for value in race_film(context, races, settings, model, request, OVER, why):
                yield value

    def halt(request: gr.Request) -> None:
        for k in range(film_requests.MOST_COLUMNS):
            engine.stop(Viewer.of(request).slot(f"leap {k}"))

    inputs: set[gr.blocks.Block] = {*fields.values(), compute, context.own_model}
    key = context.bar.pressed
    gr.on([play.click, key("leap_play")], run, inputs, race, **RESTART)
    race.begin(run, inputs, race, **RESTART)
    gr.on([stop.click, key("leap_stop")], halt, None, None, **AT_ONCE)
    everybody = [everyone.click, key("leap_all")]
    gr.on(everybody, lambda: ALL_DIGITS, None, fields["digits"], **RESTART).then(run, inputs, race, **RESTART)
    race.take_over(take_over, None, race, **RESTART)
    for halted in (stop.click, key("leap_stop")):
        halted(None, None, None, js=stopping("leaps"))
    fields["t"].change(lambda t: reason(context, t), fields["t"], why, **RESTART)
    controls: dict[str, gr.blocks.Block] = {**fields, "compute": compute}

    def restore(values: dict[str, SettingValue]) -> Updates:
        return {race: resting(), digit_map: map_value(TAB, MAPS, values["map"])}

    return TabPart(controls, restore, {race, digit_map})


def resting() -> LeapsValue:
    """The columns before the first race; they ask for one by themselves."""
    return {**race_value(film_requests.race(OneLeap()), ""), "begin": "when seen"}


def reason(context: PageContext, t: object) -> WordsValue:
    """Why the leap from t is hard under the model's schedule, with the number."""
    try:
        chosen = checked(OneLeap, {"t": t}).t
    except InvalidSetting as error:
        return {"sentence": told(as_sentence(error))}
    return {"sentence": told(joined(leap_sentence(context.models.pretrained_schedule(), chosen), OURS))}


def _futures(context: PageContext) -> None:
    engine, first = context.films, Futures()
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            film = FilmPlayer(
                value={"n": film_requests.FUTURES, "strips": list(STRIPS), "T": first.t, "begin": "when seen"},
                elem_id="futures",
                server_functions=[likeness],
            )
        with gr.Column(scale=4, min_width=340):
            fields = forms.build(Futures, "futures")
            with gr.Row():
                go = gr.Button("Complete it eight times", variant="primary", elem_id="futures-go", min_width=80)
                again = gr.Button("Another one", elem_id="futures-again", min_width=80)
            tiles = Tiles(value={"tiles": [], "sentence": ""}, elem_id=TILES)
    seed = state("futures-seed", first.seed)
    said = {**fields, "seed": seed}
    inputs: set[gr.blocks.Block] = {*said.values(), context.compute}

    async def complete(settings: Futures, wish: str, request: gr.Request, why: str = "") -> AsyncIterator[Updates]:
        wanted, name, owner = film_requests.futures(settings), uuid.uuid4().hex[:8], Viewer.of(request).slot("futures")
        heard = Wanted(STRIPS, places=True, ending=futures_to_come(wanted, TILES))
        again = {"settings": asdict(settings) | {"model": wanted.model}}
        job = await context.devices.job(wanted, wish, request, owner, again, heard)
        x_t = x0_hat = ends = None
        async for news in handed_over() if job else engine.stream(wanted, owner):
            if isinstance(news, Frames):
                if x_t is None:
                    x_t, x0_hat = news.pixels[0, :2, 0]
                ends = news.pixels[-1, 0]
            status = DEVICE_WORKS if job else joined(why, film_status(news, wanted))
            shown: Updates = {film: film_value(news, wanted, name, STRIPS, status=status, device=job)}
            if x_t is not None and x0_hat is not None:
                whole = isinstance(news, Ended) and not news.stopped
                shown[tiles] = futures_value(wanted, x_t, x0_hat, ends if whole else None)
            yield shown

    async def run(data: Values, request: gr.Request) -> AsyncIterator[Updates]:
        with told_to_viewer():
            async for shown in complete(forms.read(Futures, said, data), data[context.compute], request):
                yield shown

    async def take_over(event: gr.EventData, request: gr.Request) -> AsyncIterator[Updates]:
        """The viewer's device cannot compute futures that it was given: the server does."""
        with told_to_viewer():
            settings, _ = film_requests.settings_of(event._data, Futures)
            async for shown in complete(settings, SERVER, request, trouble_of(event._data)):
                yield shown

    key = context.bar.pressed
    gr.on([go.click, key("futures_go")], run, inputs, [film, tiles], **RESTART)
    film.begin(run, inputs, [film, tiles], **RESTART)
    film.take_over(take_over, None, [film, tiles], **RESTART)
    once_more = [again.click, key("futures_again")]
    gr.on(once_more, lambda number: number + 1, seed, seed, **RESTART).then(run, inputs, [film, tiles], **RESTART)
