"""Films that start from a picture, fork on the way, or are looked at in one step: all of it is the core's walk."""

from __future__ import annotations

import asyncio
import pickle
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core.sampling import ddim_step, ddpm_step, draw_noise, samples, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.data.pixels import to_images, to_pixels
from explorer.serving.errors import Refused
from explorer.serving.film import Film
from explorer.serving.film_request import MAX_PICTURES, FilmRequest
from explorer.serving.model_store import LoadedModel
from tests.films import SOON, Models, alone, collect, idle, same, same_film, slowly, total_of, wait

DIGIT = np.random.default_rng(0).integers(0, 256, 784, np.uint8)
RESCUE = FilmRequest(seeds=(5,), labels=(10,), steps=20, x_0=DIGIT.tobytes(), t_start=400)
ORIGINAL = FilmRequest(seeds=(3,), labels=(4,), steps=20)


def futures(request: FilmRequest, t: int, *seeds: int) -> FilmRequest:
    return replace(request, fork_t=t, fork_seeds=seeds)


# ---- a start that is not pure noise ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"sampler": "ddim"},
        {"sampler": "ddim", "eta": 0.5},
        {"steps": 400},
        {"steps": 1, "t_start": 1},
        {"guidance": 2.0, "labels": (3,)},
    ],
    ids=str,
)
def test_a_rescue_is_the_walk_from_the_noised_picture(engine, store, name, change):
    """Every frame is samples() from q_sample(x_0, t_start, eps), eps and all later noise from the picture's own
    generator.
    """
    request = replace(RESCUE, model=name, **change)
    frames, _ = collect(engine, request)
    same_film(frames, alone(store, request))
    generator, schedule = trajectory_generator(5), store.get(name).schedule
    x_t = schedule.q_sample(to_images(DIGIT.reshape(1, 28, 28)), request.t_start, draw_noise([generator]))
    assert frames[0][0] == request.t_start
    same(frames[0][1][0], to_pixels(x_t)[:, 0])


def test_a_picture_of_a_group_is_the_picture_alone(engine, name):
    """Three digits noised and rescued together: each is what it is by itself."""
    others = np.random.default_rng(1).integers(0, 256, 2 * 784, np.uint8)
    request = replace(RESCUE, seeds=(5, 6, 7), labels=(10, 2, 3), x_0=DIGIT.tobytes() + others.tobytes(), model=name)
    together, _ = collect(engine, request)
    for k in range(3):
        single, _ = collect(engine, request.alone(k))
        for number in (0, 10, 20):
            same(together[number][1][:, k], single[number][1][:, 0])


# ---- the fork ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "original",
    [ORIGINAL, replace(ORIGINAL, sampler="ddim", eta=1.0), RESCUE, replace(ORIGINAL, guidance=3.0)],
    ids=["ddpm", "ddim", "rescue", "guided"],
)
@pytest.mark.parametrize("at", [0, 12, 19])
def test_a_fork_is_the_original_before_and_differs_after(engine, store, name, original, at):
    """Every future begins with the original's x_t, x0_hat and eps_hat at the fork, and then goes its own way by the
    core's own steps.
    """
    original = replace(original, model=name)
    want = alone(store, original)
    t, here = want[at]
    frames, told = collect(engine, futures(original, t, 100, 101, 102))
    assert total_of(told) == 21 - at and sorted(frames) == list(range(21 - at))
    assert frames[0][0] == t and frames[1][0] == want[at + 1][0]
    for k in range(3):
        same(frames[0][1][:, k], here[:, 0])
    last = frames[20 - at][1][0].astype(int)
    if at < 19:  # the last step of all adds no noise
        assert all(np.abs(last[i] - last[j]).max() > 3 for i, j in ((0, 1), (0, 2), (1, 2)))

    loaded = store.get(name)
    step = look(engine, original, t)
    walk = samples(
        loaded.network,
        loaded.schedule,
        [trajectory_generator(s) for s in (100, 101, 102)],
        [t for t, _ in want[at:-1]],
        label=torch.tensor(original.labels * 3),
        sampler=original.sampler,
        eta=original.eta,
        guidance=original.guidance,
        x_start=step.x_t.repeat(3, 1, 1, 1),
    )
    for number, step in enumerate(walk):
        same(frames[number][1], to_pixels(torch.stack([step.x_t, step.x0_hat, step.eps_hat]))[:, :, 0])
    same(frames[20 - at][1][0], to_pixels(step.x_prev)[:, 0])


