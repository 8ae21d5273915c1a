"""What a viewer's device is given to compute."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from explorer.core.schedule import NoiseSchedule
from explorer.data.digit_map import UNIT, shipped
from explorer.data.pixels import to_base64
from explorer.demos.noising import Scene
from explorer.device.tables import estimate, sampler_table
from explorer.serving.film import STRIPS
from explorer.serving.film_course import FilmCourse
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import TIMES
from explorer.widgets.device_job import DeviceJob, FilmEnding, GuessJob, Plane
from explorer.widgets.film import Strip

TABLES = 32  # that are kept, up to 0.3 MB each: a class asks for the same film


@dataclass(frozen=True)
class Wanted:
    """What is to be heard of a film. places: on the map, for where x0_hat is none of the strips."""

    strips: Sequence[Strip] = STRIPS
    places: bool = False
    ending: FilmEnding | None = None


ALL = Wanted()


def device_job(
    request: FilmRequest, schedule: NoiseSchedule, model: str, again: Mapping[str, Any], wanted: Wanted = ALL
) -> DeviceJob:
    """The request, which has been checked, for the device. model: the exported network's address; again: as in
    DeviceJob.
    """
    course = FilmCourse.of(request, schedule.T)
    visited = tuple(t for t, _ in course.path)
    job: DeviceJob = {
        "model": model,
        "strips": list(wanted.strips),
        "n": request.pictures,
        "sampler": request.sampler,
        "table": packed_table(schedule, visited, request.sampler, request.eta, request.guidance),
        "seeds": list(request.seeds),
        "labels": list(request.labels),
        "x_0": base64.b64encode(request.x_0 or b"").decode("ascii"),
        "fork_seeds": list(request.fork_seeds),
        "first": course.first,
        "stride": course.stride,
        "total": course.total,
        "again": dict(again),
    }
    if wanted.places:
        job["plane"] = plane()
    if wanted.ending is not None:
        job["ending"] = wanted.ending
    return job


def guess_job(scene: Scene, label: int, schedule: NoiseSchedule, model: str) -> GuessJob:
    """The guesses of a network, whose schedule this is, for a scene at guess.TIMES. label: what it is told; model: the
    exported network's address.
    """
    times = list(TIMES)
    return {
        "model": model,
        "t": times,
        "label": label,
        "x_0": to_base64(scene.picture.image().numpy()),
        "eps": to_base64(scene.eps.numpy()),
        "signal": schedule.signal[times].tolist(),
        "noise": schedule.noise[times].tolist(),
        "to_x_0": [list(estimate(schedule, t)) for t in times],
    }


@cache
def plane() -> Plane:
    """The plane of the map. Raises NotArrived."""
    projection = shipped()
    offset = (projection.middle @ projection.axes).tolist()
    return {"axes": to_base64(projection.axes.numpy().astype("<f4")), "offset": offset, "unit": UNIT}


@lru_cache(TABLES)
def packed_table(
    schedule: NoiseSchedule, visited: tuple[int, ...], sampler: str, eta: float, guidance: float
) -> dict[str, Any]:
    """See `sampler_table`; its steps as base64 of little-endian float64, as Gradio looks through a list number by
    number, in the thread that also serves the films. Not to be changed.
    """
    table = sampler_table(schedule, visited, sampler=sampler, eta=eta, guidance=guidance)
    return {**table, "steps": to_base64(np.asarray(table["steps"], "<f8"))}
