"""Films and trainings from a real, small Ray cluster of two replicas: the same as the embedded engine's, whatever
happens to the replicas.
"""

from __future__ import annotations

import asyncio
import os
import signal
from importlib.util import find_spec

import numpy as np
import pytest

if find_spec("ray") is None:
    pytest.skip("Ray is not installed (explorer/serving/cluster/requirements.txt)", allow_module_level=True)

from explorer.lab.cluster.client import OnCluster
from explorer.lab.cluster.trainer import FilmsAndTrainings
from explorer.lab.course import Computing
from explorer.lab.experiment import Experiment
from explorer.lab.trainings import Lab
from explorer.lab.worker import TrainingWorker
from explorer.serving import cluster
from explorer.serving.cluster import connection  # before Ray, whose settings it makes
from explorer.serving.cluster.connection import START_SECONDS
from explorer.serving.cluster.local import LocalCluster
from explorer.serving.engine import Engine
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.film_news import Ended, Frames
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import GuessRequest
from explorer.serving.scheduler import ComputeScheduler
from tests.films import collect, ended, frames_of, same, total_of, wait
from tests.lab.hearing import hear
from tests.serving.replicas import replicas
from tests.tiny import tiny_model

import ray  # isort: skip

LONG = FilmRequest.grid(1, 3, 7, steps=1000)
FILMS = {
    "ddpm": FilmRequest.grid(4, 3, 0, steps=40, guidance=2.0),
    "fork": FilmRequest.grid(
        1,
        10,
        5,
        steps=50,
        sampler="ddim",
        fork_t=FilmRequest.grid(1, 10, 5, steps=50).visited(1000)[20],
        fork_seeds=(1, 2, 3),
    ),
}


@pytest.fixture(scope="module")
def local():
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(
            "RAY_AUTH_MODE", "disabled"
        )  # nobody else reaches it, and no token is left in the home folder
        running = LocalCluster()
        try:
            running.head(cores=2)
            yield running
        finally:
            ray.shutdown()
            running.close()


@pytest.fixture(scope="module")
def engine(local):
    """The page's side, connected to two replicas."""
    local.serve(replicas=2)
    scheduler = ComputeScheduler()
    embedded = Engine(turns=scheduler)
    connected = cluster.connect(local.address, embedded, FilmsAndTrainings(embedded, scheduler), fallback=True)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def lab(engine):
    """The page's trainings, on the replicas."""
    scheduler = ComputeScheduler()
    return Lab(engine.models, scheduler, place=OnCluster(engine, Computing(scheduler)))


@pytest.fixture(scope="module")
def embedded(engine):
    """The engine as it is without a cluster."""
    return Engine(engine.models)


@pytest.fixture(scope="module")
def undisturbed(embedded):
    """The long film's frames."""
    return collect(embedded, LONG)[0]


# ---- where there is no cluster -----------------------------------------------------------------------------------


def test_nobody_at_the_address(monkeypatch):
    """One sentence, and nothing of Ray is left running."""
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    for address in ("127.0.0.1:9", "auto", "nonsense"):
        with pytest.raises(cluster.NoCluster, match=f"no cluster answers at {address}"):
            cluster.connect(address, Engine())
        assert not ray.is_initialized()


def test_a_cluster_that_runs_something_else(local):
    with pytest.raises(cluster.NoCluster, match="does not run DDPM Explorer"):
        cluster.connect(local.address, Engine())
    assert not ray.is_initialized()


def test_another_version_of_the_code(local, engine, monkeypatch):
    monkeypatch.setattr(connection, "code_version", lambda: "another")
    with pytest.raises(cluster.NoCluster, match="another version"):
        engine.connection.check(local.address)


# ---- the same films ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FILMS)
def test_a_film_is_the_embedded_engines(engine, embedded, kind):
    frames, there = collect(engine, FILMS[kind])
    want, here = collect(embedded, FILMS[kind])
    assert sorted(frames) == sorted(want) and ended(there) and total_of(there) == total_of(here)
    for number, (t, pixels) in want.items():
        assert frames[number][0] == t
        same(frames[number][1], pixels)


def test_a_trained_model_travels(engine, embedded):
    """A model that only the page holds reaches the replica by its value; one that nobody holds is refused."""
    request = FilmRequest.grid(2, 3, 0, steps=20, model=engine.models.add(tiny_model(seed=5)))
    for _ in range(4):  # both replicas
        same(collect(engine, request)[0][20][1], collect(embedded, request)[0][20][1])
    with pytest.raises(Refused, match="no longer held"):
        collect(engine, FilmRequest.grid(1, 3, 0, model="nowhere"))


def test_a_step_and_a_guess(engine, embedded):
    step, want = (asyncio.run(at.look(FilmRequest.grid(1, 3, 0, steps=10), 1000, "me")) for at in (engine, embedded))
    assert (step.t, step.t_prev) == (want.t, want.t_prev)
    np.testing.assert_allclose(step.x_prev, want.x_prev, atol=1e-3)
    question = GuessRequest(bytes(range(256)) * 3 + bytes(16), (1, 500), (3, 4), 7)
    got, want = (asyncio.run(at.guess(question)) for at in (engine, embedded))
    np.testing.assert_allclose(got.eps_hat, want.eps_hat, atol=1e-3)


def test_what_the_engine_refuses_is_refused_in_its_words(engine):
    with pytest.raises(Refused, match="takes 1 to 1000 steps"):
        collect(engine, FilmRequest.grid(1, 3, 0, steps=2000))


# ---- leaving, and being many -------------------------------------------------------------------------------------


