"""A film as its viewer's device is to compute it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from explorer.core.schedule import NoiseSchedule
from explorer.device.tables import SamplerTable, sampler_table
from explorer.serving.film import STRIPS
from explorer.serving.film_course import FilmCourse
from explorer.serving.film_request import FilmRequest
from explorer.widgets.device_job import DeviceJob
from explorer.widgets.film import Strip

TABLES = 32  # that are kept, up to 0.3 MB each: a class asks for the same film
WORKING = "Your device is computing, step by step."


def device_job(
    request: FilmRequest,
    schedule: NoiseSchedule,
    model: str,
    again: Mapping[str, Any],
    strips: Sequence[Strip] = STRIPS,
) -> DeviceJob:
    """The request, which has been checked, for the device. model: the exported network's address; again: as in
    DeviceJob.
    """
    course = FilmCourse.of(request, schedule.T)
    visited = tuple(t for t, _ in course.path)
    return {
        "model": model,
        "strips": list(strips),
        "n": request.pictures,
        "table": dict(table_of(schedule, visited, request.sampler, request.eta, request.guidance)),
        "seeds": list(request.seeds),
        "labels": list(request.labels),
        "x_0": base64.b64encode(request.x_0 or b"").decode("ascii"),
        "fork_seeds": list(request.fork_seeds),
        "first": course.first,
        "stride": course.stride,
        "total": course.total,
        "again": dict(again),
    }


@lru_cache(TABLES)
def table_of(
    schedule: NoiseSchedule, visited: tuple[int, ...], sampler: str, eta: float, guidance: float
) -> SamplerTable:
    """See `sampler_table`; not to be changed."""
    return sampler_table(schedule, visited, sampler=sampler, eta=eta, guidance=guidance)
