"""One network, many viewers: every film is the one its request describes, whoever else is there."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest

from explorer.serving.film_course import FILM_BYTES, MIN_FRAMES
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import ModelStore
from tests.films import alone, collect, ended, same, same_film, total_of

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
    frames, told = collect(engine, request)
    same_film(frames, alone(store, request))
    assert ended(told) and total_of(told) == request.steps + 1


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
    frames, told = collect(engine, request)
    want = alone(store, request)
    stride = math.ceil(250 / max(MIN_FRAMES, FILM_BYTES // (3 * 16 * 784)))
    assert stride > 1 and total_of(told) == math.ceil(250 / stride) + 1
    assert sorted(frames)[-1] == total_of(told) - 1
    for number, (t, pixels) in frames.items():
        source = want[-1] if number == total_of(told) - 1 else want[number * stride]
        assert t == source[0]
        same(pixels, source[1])


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