def test_leaving_stops_the_work(engine):
    """The page is closed in mid-film: within a second no replica has anything to do."""

    async def leave():
        stream = engine.stream(LONG, "me")
        await anext(stream)
        assert sum(await asyncio.to_thread(lambda: list(replicas().values()))) == 1
        await stream.aclose()

    asyncio.run(leave())
    wait(lambda: sum(replicas().values()) == 0, 1.0)


def test_stop_and_play_again(engine):
    """Stopped: the last news says so. Played again without a stop: the first stream just ends."""

    async def run():
        told = []
        async for news in engine.stream(LONG, "me"):
            told.append(news)
            engine.stop("me")
        first = engine.stream(LONG, "me")
        await anext(first)
        second = [news async for news in engine.stream(FilmRequest.grid(1, 3, 1, steps=10), "me")]
        return told, second, [news async for news in first]

    told, second, rest = asyncio.run(run())
    assert ended(told, stopped=True) and 0 < sum(len(frames.t) for frames in frames_of(told)) < 1000
    assert ended(second) and not any(isinstance(news, Ended) for news in rest)


def test_thirty_viewers_share_both_replicas(engine):
    """Each replica has half of them, but for a few; all films end in their own digit; the load is told."""
    most: list[int] = []

    async def run():
        async def watch(k):
            return [news async for news in engine.stream(FilmRequest.grid(1, k % 10, k, steps=100), f"viewer {k}")]

        films = asyncio.gather(*(watch(k) for k in range(30)))
        while not films.done():
            await asyncio.sleep(0.2)
            most.append(min((await asyncio.to_thread(replicas)).values()))
        return await films

    films = asyncio.run(run())
    assert max(most) >= 12
    assert all(ended(told) and told[-2].t[-1] == 0 for told in films)
    assert len({told[-2].pixels[-1].tobytes() for told in films}) == 30


# ---- what dies ---------------------------------------------------------------------------------------------------


@pytest.fixture
def both(engine):
    """Both replicas are there: none still starts in place of one that a test has killed."""
    wait(lambda: len(replicas()) == 2, START_SECONDS)


def test_a_killed_replica_loses_no_film(engine, both, undisturbed):
    """Killed in mid-film: every frame comes once, and the digit is the undisturbed one. The other replica's viewer
    notices nothing.
    """
    frames, killed = {}, []

    async def run():
        told = []
        async for news in engine.stream(LONG, "me"):
            told.append(news)
            if isinstance(news, Frames):
                assert not set(frames) & set(range(news.start, news.end))
                frames.update({news.start + i: (t, news.pixels[i]) for i, t in enumerate(news.t)})
            if len(frames) > 100 and not killed:
                killed.extend(pid for pid, films in (await asyncio.to_thread(replicas)).items() if films)
                os.kill(killed[0], signal.SIGKILL)
        return told

    told = asyncio.run(run())
    assert len(killed) == 1 and ended(told)
    assert max(frames) == max(undisturbed) == total_of(told) - 1
    for number, (t, pixels) in frames.items():
        assert t == undisturbed[number][0]
        same(pixels, undisturbed[number][1], levels=2)


def test_a_killed_replica_loses_no_training(engine, lab, both, monkeypatch):
    """It goes on where it was, and who stops it then holds what was learnt, with all of its loss curve. No piece of it
    is computed here.
    """
    killed, asked, here, told = [], [], [], []
    answer = engine.connection.answer
    monkeypatch.setattr(engine.connection, "answer", lambda *question: asked.append(question) or answer(*question))
    monkeypatch.setattr(TrainingWorker, "piece", here.append)

    async def run():
        furthest = []  # the last step, each time that something was told after another replica was asked
        async for update in lab.start(Experiment(size="small", batch=8), 60.0, "me"):  # longer than all of this takes
            told.append(update)
            if not killed and update.steps and update.checkpoints:
                killed.extend(pid for pid, requests in (await asyncio.to_thread(replicas)).items() if requests)
                os.kill(killed[0], signal.SIGKILL)
            elif len(asked) == 2:
                furthest.append(max(point.step for heard in told for point in heard.steps))
                if furthest[-1] > furthest[:2][-1]:  # with the second the killed one's last words have come
                    lab.stop("me")

    asyncio.run(run())
    points, kept = {point.step: point for update in told for point in update.steps}, lab._kept["me"]
    assert len(killed) == 1 and told[-1].over and told[-1].progress < 1 and told[-1].model
    assert list(points.values()) == kept.points and len(kept.points) == kept.run.step
    assert not here


def test_a_lost_cluster_loses_no_film_and_no_training(local, engine, embedded, undisturbed, lab):
    """The whole cluster is gone in mid-film: the embedded engine goes on with it; without leave to do so,
    one sentence.
    """

    async def run():
        told, trained = [], asyncio.create_task(hear(lab.start(Experiment(size="small", batch=8), 2.0, "me")))
        async for news in engine.stream(LONG, "me"):
            told.append(news)
            if len(told) == 3:
                local.kill()
        return told, await trained

    told, trained = asyncio.run(run())
    assert ended(told) and trained[-1].progress == 1 and trained[-1].model
    same(told[-2].pixels[-1], undisturbed[total_of(told) - 1][1], levels=2)
    wait(lambda: engine.connection.lost)  # the film itself may have been on its way to the end
    same(collect(engine, FILMS["ddpm"])[0][40][1], collect(embedded, FILMS["ddpm"])[0][40][1])
    wait(lambda: engine.load()["films"] == 0, 1.0)
    engine._fallback = False
    with pytest.raises(FilmFailed, match="cannot be reached"):
        collect(engine, LONG)
