"""What the page as one file knows instead of asking: tables, texts and constants of the same Python that answers on a
server. Plain JSON; widgets/offline/facts.js is where it arrives.
"""

from __future__ import annotations

import gzip
from typing import Any, TypedDict, cast

import numpy as np

from explorer.data import digits, pictures
from explorer.data.nearest_digits import VOTES, usual_distance
from explorer.demos import noising
from explorer.device.formulas import Formula, formulas
from explorer.page import film_requests
from explorer.page.map_files import map_value
from explorer.page.offline.layout import plain
from explorer.page.payloads.noising import alpha_bar_figure, desk_value
from explorer.page.payloads.texts import DEVICE_WORKS, told
from explorer.page.settings import AddNoise
from explorer.page.tabs import one_leap, remove_noise, train
from explorer.serving import film_course
from explorer.serving.model_store import ModelStore
from explorer.validation import Choice, rules
from explorer.widgets.map import MapValue

# Why a device could not compute, where nobody else can take over; see page.device_films.TROUBLES.
TROUBLES = {
    "unable": "This browser cannot compute by itself: a newer one can.",
    "fetch": "The network in this file is damaged: get the file again.",
    "memory": "Your device has not enough memory: close other pages and try again.",
    "died": "Your device broke off: try again.",
}
MAPS = {remove_noise.TAB: remove_noise.MAPS, one_leap.TAB: one_leap.MAPS, train.TAB: train.MAPS}
LEVEL = 6  # of gzip: the highest makes the file a hundredth smaller, and takes four times as long
DIGITS = 9  # significant ones of a table's numbers: more than a picture of 256 grey levels shows
OF_THE_SCENE = ("x_0", "eps", "label", "caption", "link", "t")  # what a desk's value says of its picture
PRETRAINED = "explorer-models/pretrained.bin"  # where the network lies in the file


class Facts(TypedDict):
    """rules: signal and noise by kind and T. desks, figures: by schedule and T. alpha_bar: of the pretrained network's
    schedule, float64.
    """

    rules: dict[str, dict[int, dict[str, list[float]]]]
    desks: dict[str, dict[int, dict[str, Any]]]
    figures: dict[str, dict[int, dict[str, Any]]]
    pictures: dict[str, Any]
    formulas: dict[str, Formula]
    alpha_bar: list[float]
    films: dict[str, Any]
    maps: dict[str, MapValue]
    troubles: dict[str, str]
    working: str
    likeness: dict[str, Any]


def short(numbers: Any) -> list[float]:  # noqa: ANN401 # a tensor or what is like one
    """As many digits as can be seen."""
    return [float(f"{number:.{DIGITS}g}") for number in numbers.tolist()]


def facts(models: ModelStore) -> Facts:
    """All of it."""
    first = pictures.digit(0, 0)
    made: Facts = {
        "rules": {},
        "desks": {},
        "figures": {},
        "pictures": {
            "digit": told(first.caption)["text"],  # type: ignore[index] # a Sentence with values
            "drawn": pictures.found(np.zeros((28, 28), np.uint8)).caption,
            "none": {name: plain(pictures.no_digit(name)) for name in pictures.NO_DIGITS},
        },
        "formulas": formulas(),
        "alpha_bar": models.pretrained_schedule().alpha_bar.tolist(),
        "films": film_facts(),
        "maps": {tab: map_value(tab, views) for tab, views in MAPS.items()},
        "troubles": TROUBLES,
        "working": DEVICE_WORKS,
        "likeness": {"votes": VOTES, "usual": list(usual_distance())},
    }
    offered = rules(AddNoise)
    kinds, lengths = cast("Choice[str]", offered["schedule"]), cast("Choice[int]", offered["T"])
    for kind in kinds.options:
        made["desks"][kind], made["figures"][kind] = {}, {}
        for T in lengths.options:
            scene = noising.scene(first, 0, kind, T)
            for name, table in scene.schedules.items():
                own = made["rules"].setdefault(name, {})
                own[T] = {"signal": short(table.signal), "noise": short(table.noise)}
            desk = {name: value for name, value in desk_value(scene, 0).items() if name not in OF_THE_SCENE}
            made["desks"][kind][T] = desk | {"schedules": [*scene.schedules]}
            figure = alpha_bar_figure(scene.schedules, 0).to_plotly_json()
            made["figures"][kind][T] = {"data": dots(figure["data"]), "layout": figure["layout"]["title"]["text"]}
    return made


def dots(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A figure's traces, without the lines' points: these are in `rules`."""
    return [{"name": trace["name"], "mode": trace["mode"]} for trace in traces]


def film_facts() -> dict[str, Any]:
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
    }


def digit_files() -> dict[str, bytes]:
    """The bundled digits, gzipped: their pixels, and their labels."""
    data = digits.bundled()
    return {
        "digits.bin": gzip.compress(data.pixels.tobytes(), LEVEL, mtime=0),
        "labels.bin": gzip.compress(data.labels.astype(np.uint8).tobytes(), LEVEL, mtime=0),
    }
