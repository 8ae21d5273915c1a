"""A film as its viewer's device is to compute it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.core.schedule import NoiseSchedule
from explorer.serving.film import STRIPS
from explorer.serving.film_course import FilmCourse
from explorer.serving.film_request import FilmRequest
from explorer.widgets.device_job import DeviceJob
from explorer.widgets.film import Strip

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
    return {
        "model": model,
        "strips": list(strips),
        "evaluations": len(course.path),
        "n": request.pictures,
        "seeds": list(request.seeds),
        "labels": list(request.labels),
        "guidance": request.guidance,
        "first": course.first,
        "stride": course.stride,
        "total": course.total,
        "fork_seeds": list(request.fork_seeds),
        "again": dict(again),
    }
