"""From checked settings to film requests: what each button of the page asks of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from explorer.core.sampling import NULL_LABEL
from explorer.core.schedule import PAPER_T
from explorer.core.sentences import Sentence
from explorer.data import pictures
from explorer.data.pictures import Picture
from explorer.page import networks
from explorer.page.payloads.texts import told
from explorer.page.settings import ALL_ANY, ALL_DIGITS, Futures, Generate, OneLeap, Question
from explorer.serving.film_request import FilmRequest, usual_steps
from explorer.serving.model_store import PRETRAINED, ModelStore, UnknownModel
from explorer.validation import InvalidSetting, Settings, checked, rules
from explorer.widgets.film import FilmRest, FilmValue

FORKS = 6  # futures of a fork in the road
FUTURES = 8  # of one x_t in One leap or many
FUTURE_STEPS = 100
RESCUE_STEPS = 200
EVALUATIONS = (1, 5, 20, 100)  # the columns of the race; the last one takes every step
MOST_COLUMNS = len(EVALUATIONS) + 1 + 2  # every step, and the two that may leap


def film(settings: Generate, model: str) -> FilmRequest:
    """The film of Remove noise's settings."""
    return FilmRequest.grid(
        settings.pictures,
        settings.label,
        settings.seed,
        model=model,
        sampler=settings.sampler,
        steps=settings.steps,
        guidance=settings.guidance,
        eta=settings.eta,
    )


def possible(settings: Generate, model: str, models: ModelStore) -> Generate:
    """The settings for this model: where nobody has asked for a number of steps, one with fewer takes those it has."""
    with suppress(UnknownModel):  # which is told once its film is asked for
        if settings.steps == Generate.steps:
            return replace(settings, steps=usual_steps(models.schedule_of(model).T))
    return settings


def note_model(value: FilmRest | FilmValue, request: FilmRequest, models: ModelStore) -> None:
    """Make a film's value one that says who draws, where it is not the pretrained network, and what its model has
    learnt, where the film asks for something else.
    """
    if who := networks.drawer(request.model, models):
        value["drawer"], value["tag"] = told(who.name), who.tag
    known = models.learnt_by(request.model)
    if not {*request.labels} <= {*known, NULL_LABEL}:
        value["learnt"] = list(known)


def settings_of(payload: object, kind: type[Settings]) -> tuple[Settings, str]:
    """The settings of a film or a race, and its model's name, as its player's events carry them: see FilmQuestion and
    TakeOver. Raises InvalidSetting for what no player sends.
    """
    settings = payload.get("settings") if isinstance(payload, Mapping) else None
    model = settings.get("model") if isinstance(settings, Mapping) else None
    if not isinstance(settings, Mapping) or not isinstance(model, str):
        raise InvalidSetting("a question about a step must come with the film's settings")
    return checked(kind, {name: value for name, value in settings.items() if name != "model"}), model


def asked(payload: object) -> tuple[FilmRequest, int]:
    """The single picture, and the t, that a film's player asks about. Raises InvalidSetting for what no player sends.

    payload: {"settings": Remove noise's settings and "model", "t": int, "picture": int}.
    """
    whole = film(*settings_of(payload, Generate))
    told = payload if isinstance(payload, Mapping) else {}
    place = checked(Question, {name: told.get(name) for name in rules(Question)})
    if place.picture >= whole.pictures:
        raise InvalidSetting(Sentence("the picture's number must be below {0}", whole.pictures))
    return whole.alone(place.picture), place.t


def fork(request: FilmRequest, t: int, futures: int = FORKS) -> FilmRequest:
    """The futures of a film's x_t: the same picture at t, other fresh noise from there on."""
    return replace(request, fork_t=t, fork_seeds=tuple(request.seeds[0] + 10**9 * (k + 1) for k in range(futures)))


def rescue(original: Picture, t: int, seed: int) -> FilmRequest:
    """Noise a picture to t, and let the network walk back without being told what it was."""
    return FilmRequest((seed,), (NULL_LABEL,), steps=min(t, RESCUE_STEPS), x_0=original.grey, t_start=t)


def race(
    settings: OneLeap, model: str = PRETRAINED, T: int = PAPER_T, leapers: Sequence[str] = ()
) -> list[FilmRequest]:
    """One request for each column: the same beginning, with few and with many evaluations. T: the model's; a t beyond
    it is its T. leapers: models that leap from T in one step; from there, the first columns are theirs.
    """
    chosen, seed, t = settings.digits, settings.seed, min(settings.t, T)
    rows = 10 if chosen in (ALL_DIGITS, ALL_ANY) else 1
    shown = tuple(range(10)) if rows == 10 else (seed % 10 if chosen == "any" else int(chosen),)
    labels = (NULL_LABEL,) * rows if chosen in ("any", ALL_ANY) else shown
    start: dict[str, Any] = (
        {} if t == T else {"x_0": b"".join(pictures.digit(label, seed).grey for label in shown), "t_start": t}
    )
    counts = [count for count in EVALUATIONS if count < t] + [t]
    columns = [
        FilmRequest(
            tuple(range(seed, seed + rows)), labels, sampler=settings.sampler, steps=count, model=model, **start
        )
        for count in counts
    ]
    leaps = [replace(columns[0], steps=1, model=name) for name in leapers if name != model] if t == T else []
    return [*leaps, *columns]


def futures(settings: Futures) -> FilmRequest:
    """Eight ways to complete one x_t: a real digit noised to t, or pure noise at t = T."""
    t = settings.t
    start: dict[str, Any] = (
        {} if t == PAPER_T else {"x_0": pictures.digit(settings.label, settings.seed).grey, "t_start": t}
    )
    return fork(
        FilmRequest((settings.seed,), (NULL_LABEL,), steps=min(t, FUTURE_STEPS), model=PRETRAINED, **start),
        t,
        FUTURES,
    )