def test_without_fresh_noise_all_futures_are_the_original(engine, store, name):
    """DDIM with eta = 0: nothing is drawn on the way, so nothing can differ."""
    original = replace(ORIGINAL, sampler="ddim", model=name)
    want = alone(store, original)
    frames, _ = collect(engine, futures(original, want[5][0], 100, 101))
    for k in range(2):
        same(frames[15][1][:, k], want[-1][1][:, 0])


def test_a_fork_does_not_depend_on_the_crowd(engine, store, name):
    """Forks beside films, rescues and cancelled mates, some of which fork in the same tick: as when alone."""
    t = alone(store, replace(ORIGINAL, model=name))[7][0]
    requests = [futures(replace(ORIGINAL, seeds=(s,), model=name), t, 50 + s, 60 + s) for s in range(4)] + [
        replace(RESCUE, model=name)
    ]
    single = [collect(engine, request)[0] for request in requests]
    mates = [engine.submit(replace(ORIGINAL, seeds=(900 + i,), steps=200, model=name)) for i in range(6)]
    outcomes = {}

    def watch(k: int) -> None:
        outcomes[k] = collect(engine, requests[k], f"viewer {k}")[0]

    threads = [threading.Thread(target=watch, args=(k,)) for k in range(len(requests))]
    for thread in threads:
        thread.start()
    for mate in mates[::2]:
        mate.cancel()
    for thread in threads:
        thread.join(30)
    for k, frames in enumerate(single):
        assert sorted(outcomes[k]) == sorted(frames)
        for number, (t, pixels) in frames.items():
            assert outcomes[k][number][0] == t
            same(outcomes[k][number][1], pixels)


def test_before_the_fork_it_costs_one_row():
    """One trajectory is computed until the futures part, and what is still to come is counted so."""
    film = Film(futures(replace(ORIGINAL, steps=4), 500, 1, 2, 3), LoadedModel(None, NoiseSchedule()))
    assert (film.rows, film.rows_to_come, film.total) == (1, 2 + 2 * 3, 3)
    film.move(film.x_t)
    assert (film.rows, film.rows_to_come) == (1, 1 + 2 * 3)
    film.move(film.x_t)
    assert (film.rows, film.rows_to_come) == (3, 2 * 3) and torch.equal(film.x_t[0], film.x_t[2])


# ---- one step under the glass ------------------------------------------------------------------------------------


def look(engine, request, t, owner="glass"):
    return asyncio.run(engine.look(request, t, owner))


@pytest.mark.parametrize("sampler, eta", [("ddpm", 0.0), ("ddim", 0.5)])
def test_a_look_is_the_cores_step(engine, store, name, sampler, eta):
    """In full precision: the step that the film has made, retraced; its fresh noise is x_prev less the
    noiseless step.
    """
    request = replace(ORIGINAL, sampler=sampler, eta=eta, model=name)
    loaded, generators = store.get(name), [trajectory_generator(3)]
    walk = samples(
        loaded.network,
        loaded.schedule,
        generators,
        request.visited(1000),
        label=torch.tensor([4]),
        sampler=sampler,
        eta=eta,
    )
    for want in walk:
        if want.t in (1000, 500, 50):
            got = look(engine, request, want.t)
            assert (got.t, got.t_prev) == (want.t, want.t_prev)
            for part in ("x_t", "eps_hat", "x0_hat", "x_prev"):
                torch.testing.assert_close(getattr(got, part), getattr(want, part), atol=2e-4, rtol=0)
            make = ddpm_step if sampler == "ddpm" else ddim_step
            mean = make(
                loaded.schedule,
                got.x_t,
                got.eps_hat,
                got.t,
                got.t_prev,
                torch.zeros_like(got.x_t),
                **({"eta": eta} if eta else {}),
            ).x_prev
            assert (float((got.x_prev - mean).std()) > 0.01) == (want.t_prev > 0)
    assert idle(engine)


