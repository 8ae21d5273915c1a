"""What the page as one file knows instead of asking: tables, texts and constants of the same Python that answers on a
server. Plain JSON; widgets/offline/facts.js is where it arrives.
"""

from __future__ import annotations

from typing import Any, TypedDict, cast

import torch

from explorer.core.sampling import NULL_LABEL
from explorer.core.sentences import Sentence
from explorer.data import normalise, pictures, strokes
from explorer.data.nearest_digits import VOTES, usual_distance
from explorer.demos import noising, two_ways
from explorer.device.formulas import Formula, formulas
from explorer.device.tables import estimate
from explorer.page import crowd, film_requests, networks
from explorer.page.futures_film import FORK_STRIPS, NO_FORK
from explorer.page.map_files import map_value
from explorer.page.offline import missing
from explorer.page.offline.layout import plain
from explorer.page.payloads.device_jobs import plane
from explorer.page.payloads.films import film_status
from explorer.page.payloads.futures import fork_status, futures_to_come
from explorer.page.payloads.guesses import guess_value
from explorer.page.payloads.nearest import nearest_to_come
from explorer.page.payloads.noising import VARIANCES, alpha_bar_figure, desk_value
from explorer.page.payloads.races import leap_sentence, race_value
from explorer.page.payloads.rescues import BETS
from explorer.page.payloads.steps import anatomy_to_come
from explorer.page.payloads.texts import DEVICE_WORKS, joined, sentence_of, told
from explorer.page.rescue_film import Rescued
from explorer.page.settings import ALL_ANY, ALL_DIGITS, AddNoise, Futures, Generate
from explorer.page.tabs import one_leap, remove_noise, train
from explorer.serving import film_course
from explorer.serving.film_news import Ended, Queued
from explorer.serving.guess import TIMES
from explorer.serving.model_store import PERFECT, ModelStore
from explorer.serving.model_store import PRETRAINED as MODEL
from explorer.validation import Choice, InvalidSetting, rules
from explorer.widgets.base import Told
from explorer.widgets.device_job import Plane
from explorer.widgets.map import MapValue
from explorer.widgets.tiles import TilesValue

# Why a device could not compute, where nobody else can take over; see page.device_films.TROUBLES.
TROUBLES = {
    "unable": "This browser cannot compute by itself: a newer one can.",
    "fetch": "The network in this file is damaged: get the file again.",
    "memory": "Your device has not enough memory: close other pages and try again.",
    "died": "Your device broke off: try again.",
}
MAPS = {remove_noise.TAB: remove_noise.MAPS, one_leap.TAB: one_leap.MAPS, train.TAB: train.MAPS}
A_STROKE = {"pen": 0.1, "strokes": [[[0.5, 0.2], [0.5, 0.8]]]}  # any drawing, for what is said of one
DIGITS = 9  # significant ones of a table's numbers: more than a picture of 256 grey levels shows
OF_THE_DESK = ("x_0", "eps", "label", "caption", "link", "t")  # what a desk's value says of its picture
OF_THE_SCENE = ("x_0", "eps", "caption", "link", "key", "start")  # the same of the guessing game
PRETRAINED = "explorer-models/pretrained.bin"  # where the network lies in the file
PERFECT_FILE = "explorer-models/perfect.bin"  # and the perfect guesser, without its digits


class PerfectFacts(TypedDict):
    """The perfect guesser, where it makes films. drawer, tag: see networks.Drawer. done: what is said of a film of its,
    with places for guesses and seconds. captions: of a column of a race, of one guess and of more. model: its name;
    file: where it lies in the file, without its digits.
    """

    drawer: Told
    tag: str
    done: str
    captions: list[Told]
    model: str
    file: str


class TabFacts(TypedDict):
    """What the tabs that ask the network show beside its answers, with places where the answers come in."""

    guess: dict[str, Any]
    rescue: dict[str, Any]
    step: TilesValue
    nearest: TilesValue
    fork: dict[str, Any]
    leap: dict[str, Any]
    futures: dict[str, Any]


