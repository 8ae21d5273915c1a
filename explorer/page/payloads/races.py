"""One leap or many: the race of the columns, and why a leap is hard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from explorer.core.schedule import NoiseSchedule
from explorer.core.sentences import Sentence
from explorer.data.pixels import to_base64
from explorer.page.payloads.films import film_status, frames_value, guess_places, seconds_of, waits_or_stopped
from explorer.page.payloads.texts import DEVICE_WORKS, told
from explorer.serving.film import STRIPS
from explorer.serving.film_news import Ended, FilmNews, Frames
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import PERFECT, TAUGHT, UNTAUGHT
from explorer.widgets.base import Told
from explorer.widgets.device_job import DeviceJob
from explorer.widgets.leaps import LeapsEnd, LeapsNews, LeapsValue

OF_A_LEAPER = {TAUGHT: "call, taught to leap", UNTAUGHT: "call, trained for T alone"}


def race_value(
    requests: Sequence[FilmRequest],
    run: str,
    news: Sequence[tuple[int, FilmNews]] = (),
    status: str = "",
    *,
    drawer: str = "",
) -> LeapsValue:
    """News for the Leaps, each with its column; without any, what stands there before the first. drawer: whose race it
    is, where it is not the pretrained network's.
    """
    waiting = [film_status(item, requests[column]) for column, item in news if waits_or_stopped(item)]
    return {
        "run": run,
        "columns": [request.steps for request in requests],
        "captions": [_caption(request, requests[-1].model) for request in requests],
        "drawer": told(drawer),
        "t_start": requests[-1].steps,  # the last column takes every step
        "n": requests[0].pictures,
        "news": [_of_column(column, item) for column, item in news],
        "status": told(waiting[-1] if waiting else status),
    }


def _of_column(column: int, news: FilmNews) -> LeapsNews:
    value: LeapsNews = {
        "column": column,
        **frames_value(news, ["x_t"]),
        "done": isinstance(news, Ended),
        "seconds": round(seconds_of(news), 3),
    }
    if isinstance(news, Frames):
        value["places"] = guess_places(news)
    return value


def _caption(request: FilmRequest, of_the_race: str) -> Told:
    """What stands below a column's number."""
    if request.model == PERFECT:
        return "perfect guess" if request.steps == 1 else "perfect guesses"
    if request.model == of_the_race:
        return "network call" if request.steps == 1 else "network calls"
    return OF_A_LEAPER.get(request.model, "call, yours for T alone")


def race_end_value(
    requests: Sequence[FilmRequest], run: str, last: Mapping[int, Frames], status: str, *, drawer: str = ""
) -> LeapsValue:
    """The last value of a race: what each column ends in, once more. `last`: each column's last frames, where it has
    any; drawer: as in `race_value`.
    """
    columns = [last.get(column) for column in range(len(requests))]
    value = race_value(requests, run, status=status, drawer=drawer)
    value["ends"] = [None if frames is None else _end(frames) for frames in columns]
    return value


def race_on_device(
    requests: Sequence[FilmRequest], run: str, jobs: Sequence[DeviceJob], over: str, *, drawer: str = ""
) -> LeapsValue:
    """The only value of a race that the viewer's device computes; over: what is said when all columns have ended."""
    value = race_value(requests, run, status=DEVICE_WORKS, drawer=drawer)
    value["device"], value["over"] = list(jobs), told(over)
    return value


def _end(frames: Frames) -> LeapsEnd:
    picture, last = frames.pixels[-1:, STRIPS.index("x_t")], replace(frames, t=frames.t[-1:], pixels=frames.pixels[-1:])
    return {
        "t": frames.t[-1],
        "data": to_base64(picture),
        "places": guess_places(last),
        "seconds": round(frames.seconds, 3),
    }


def leap_sentence(schedule: NoiseSchedule, t: int) -> str:
    """How much of the picture is left at t, and what that does to a single leap."""
    signal = float(schedule.alpha_bar[t].sqrt())
    return Sentence(
        "At t = {0} the picture makes up √ᾱ = {1} of xₜ. To leap, x₀ must be solved from xₜ = √ᾱ x₀ + √(1 − ᾱ) ε: "
        "whatever is wrong in the guessed ε is divided by {1}, so it grows {2}-fold.",
        t,
        f"{signal:.4f}",
        f"{1 / signal:,.0f}",
    )