def test_a_newer_look_replaces_the_older(start):
    engine = start(Models(slow=slowly))
    request = replace(ORIGINAL, steps=1000, model="slow")

    async def both():
        first = asyncio.create_task(engine.look(request, 1, "me"))
        await asyncio.sleep(0.1)
        return await asyncio.gather(first, engine.look(request, 990, "me"))

    first, second = asyncio.run(both())
    assert first is None and second.t == 990
    wait(lambda: idle(engine), SOON)


# ---- what cannot be ----------------------------------------------------------------------------------------------

BAD = {
    "x_0 without t_start": dict(x_0=DIGIT.tobytes()),
    "t_start without x_0": dict(t_start=400),
    "x_0 too short": dict(x_0=DIGIT.tobytes()[:-1], t_start=400),
    "x_0 of floats": dict(x_0=[0.0] * 784, t_start=400),
    "t_start 0": dict(x_0=DIGIT.tobytes(), t_start=0),
    "t_start T + 1": dict(x_0=DIGIT.tobytes(), t_start=1001),
    "t_start '400'": dict(x_0=DIGIT.tobytes(), t_start="400"),
    "more steps than t_start": dict(x_0=DIGIT.tobytes(), t_start=19),
    "a fork without seeds": dict(fork_t=500),
    "fork seeds without a t": dict(fork_seeds=(1, 2)),
    "a fork between two visited t": dict(fork_t=501, fork_seeds=(1, 2)),
    "a fork at 0": dict(fork_t=0, fork_seeds=(1, 2)),
    "a fork before the start": dict(x_0=DIGIT.tobytes(), t_start=400, fork_t=500, fork_seeds=(1,)),
    "too many futures": dict(fork_t=500, fork_seeds=tuple(range(MAX_PICTURES + 1))),
    "a fork seed of the wrong kind": dict(fork_t=500, fork_seeds=("1",)),
    "a fork of two pictures": dict(seeds=(1, 2), labels=(1, 1), fork_t=500, fork_seeds=(1, 2)),
}


@pytest.mark.parametrize("change", BAD)
def test_impossible_starts_and_forks_are_refused(engine, name, change):
    with pytest.raises(Refused) as error:
        engine.submit(replace(ORIGINAL, model=name, **BAD[change]))
    assert 10 < len(str(error.value)) < 150 and len(str(error.value).splitlines()) == 1
    assert idle(engine)


@pytest.mark.parametrize("t", [0, 501, 1001, "500"])
def test_a_look_at_no_step_of_the_film_is_refused(engine, name, t):
    with pytest.raises(Refused):
        asyncio.run(engine.look(replace(ORIGINAL, model=name), t, "me"))


def test_forks_and_rescues_travel():
    request = futures(RESCUE, 400, 1, 2)
    assert pickle.loads(pickle.dumps(request)) == request and hash(request) == hash(pickle.loads(pickle.dumps(request)))


def test_a_held_model_is_not_queued_for(start, store, name):
    """A newcomer's request enters at once while the computing thread is busy: the model needs no reading."""
    engine = start(store)
    release = threading.Event()
    thread = threading.Thread(target=lambda: engine._turns.films(release.wait))
    thread.start()
    film = engine.submit(replace(ORIGINAL, model=name))  # would wait for ever
    assert not film.over
    release.set()
    thread.join(5)
