"""News of a film for its player."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from explorer.core.sentences import Sentence
from explorer.data.digit_map import places_of, whole_numbers
from explorer.data.pixels import to_base64
from explorer.page.payloads import shared_texts as say
from explorer.page.payloads.texts import told
from explorer.serving.film import STRIPS
from explorer.serving.film_news import Ended, FilmNews, Frames, Queued
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import PERFECT
from explorer.widgets.device_job import DeviceJob
from explorer.widgets.film import FilmValue, Strip


class FramesValue(TypedDict):
    """The frames among a film's news, as in FilmValue and LeapsNews."""

    start: int
    count: int
    total: int
    t: list[int]
    data: str


def film_value(
    news: FilmNews,
    request: FilmRequest,
    run: str,
    strips: Sequence[Strip] = STRIPS,
    *,
    status: str = "",
    settings: Mapping[str, Any] | None = None,
    device: DeviceJob | None = None,
) -> FilmValue:
    """A film's news for the player: only the strips that it shows, as base64 of uint8 (frames, strips, pictures, 28,
    28).

    status: in place of `film_status`; settings: what the film was made with, for a player that may ask about it;
    device: a job for the viewer's device, which makes all other news of the film.
    """
    value: FilmValue = {
        "run": run,
        "n": request.pictures,
        "w": 28,
        "h": 28,
        "strips": list(strips),
        **frames_value(news, strips),
        "done": isinstance(news, Ended),
        "status": told(status or film_status(news, request)),
        "seconds": round(seconds_of(news), 2),
        "labels": list(request.labels),
    }
    if isinstance(news, Frames) and "x0_hat" not in strips:
        value["places"] = guess_places(news)
    if settings is not None:
        value["settings"] = dict(settings)
    if device is not None:
        value |= {"by_device": True, "device": device}
    return value


def frames_value(news: FilmNews, strips: Sequence[Strip]) -> FramesValue:
    """The frames among the news, with these strips; none in news of another kind."""
    if not isinstance(news, Frames):
        return {"start": 0, "count": 0, "total": 0, "t": [], "data": ""}
    return {
        "start": news.start,
        "count": len(news.t),
        "total": news.total,
        "t": list(news.t),
        "data": to_base64(news.pixels[:, [STRIPS.index(name) for name in strips]]),
    }


def guess_places(frames: Frames) -> str:
    """Where x0_hat of each frame and picture lies on the map, for a player that is not sent x0_hat itself: base64 of
    int16 (frames, pictures, 2).
    """
    return to_base64(whole_numbers(places_of(frames.pixels[:, STRIPS.index("x0_hat")])))


def seconds_of(news: FilmNews) -> float:
    """The seconds since the film's first step."""
    return 0.0 if isinstance(news, Queued) else news.seconds


def waits_or_stopped(news: FilmNews) -> bool:
    """Whether there is more to say of a film than that it is being made, or is there."""
    return (isinstance(news, Queued) and news.ahead > 0) or (isinstance(news, Ended) and news.stopped)


def film_status(news: FilmNews, request: FilmRequest) -> str:
    """One sentence on how the film stands."""
    match news:
        case Queued(ahead=ahead) if ahead:
            begins, ends = max(1, round(news.wait)), max(1, round(news.ends))
            if ahead == 1:
                return Sentence(
                    "The server is busy: your film begins in about {0} s, after 1 other, and ends in about {1} s.",
                    begins,
                    ends,
                )
            return Sentence(
                "The server is busy: your film begins in about {0} s, after {1} others, and ends in about {2} s.",
                begins,
                ahead,
                ends,
            )
        case Ended(stopped=True):
            return say.STOPPED
        case Ended():
            if request.model == PERFECT:
                return Sentence("Done: {0} perfect guesses a picture, {1} s.", request.steps, f"{news.seconds:.1f}")
            if request.steps == 1:
                return Sentence(say.DONE_ONE, f"{news.seconds:.1f}")
            return Sentence(say.DONE_MANY, request.steps, f"{news.seconds:.1f}")
        case _:
            if request.model == PERFECT:
                return "The perfect guesser is computing, step by step: an average of 10,000 digits at each."
            return "The network is computing, step by step."
