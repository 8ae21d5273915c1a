"""The race of the columns, as its player sees it: computed by the server, or by the viewer's device."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import asdict

import gradio as gr

from explorer.core.sentences import joined
from explorer.page import film_requests, networks
from explorer.page.payloads.device_jobs import Wanted
from explorer.page.payloads.races import race_end_value, race_on_device, race_value
from explorer.page.settings import OneLeap
from explorer.page.tab_part import PageContext
from explorer.page.viewer import Viewer
from explorer.serving.film_news import Ended, Frames
from explorer.serving.model_store import BUILT_IN, PRETRAINED, TAUGHT, UNTAUGHT
from explorer.serving.streams import together, until
from explorer.serving.viewers import FilmGroup, FilmsByViewer
from explorer.widgets.leaps import LeapsValue

# Between two values for the page: each costs it tens of milliseconds, however much is in it, and columns are many.
PAUSE_SECONDS = 0.2
WANTED = Wanted(("x_t",), places=True)


async def race_film(
    context: PageContext,
    races: FilmsByViewer[FilmGroup],
    settings: OneLeap,
    model: str,
    request: gr.Request,
    over: str,
    why: str = "",
    *,
    own: str | None = None,
) -> AsyncIterator[LeapsValue]:
    """The player's values for a race of this model; of one for the viewer's device, the jobs alone.

    races: those that are being watched. over: what is said when it has ended; why: said before all else.
    own: the viewer's own model; trained for T alone it has a column, and then the server makes the race. The columns
    of the shipped models that leap are the server's: a race by the viewer's device has none.
    """
    T = steps_of(context, model)
    columns = film_requests.race(settings, model, T, context.models.leapers(own, T))
    viewer, name, stopped = Viewer.of(request), uuid.uuid4().hex[:8], False
    owners = [viewer.slot(f"leap {k}") for k in range(len(columns))]
    drawer = networks.name_of(model, context.models)
    again = {"settings": asdict(settings) | {"model": model}}
    of_one = [column for column in columns if column.model == model]
    ours = all(column.model in (model, TAUGHT, UNTAUGHT) for column in columns)
    jobs = await context.devices.jobs(of_one, settings.compute, request, owners, again, WANTED) if ours else []
    if jobs:
        yield race_on_device(of_one, name, jobs, over, drawer=drawer)
        return
    last: dict[int, Frames] = {}
    async with races.turn(viewer.key, FilmGroup) as films:
        streams = together(
            [context.films.stream(column, owner) for column, owner in zip(columns, owners)], PAUSE_SECONDS
        )
        async for news in until(lambda: films.over, films.changed, streams):
            last |= {column: item for column, item in news if isinstance(item, Frames)}
            stopped |= any(isinstance(item, Ended) and item.stopped for _, item in news)
            yield race_value(columns, name, news, why, drawer=drawer)
        if not films.cancelled:  # else a word from this race could cover one from the next
            yield race_end_value(columns, name, last, "" if stopped else joined(why, over), drawer=drawer)


def steps_of(context: PageContext, model: str) -> int:
    """T of a model; the pretrained one's for a model that is no longer held, which is told once its films are asked
    for.
    """
    known = model in BUILT_IN or context.models.holds(model)
    return context.models.schedule_of(model if known else PRETRAINED).T
