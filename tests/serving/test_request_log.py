"""The server's log: one line of JSON for each request, whatever becomes of it."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing

import pytest

from explorer.lab.experiment import Experiment
from explorer.lab.trainings import Lab, TrainingRefused
from explorer.serving import request_log
from explorer.serving.errors import Refused
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import ModelStore
from explorer.serving.request_log import LEVELS, Entry, Lines, configure_logging
from explorer.serving.scheduler import ComputeScheduler
from tests.films import Models, slowly


@pytest.fixture
def lines(caplog):
    """The lines so far, as a reader of the log parses them."""
    caplog.set_level(logging.INFO, logger="explorer")

    def read() -> list[dict]:
        return [json.loads(Lines().format(record)) for record in caplog.records if record.name == request_log.__name__]

    return read


async def drain(stream, chunks=None):
    """See the stream to its end, or to its `chunks`-th chunk and go."""
    async with aclosing(stream):
        async for _ in stream:
            if chunks is not None and (chunks := chunks - 1) <= 0:
                return


def film(**settings) -> FilmRequest:
    return FilmRequest((0,), (10,), model="slow", **settings)


def test_each_outcome_of_a_film(start, lines):
    engine = start(Models(slow=slowly))

    async def stopped():
        async for _ in engine.stream(film(steps=900), "me"):
            engine.stop("me")

    asyncio.run(drain(engine.stream(film(steps=5), "me")))
    asyncio.run(stopped())
    asyncio.run(drain(engine.stream(film(steps=900), "me"), chunks=1))
    with pytest.raises(Refused):
        asyncio.run(drain(engine.stream(film(steps=0), "me")))
    told = lines()
    assert [line["outcome"] for line in told] == ["ok", "stopped", "left", "refused"]
    assert (
        told[0]["frames"] == 6
        and told[0]["seconds"] >= 5 * 0.004
        and all(line["what"] == "film" and line["model"] == "slow" for line in told)
    )
    assert all(0 < line["frames"] < 900 for line in told[1:3]) and told[3]["frames"] == 0


def test_a_film_that_gives_way_to_another_was_left(start, lines):
    engine = start(Models(slow=slowly))

    async def both():
        first = asyncio.create_task(drain(engine.stream(film(steps=900), "me")))
        await asyncio.sleep(0.2)
        await drain(engine.stream(film(steps=2), "me"))
        await first

    asyncio.run(both())
    assert [line["outcome"] for line in lines()] == ["left", "ok"]


def test_what_breaks_is_told(start, lines, caplog):
    def broken(x_t, t, label):
        raise ZeroDivisionError("by the test")

    with pytest.raises(Exception, match="failed on the server"):
        asyncio.run(drain(start(Models(slow=broken)).stream(film(steps=2), "me")))
    assert [line["outcome"] for line in lines()] == ["failed"]
    (trace,) = [record for record in caplog.records if record.exc_info]
    told = Lines().format(trace)
    assert "\n" not in told and "by the test" in json.loads(told)["traceback"]


def test_trainings(lines, tmp_path):
    lab = Lab(ModelStore(), ComputeScheduler())

    async def stopped():
        async for _ in lab.start(Experiment(size="small"), 60, "me"):
            lab.stop("me")

    asyncio.run(drain(lab.start(Experiment(size="small"), 0.3, "me")))
    asyncio.run(stopped())
    for refused in (lab.rewind("nobody"), lab.load(str(tmp_path / "none"), "me")):
        with pytest.raises(TrainingRefused):
            asyncio.run(refused)
    told = lines()
    assert [(line["what"], line["outcome"]) for line in told] == [
        ("training", "ok"),
        ("training", "stopped"),
        ("rewind", "refused"),
        ("load", "refused"),
    ]
    assert told[0]["steps"] > 0 and told[0]["model"] and told[0]["seconds"] > 0.3


def test_nothing_of_a_stranger_breaks_a_line():
    with pytest.raises(KeyError), Entry("film", model="a\n\u2028" * 1000) as told:
        raise KeyError
    assert told["outcome"] == "failed"
    record = logging.LogRecord("explorer", logging.INFO, "", 0, told, None, None)
    assert "\n" not in Lines().format(record) and len(Lines().format(record)) < 1000


@pytest.mark.parametrize("level, heard", [("info", 2), ("warning", 1), ("off", 0)])
def test_levels(level, heard, capsys):
    ours = logging.getLogger("explorer")
    before = ours.handlers, ours.propagate, ours.level
    try:
        configure_logging(level)
        with Entry("film"):
            pass
        logging.getLogger("explorer.serving.engine").error("broken")
    finally:
        ours.handlers, ours.propagate, _ = before
        ours.setLevel(before[2])
    written = capsys.readouterr().err.splitlines()
    assert (
        len(written) == heard
        and all(json.loads(line)["time"].endswith("Z") for line in written)
        and set(LEVELS) == {"info", "warning", "off"}
    )
