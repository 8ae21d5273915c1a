"""One network, many viewers: every film is the one its request describes, whoever else is there."""

from __future__ import annotations

import asyncio
import math
import pickle
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.core.inference import FrozenNetwork
from explorer.core.schedule import NoiseSchedule
from explorer.serving.engine import BATCH_ROWS, MAX_WAITING
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.film import FILM_BYTES, MAX_PICTURES, MIN_FRAMES, PENDING_BYTES, Film, FilmChunk, FilmRequest
from explorer.serving.model_store import LoadedModel, ModelStore
from explorer.serving.scheduler import ComputeScheduler
from tests.films import SCHEDULE, Models, alone, collect, idle, same, same_film, slowly, wait
from tests.tiny import tiny_model

SHORT = NoiseSchedule("linear", 60)

MIXED = [
    dict(label=3),
    dict(label=10, steps=17),
    dict(label=5, sampler="ddim"),
    dict(label=7, sampler="ddim", steps=9, eta=0.5),
    dict(label=1, guidance=3.0),
    dict(label=10, guidance=3.0, steps=25),
    dict(label=4, guidance=0.0),
    dict(label=8, sampler="ddim", guidance=3.0, steps=21),
    dict(label=2, pictures=4, steps=23),
    dict(label=6, sampler="ddim", eta=1.0, pictures=3, steps=14),
    dict(label=0, steps=1),
    dict(label=9, sampler="ddim", steps=1),
]


def mixed(model: str, seed: int = 0) -> list[FilmRequest]:
    return [
        FilmRequest.grid(
            case.get("pictures", 1),
            case["label"],
            seed + 50 * i,
            model=model,
            **({"steps": 30} | {k: v for k, v in case.items() if k not in ("label", "pictures")}),
        )
        for i, case in enumerate(MIXED)
    ]


# ---- the pictures are right --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", range(len(MIXED)), ids=lambda i: str(MIXED[i]))
def test_a_film_is_the_walk_of_its_request(engine, store, name, case):
    """Every frame's x_t, x0_hat and eps_hat is samples() drained alone, to one grey level: seed, label, sampler, eta,
    guidance.
    """
    request = mixed(name)[case]
    frames, chunks = collect(engine, request)
    same_film(frames, alone(store, request))
    assert chunks[-1].done and not any(chunk.done for chunk in chunks[:-1]) and chunks[-1].total == request.steps + 1


def test_a_film_does_not_depend_on_the_crowd(engine, store, name):
    """Twelve mixed films at once, joined at different moments, with strangers cancelled at random: each is what it is
    alone.
    """
    requests, rng = mixed(name), random.Random(1)
    films, strangers, frames = [], [], [{} for _ in requests]
    for request in requests:
        strangers += [
            engine.submit(
                FilmRequest.grid(
                    rng.choice([1, 2, 4]),
                    10,
                    10**6 + len(strangers),
                    steps=rng.choice([20, 200]),
                    guidance=rng.choice([0.0, 1.0, 3.0]),
                    model=name,
                )
            )
            for _ in range(2)
        ]
        films.append(engine.submit(request))
        time.sleep(rng.random() * 0.01)
        rng.choice(strangers).cancel()
    while not all(film.over for film in films) or any(film._pending for film in films):
        for film, held in zip(films, frames):
            held.update({start + i: (t, pixels[i]) for start, ts, pixels in film.fetch() for i, t in enumerate(ts)})
        if rng.random() < 0.1:
            rng.choice(strangers).cancel()
        time.sleep(0.002)
    for stranger in strangers:
        stranger.cancel()
    for request, held in zip(requests, frames):
        same_film(held, alone(store, request))


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_a_grids_picture_is_the_picture_alone(engine, name, sampler):
    """Picture k of a sixteen-picture grid is the single picture with seed + k."""
    grid = FilmRequest.grid(16, 3, 100, steps=20, sampler=sampler, model=name)
    frames, _ = collect(engine, grid)
    for k in (0, 7, 15):
        single, _ = collect(engine, FilmRequest.grid(1, 3, 100 + k, steps=20, sampler=sampler, model=name))
        for number in (0, 10, 20):
            same(frames[number][1][:, k], single[number][1][:, 0])