class Facts(TabFacts):
    """rules: signal and noise by kind and T, and of each single step. desks, figures: by schedule and T. alpha_bar: of
    the pretrained network's schedule, float64.
    """

    rules: dict[str, dict[int, dict[str, Any]]]
    desks: dict[str, dict[int, dict[str, Any]]]
    figures: dict[str, dict[int, dict[str, Any]]]
    pictures: dict[str, Any]
    formulas: dict[str, Formula]
    alpha_bar: list[float]
    films: dict[str, Any]
    maps: dict[str, MapValue]
    troubles: dict[str, str]
    working: str
    drawing: dict[str, Any]
    plane: Plane
    links: dict[str, Any]
    likeness: dict[str, Any]
    two_ways: dict[str, Any]


def short(numbers: Any) -> list[float]:  # noqa: ANN401 # a tensor or what is like one
    """As many digits as can be seen."""
    return [float(f"{number:.{DIGITS}g}") for number in numbers.tolist()]


def facts(models: ModelStore, links: dict[str, Any]) -> Facts:
    """All of it; links: see link_facts."""
    first = pictures.digit(0, 0)
    made: Facts = {
        "rules": {},
        "desks": {},
        "figures": {},
        "pictures": {
            "digit": told(first.caption)["text"],  # type: ignore[index] # a Sentence with values
            "drawn": pictures.drawn(A_STROKE).caption,
            "traced": missing.TRACED,
            "unreadable": missing.UNREADABLE,
            "none": {name: plain(pictures.no_digit(name)) for name in pictures.NO_DIGITS},
        },
        "formulas": formulas(),
        "alpha_bar": models.pretrained_schedule().alpha_bar.tolist(),
        "films": film_facts(models),
        "maps": {tab: map_value(tab, views) for tab, views in MAPS.items()},
        "troubles": TROUBLES,
        "working": DEVICE_WORKS,
        "drawing": drawing_rules(),
        "plane": plane(),
        "links": links,
        **tab_facts(models),
        "likeness": {"votes": VOTES, "usual": list(usual_distance())},
        "two_ways": two_ways_facts(),
    }
    offered = rules(AddNoise)
    kinds, lengths = cast("Choice[str]", offered["schedule"]), cast("Choice[int]", offered["T"])
    for kind in kinds.options:
        made["desks"][kind], made["figures"][kind] = {}, {}
        for T in lengths.options:
            scene = noising.scene(first, 0, kind, T)
            for name, table in scene.schedules.items():
                own = made["rules"].setdefault(name, {})
                if T not in own:
                    own[T] = rule_facts(table)
            desk = {name: value for name, value in desk_value(scene, 0).items() if name not in OF_THE_DESK}
            made["desks"][kind][T] = desk | {"schedules": [*scene.schedules]}
            figure = alpha_bar_figure(scene.schedules, 0).to_plotly_json()
            made["figures"][kind][T] = {"data": dots(figure["data"]), "layout": figure["layout"]["title"]["text"]}
    return made


def rule_facts(rule: noising.Rule) -> dict[str, Any]:
    """signal, noise: of x_0 and eps in x_t, by t. steps: the same of x_{t-1} and fresh noise in x_t; none at t = 0."""
    one, none = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    steps = [[none, none], *([rule.q_step(one, t, none), rule.q_step(none, t, one)] for t in range(1, rule.T + 1))]
    kept, added = (torch.cat(column) for column in zip(*steps, strict=True))
    return {
        "signal": short(rule.signal),
        "noise": short(rule.noise),
        "steps": {"signal": short(kept), "noise": short(added)},
    }


def two_ways_facts() -> dict[str, Any]:
    """How demos/two_ways.py compares both ways; formulas: what the variance should be, as in noising.VARIANCES."""
    bins = {"from": two_ways.BINS[0], "to": two_ways.BINS[-1], "count": len(two_ways.BINS) - 1}
    return {"stops": two_ways.STOPS, "bins": bins, "formulas": VARIANCES}


