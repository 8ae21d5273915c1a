"""Films that end early: left, stopped, replaced, broken or refused."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from explorer.core.schedule import NoiseSchedule
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.film import Film
from explorer.serving.film_news import Ended
from explorer.serving.film_request import MAX_PICTURES, FilmRequest
from explorer.serving.model_store import LoadedModel, ModelStore
from tests.films import SCHEDULE, SOON, Models, alone, collect, ended, frames_of, idle, same_film, slowly, wait
from tests.tiny import tiny_model

SHORT = NoiseSchedule("linear", 60)


def test_cancelling_frees_the_place(start):
    """A film cancelled in the middle leaves the engine idle within a second; its stream has ended."""
    engine = start(Models(slow=slowly))
    film = engine.submit(FilmRequest.grid(16, 3, 0, steps=1000, model="slow"))
    wait(lambda: film.position > 3)
    film.cancel()
    wait(lambda: idle(engine), SOON)
    assert film.position < 1000


def test_closing_the_stream_cancels_the_film(start):
    """The page is closed: the generator is closed, and the engine is idle within a second."""
    engine = start(Models(slow=slowly))

    async def leave():
        stream = engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"), "me")
        await anext(stream)
        await stream.aclose()

    asyncio.run(leave())
    wait(lambda: idle(engine), SOON)


def test_leaving_while_the_model_loads_cancels_the_film(start):
    """The page is closed before the first frame, while the model is still being read: nothing may be computed for
    nobody.
    """

    class Loading(Models):
        def holds(self, name):
            return False

        def get(self, name):
            time.sleep(0.3)
            return super().get(name)

    engine = start(Loading(slow=slowly))

    async def leave():
        task = asyncio.create_task(anext(engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"), "me")))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0.5)

    asyncio.run(leave())
    wait(lambda: idle(engine), SOON)


def test_a_new_film_replaces_the_owners_old_one(start):
    """Play pressed twice: the first stream just ends, the second runs to its end; another owner's film is
    not touched.
    """
    engine = start(Models(slow=slowly))

    async def run():
        first = engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"), "me")
        other = engine.stream(FilmRequest.grid(1, 3, 2, steps=40, model="slow"), "you")
        await anext(first)
        await anext(other)
        second = [news async for news in engine.stream(FilmRequest.grid(1, 3, 1, steps=10, model="slow"), "me")]
        rest = [news async for news in first]
        return second, rest, [news async for news in other]

    second, rest, other = asyncio.run(run())
    assert ended(second) and not any(isinstance(news, Ended) for news in rest) and ended(other)
    wait(lambda: idle(engine), SOON)


def test_stop_ends_the_film_where_it_is(start):
    """The stop button: last news that it was stopped, after all frames made so far; nobody else notices."""
    engine = start(Models(slow=slowly))
    engine.stop("nobody")

    async def run():
        told = []
        async for news in engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"), "me"):
            told.append(news)
            engine.stop("me")
        return told

    told = asyncio.run(run())
    assert ended(told, stopped=True)
    assert 0 < sum(len(frames.t) for frames in frames_of(told)) < 400
    wait(lambda: idle(engine), SOON)


def test_the_last_news_is_its_end(monkeypatch, start):
    """Whenever the viewer's side looks, also between the last frame and the film's end, a whole film's last news is
    that it has ended.
    """
    keep = Film.keep

    def keep_and_dawdle(film, number, t, pixels):
        keep(film, number, t, pixels)
        if t == 0:
            time.sleep(0.4)  # the viewer fetches now

    monkeypatch.setattr(Film, "keep", keep_and_dawdle)
    frames, told = collect(
        start(Models(quick=lambda x_t, t, label: 0.9 * x_t)), FilmRequest.grid(1, 3, 0, steps=5, model="quick")
    )
    assert sorted(frames) == [0, 1, 2, 3, 4, 5]
    assert ended(told)


def test_a_broken_model_ends_its_own_films_only(engine, store, name):
    """NaN weights that slipped past every check: FilmFailed with one sentence, and the film of another model beside it
    is right.
    """
    broken = tiny_model(5)
    with torch.no_grad():
        broken.network.last.bias.fill_(math.nan)
    bad, request = store.add(broken), FilmRequest.grid(2, 3, 0, steps=40, model=name)
    outcomes = {}

    def fail():
        try:
            collect(engine, FilmRequest.grid(4, 3, 0, steps=40, model=bad), "you")
        except FilmFailed as error:
            outcomes["bad"] = str(error)

    thread = threading.Thread(target=fail)
    thread.start()
    frames, _ = collect(engine, request)
    thread.join(10)
    assert len(outcomes["bad"].splitlines()) == 1
    same_film(frames, alone(store, request))
    wait(lambda: idle(engine), SOON)
    same_film(collect(engine, request)[0], alone(store, request))  # and the engine lives on


def test_a_network_that_raises_ends_its_own_films_only(engine, store, name):
    """An exception inside the forward pass: that film fails, the thread lives, others are right."""

    def explode(x_t, t, label):
        raise MemoryError("out of memory")

    store._models["explosive"] = LoadedModel(explode, SCHEDULE)
    request = FilmRequest.grid(1, 3, 0, steps=20, model=name)
    film = engine.submit(FilmRequest.grid(1, 3, 0, steps=20, model="explosive"))
    same_film(collect(engine, request)[0], alone(store, request))
    wait(lambda: film.over)
    assert film.error and "memory" not in film.error and len(film.error.splitlines()) == 1


BAD = {
    "no pictures": dict(seeds=(), labels=()),
    "too many pictures": dict(seeds=tuple(range(MAX_PICTURES + 1)), labels=(1,) * (MAX_PICTURES + 1)),
    "a label short": dict(seeds=(1, 2), labels=(1,)),
    "label 11": dict(labels=(11,)),
    "label -1": dict(labels=(-1,)),
    "label nan": dict(labels=(math.nan,)),
    "seed -1": dict(seeds=(-1,)),
    "seed 2^63": dict(seeds=(2**63,)),
    "unknown sampler": dict(sampler="euler"),
    "no sampler": dict(sampler=None),
    "steps 0": dict(steps=0),
    "steps T + 1": dict(steps=61),
    "guidance -1": dict(guidance=-1.0),
    "guidance nan": dict(guidance=math.nan),
    "guidance inf": dict(guidance=math.inf),
    "eta 1.1": dict(eta=1.1),
    "eta nan": dict(eta=math.nan),
    "unknown model": dict(model="nowhere"),
}


BAD_TYPES = {
    "label 1.5": dict(labels=(1.5,)),
    "label '3'": dict(labels=("3",)),
    "seed 0.5": dict(seeds=(0.5,)),
    "steps 2.5": dict(steps=2.5),
    "steps '20'": dict(steps="20"),
    "guidance '3'": dict(guidance="3"),
    "eta None": dict(eta=None),
}


@pytest.mark.parametrize("change", [*BAD, *BAD_TYPES])
def test_impossible_requests_are_refused(engine, store, change):
    """Every value out of range, or of the wrong kind, is Refused in one sentence when it is submitted; the engine stays
    idle.
    """
    name = store.add(tiny_model(schedule=SHORT))
    request = replace(FilmRequest(seeds=(1,), labels=(1,), steps=20, model=name), **(BAD | BAD_TYPES)[change])
    with pytest.raises(Refused) as error:
        engine.submit(request)
    assert 10 < len(str(error.value)) < 150 and len(str(error.value).splitlines()) == 1
    assert idle(engine)


def test_a_request_of_the_wrong_kind_harms_nobody(engine, store, name):
    """A label that is not whole, submitted beside a good film: refused or failed by itself, while the good film is
    right.
    """
    request = FilmRequest.grid(1, 3, 0, steps=200, sampler="ddim", model=name)
    good = engine.submit(request)
    with suppress(Refused):
        engine.submit(FilmRequest(seeds=(1,), labels=(1.5,), steps=20, model=name))
    wait(lambda: good.over)
    assert good.error is None and good.done


def test_missing_weights_are_refused(tmp_path, start):
    """No pretrained file: the request is refused with the reason, and not before somebody asks."""
    engine = start(ModelStore(pretrained=tmp_path / "nowhere.safetensors"))
    with pytest.raises(Refused, match="nowhere"):
        engine.submit(FilmRequest.grid(1, 3, 0))