def test_long_films_keep_every_other_frame(engine, store, name):
    """A film with more steps than frames shows every stride-th step and always the end; the frames that it shows are
    the walk's.
    """
    request = FilmRequest.grid(16, 10, 5, steps=250, sampler="ddim", model=name)
    frames, chunks = collect(engine, request)
    want = alone(store, request)
    stride = math.ceil(250 / max(MIN_FRAMES, FILM_BYTES // (3 * 16 * 784)))
    assert stride > 1 and chunks[-1].total == math.ceil(250 / stride) + 1
    assert sorted(frames)[-1] == chunks[-1].total - 1
    for number, (t, pixels) in frames.items():
        source = want[-1] if number == chunks[-1].total - 1 else want[number * stride]
        assert t == source[0]
        same(pixels, source[1])


# ---- leaving, breaking, refusing ---------------------------------------------------------------------------------


def test_cancelling_frees_the_place(start):
    """A film cancelled in the middle leaves the engine idle within a second; its stream has ended."""
    engine = start(Models(slow=slowly))
    film = engine.submit(FilmRequest.grid(16, 3, 0, steps=1000, model="slow"))
    wait(lambda: film.position > 3)
    film.cancel()
    wait(lambda: idle(engine), 1.0)
    assert film.position < 1000


def test_closing_the_stream_cancels_the_film(start):
    """The page is closed: the generator is closed, and the engine is idle within a second."""
    engine = start(Models(slow=slowly))

    async def leave():
        stream = engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"), "me")
        await anext(stream)
        await stream.aclose()

    asyncio.run(leave())
    wait(lambda: idle(engine), 1.0)


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
    wait(lambda: idle(engine), 1.0)


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
        second = [chunk async for chunk in engine.stream(FilmRequest.grid(1, 3, 1, steps=10, model="slow"), "me")]
        rest = [chunk async for chunk in first]
        return second, rest, [chunk async for chunk in other]

    second, rest, other = asyncio.run(run())
    assert second[-1].done and not any(chunk.done for chunk in rest) and other[-1].done
    wait(lambda: idle(engine), 1.0)


def test_stop_ends_the_film_where_it_is(start):
    """The stop button: a last chunk that says done and stopped, after all frames made so far; nobody else notices."""
    engine = start(Models(slow=slowly))
    engine.stop("nobody")

    async def run():
        chunks = []
        async for chunk in engine.stream(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"), "me"):
            chunks.append(chunk)
            engine.stop("me")
        return chunks

    chunks = asyncio.run(run())
    assert chunks[-1].done and chunks[-1].stopped and chunks[-1].t == ()
    assert 0 < sum(len(chunk.t) for chunk in chunks) < 400
    wait(lambda: idle(engine), 1.0)


def test_the_last_chunk_says_done(monkeypatch, start):
    """Whenever the viewer's side looks, also between the last frame and the film's end, a whole film's last chunk says
    done.
    """
    keep = Film.keep

    def keep_and_dawdle(film, number, t, pixels):
        keep(film, number, t, pixels)
        if t == 0:
            time.sleep(0.4)  # the viewer fetches now

    monkeypatch.setattr(Film, "keep", keep_and_dawdle)
    frames, chunks = collect(
        start(Models(quick=lambda x_t, t, label: 0.9 * x_t)), FilmRequest.grid(1, 3, 0, steps=5, model="quick")
    )
    assert sorted(frames) == [0, 1, 2, 3, 4, 5]
    assert chunks[-1].done


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
    wait(lambda: idle(engine), 1.0)
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


# ---- bounded, and fair -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pictures", range(1, MAX_PICTURES + 1))
def test_frames_that_nobody_fetches_are_bounded(pictures):
    """For every size of film and many lengths: what is held never exceeds the cap, and first and last frame survive."""
    loaded, frame = LoadedModel(None, SCHEDULE), np.zeros((3, pictures, 28, 28), np.uint8)
    for steps in (1, 2, 100, 101, 250, 637, 638, 999, 1000):
        film = Film(FilmRequest.grid(pictures, 3, 0, steps=steps), loaded)
        for number in range(film.total):
            film.keep(number, 1, frame)
            assert len(film._pending) * frame.nbytes <= PENDING_BYTES
        runs = film.fetch()
        numbers = [start + i for start, ts, _ in runs for i in range(len(ts))]
        assert numbers[0] == 0 and numbers[-1] == film.total - 1 and numbers == sorted(set(numbers))
        assert film.fetch() == []


def test_a_film_that_nobody_watches_is_bounded(engine, name):
    """The same through the engine: sixteen pictures, nothing fetched until the end."""
    film = engine.submit(FilmRequest.grid(16, 3, 0, steps=300, sampler="ddim", model=name))
    most = 0
    while not film.over:
        most = max(most, len(film._pending))
        time.sleep(0.005)
    runs = film.fetch()
    assert most * 3 * 16 * 784 <= PENDING_BYTES + 3 * 16 * 784  # one frame more while it is being dropped
    assert sum(pixels.nbytes for _, _, pixels in runs) <= PENDING_BYTES and runs[-1][1][-1] == 0


def test_a_newcomer_does_not_wait_for_long_films(start):
    """Eight films of sixteen pictures and 1000 steps run; one picture of 20 steps joins and is served at every tick: it
    costs them about 20 ticks.
    """
    engine = start(Models(slow=slowly))
    long = [engine.submit(FilmRequest.grid(16, 3, 100 * i, steps=1000, model="slow")) for i in range(8)]
    wait(lambda: all(film.position > 2 for film in long))
    began, before = time.perf_counter(), sum(film.position for film in long)
    newcomer = engine.submit(FilmRequest.grid(1, 5, 0, steps=20, model="slow"))
    wait(lambda: newcomer.position > 0)
    assert time.perf_counter() - began < 1.0
    wait(lambda: newcomer.done)
    advanced = sum(film.position for film in long) - before
    assert advanced <= (BATCH_ROWS // 16) * (20 + 10)


def test_long_films_share_equally(start):
    """Films of one size that do not fit one batch advance together: none is more than a few steps ahead."""
    engine = start(Models(slow=slowly))
    films = [engine.submit(FilmRequest.grid(16, 3, 100 * i, steps=1000, model="slow")) for i in range(10)]
    wait(lambda: all(film.position > 0 for film in films))  # the first ones began a little before the last
    before = [film.position for film in films]
    wait(lambda: films[0].position > before[0] + 30)
    steps = [film.position - begun for film, begun in zip(films, before)]
    assert max(steps) - min(steps) <= 4, steps


def test_beyond_capacity_films_wait_their_turn(start):
    """With room for two rows the third film is told that it waits, starts when a place is free, and is served to the
    end.
    """
    engine = start(Models(slow=slowly), capacity_rows=2)
    first, second = (engine.submit(FilmRequest.grid(1, 3, i, steps=300, model="slow")) for i in range(2))
    wait(lambda: first.position > 0 and second.position > 0)

    frames, chunks = collect(engine, FilmRequest.grid(1, 3, 9, steps=10, model="slow"))
    waiting = [chunk for chunk in chunks if chunk.ahead]
    assert waiting and waiting[0].ahead == 1 and waiting[0].wait > 0 and waiting[0].t == () and not waiting[0].done
    assert chunks[-1].done and len(frames) == 11
    assert first.done or second.done


def test_who_left_the_queue_is_not_counted(start):
    """A film cancelled while it waits frees its place in the queue: who is behind it moves up."""
    engine = start(Models(slow=slowly), capacity_rows=1)
    first, second, third, fourth = (
        engine.submit(FilmRequest.grid(1, 3, i, steps=1000, model="slow")) for i in range(4)
    )
    wait(lambda: first.position > 0)
    assert engine.place(fourth)[0] == 3
    third.cancel()  # in the middle of the queue
    time.sleep(0.2)
    assert engine.place(fourth)[0] == 2
    second.cancel()
    first.cancel()
    wait(lambda: fourth.position > 0, 1.0)


def test_a_full_queue_refuses_and_recovers(start):
    """Beyond MAX_WAITING a newcomer is refused politely; when those who wait have left, the next one is taken."""
    engine = start(Models(slow=slowly), capacity_rows=1)
    films = [engine.submit(FilmRequest.grid(1, 3, 0, steps=1000, model="slow"))]
    wait(lambda: films[0].position > 0)
    films += [engine.submit(FilmRequest.grid(1, 3, i, steps=1, model="slow")) for i in range(MAX_WAITING)]
    with pytest.raises(Refused, match="full"):
        engine.submit(FilmRequest.grid(1, 3, 0, model="slow"))
    for film in films[2:]:
        film.cancel()  # the one being computed goes on, and one goes on waiting
    time.sleep(0.2)
    assert engine.load()["waiting"] == 1
    engine.submit(FilmRequest.grid(1, 3, 0, model="slow"))


def test_requests_and_chunks_travel():
    """Both are plain data: pickled and back they are equal, and a request cannot be changed."""
    request = FilmRequest.grid(3, 4, 10, steps=20, sampler="ddim", guidance=3.0)
    assert pickle.loads(pickle.dumps(request)) == request
    assert request.seeds == (10, 11, 12) and request.labels == (4, 4, 4)
    with pytest.raises(AttributeError):
        request.steps = 3
    chunk = FilmChunk(
        3, (8, 7), np.arange(2 * 3 * 784, dtype=np.uint8).reshape(2, 3, 1, 28, 28), 20, done=False, seconds=0.5
    )
    back = pickle.loads(pickle.dumps(chunk))
    assert np.array_equal(back.pixels, chunk.pixels) and replace(back, pixels=None) == replace(chunk, pixels=None)


@pytest.mark.parametrize("rows", [1, 16])
def test_films_and_a_training_share_the_time(start, rows):
    """A busy engine and a training on one ComputeScheduler: films get at least 40% of the time, and the training at least 25% (it
    is not starved).
    """
    turns, held, ending = ComputeScheduler(), [], threading.Event()

    def train():
        while not ending.is_set():
            turns.training(lambda: (time.sleep(0.02), held.append(0.02)))

    engine = start(Models(slow=slowly), turns=turns)
    engine.submit(FilmRequest.grid(rows, 3, 0, steps=1000, model="slow"))
    thread = threading.Thread(target=train, daemon=True)
    thread.start()
    time.sleep(1.5)
    share = sum(held) / 1.5
    ending.set()
    assert 0.25 <= share <= 0.60, f"the training had {share:.0%}"


LEAVE = """
import time
from explorer.serving.engine import Engine
from explorer.serving.film import FilmRequest
from explorer.serving.model_store import ModelStore
from tests.tiny import tiny_model
store = ModelStore()
film = Engine(store).submit(FilmRequest.grid(16, 3, 0, steps=1000, model=store.add(tiny_model())))
while film.position < 3:
    time.sleep(0.01)
"""


def test_python_ends_quietly_while_a_film_runs():
    """Ctrl-C on the server while somebody watches: the interpreter ends with exit code 0 and says nothing."""
    done = subprocess.run(
        [sys.executable, "-c", LEAVE], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


# ---- the models --------------------------------------------------------------------------------------------------


def test_a_models_name_is_made_from_its_content(float32):
    """The same weights get the same name each time, other weights another; so one model is not held twice."""
    store = ModelStore()
    assert len({store.add(tiny_model(0)) for _ in range(8)}) == 1
    assert store.add(tiny_model(1)) != store.add(tiny_model(0))


def test_only_the_latest_models_are_held(float32):
    """Beyond the limit the model that was not used for longest is let go, with a sentence for who asks for it."""
    store = ModelStore(held=2)
    a, b = store.add(tiny_model(0)), store.add(tiny_model(1))
    store.get(a)
    c = store.add(tiny_model(2))
    assert store.get(a) and store.get(c)
    with pytest.raises(KeyError) as error:
        store.get(b)
    assert "train it again" in str(error.value)


A_DAY = """
import os
from explorer.lab import recipe
from explorer.core.checkpoint import Model
from explorer.core.unet import UNet
from explorer.serving.memory import give_back_memory
from explorer.serving.model_store import ModelStore
from tests.load.viewers import memory_mb

def megabytes():
    give_back_memory()
    return memory_mb(os.getpid())

store = ModelStore(held=2)
for number in range(50):
    if number == 10:
        before = megabytes()
    store.add(Model(UNet(recipe.NETWORK, recipe.SCHEDULE), recipe.SCHEDULE))
print(megabytes() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_day_of_trainings_leaves_nothing_behind():
    """Forty more trained models, of which two are held: less than half a megabyte each stays (a recording of one would
    be 3).
    """
    done = subprocess.run(
        [sys.executable, "-c", A_DAY],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert float(done.stdout) < 20


def test_frozen_networks_are_shared(store, name):
    """Every film of a model uses one and the same network."""
    assert isinstance(store.get(name).network, FrozenNetwork) and store.get(name) is store.get(name)


def test_a_thousand_steps_of_the_pretrained_network_in_a_changing_crowd(start):
    """The same seed gives the same picture by the core alone and among others who come, go and are cancelled in
    mid-film (to one grey level).
    """
    store = ModelStore()
    mine = FilmRequest.grid(1, 8, 77, steps=1000)
    want = alone(store, mine)[-1][1]
    engine = start(store)
    film = engine.submit(mine)
    rng = random.Random(5)
    others = []
    while not film.over:
        if len(others) < 3:
            sampler = rng.choice(("ddpm", "ddim"))
            others.append(
                engine.submit(
                    FilmRequest.grid(
                        rng.choice((1, 1, 4)),
                        10,
                        len(others),
                        sampler=sampler,
                        steps=rng.choice((40, 300)),
                        guidance=rng.choice((1.0, 2.0)),
                    )
                )
            )
        if rng.random() < 0.1:
            rng.choice(others).cancel()
        others = [other for other in others if not other.over]
        time.sleep(0.02)
    assert film.done
    got = film.fetch()[-1][2][-1]
    assert np.abs(got[0].astype(int) - want[0].astype(int)).max() <= 1