def dots(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A figure's traces, without the lines' points: these are in `rules`."""
    return [{"name": trace["name"], "mode": trace["mode"]} for trace in traces]


def drawing_rules() -> dict[str, Any]:
    """How a drawing is made into a picture: the numbers of data.strokes and data.normalise."""
    try:
        pictures.drawn(None)
    except normalise.BadPicture as error:
        empty = told(sentence_of(error))
    return {
        "box": normalise.BOX,
        "centre": normalise.CENTRE,
        "thinnest": normalise.THINNEST,
        "new_thin": normalise.NEW_THIN,
        "thickest": normalise.THICKEST,
        "side": strokes.SIDE,
        "fine": strokes.FINE,
        "curve_step": strokes.CURVE_STEP,
        "max_pieces": strokes.MAX_PIECES,
        "empty": empty,
    }


def film_facts(models: ModelStore) -> dict[str, Any]:
    """What determines films, and is no formula."""
    return {
        "model": PRETRAINED,
        "bytes": film_course.FILM_BYTES,
        "least": film_course.MIN_FRAMES,
        "shown": film_course.SHOWN_STRIPS,
        "evaluations": list(film_requests.EVALUATIONS),
        "forks": film_requests.FORKS,
        "futures": film_requests.FUTURES,
        "future_steps": film_requests.FUTURE_STEPS,
        "rescue_steps": film_requests.RESCUE_STEPS,
        "networks": {"ours": networks.OURS, "own": networks.OWN, "exact": networks.EXACT},
        "crowd": crowd_facts(),
        "no_own": untrained(),
        "perfect": perfect_facts(models),
        "drawers": {"own": drawer_facts(from_file=False), "file": drawer_facts(from_file=True)},
    }


def drawer_facts(*, from_file: bool) -> dict[str, Told]:
    """What is told of a network of one's own that draws: name, tag; after: the same with a place for its steps."""
    who, trained = (networks.own_drawer(steps, from_file=from_file) for steps in (0, 1))
    return {"name": told(who.name), "tag": who.tag, "after": told(trained.name)}


def perfect_facts(models: ModelStore) -> PerfectFacts:
    """What is told of the perfect guesser in a network's place, and where it lies in the file."""
    who = networks.drawer(PERFECT, models)
    asked = [film_requests.film(Generate(steps=steps), PERFECT) for steps in (1, 2)]
    done = film_status(Ended(0.0, stopped=False), asked[1])
    assert who is not None and isinstance(done, Sentence)
    captions = race_value(asked, "")["captions"]
    return {
        "drawer": told(who.name),
        "tag": who.tag,
        "done": done.text,
        "captions": captions,
        "model": PERFECT,
        "file": PERFECT_FILE,
    }


def crowd_facts() -> dict[str, Any]:
    """How a crowd is gathered: as by a server, but of fewer noises."""
    first = crowd.request_of(Generate(), MODEL, crowd.STEPS)
    return {"sampler": first.sampler, "steps": first.steps, "noises": crowd.ALONE, "servers": crowd.CROWD}


def untrained() -> Told:
    """What is told whoever asks for their own network before they have one."""
    try:
        networks.model_for(networks.OWN, None)
    except InvalidSetting as error:
        return told(sentence_of(error))
    raise AssertionError("there is none")


def tab_facts(models: ModelStore) -> TabFacts:
    """By the tabs' parts."""
    schedule, first = models.pretrained_schedule(), pictures.digit(0, 0)
    scene = noising.scene(first, 0, schedule.kind, schedule.T)
    asked = Futures()
    walked = film_requests.futures(asked)
    split = film_requests.fork(film_requests.film(Generate(), MODEL), schedule.T)
    return {
        "guess": {
            "value": {
                name: value for name, value in guess_value(scene, NULL_LABEL, 0).items() if name not in OF_THE_SCENE
            },
            "to_x_0": [list(estimate(schedule, t)) for t in TIMES],
        },
        "rescue": {"before": Rescued(first, 1, 0).before(models), "bets": list(BETS)},
        "step": anatomy_to_come(""),
        "nearest": nearest_to_come(),
        "fork": {
            "strips": list(FORK_STRIPS),
            "none": told(NO_FORK),
            "sentence": told(fork_status(Queued(0, 0.0, 0.0), split)),
        },
        "leap": {
            "resting": one_leap.resting(),
            "all": ALL_DIGITS,
            "all_any": ALL_ANY,
            "over": told(one_leap.OVER),
            "reason": told(joined(leap_sentence(schedule, schedule.T), one_leap.OURS)),
        },
        "futures": {"ending": futures_to_come(walked, one_leap.TILES)},
    }
