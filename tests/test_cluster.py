"""Films from a real, small Ray cluster of two replicas: the same as the embedded engine's, whatever happens to the replicas."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

ray = pytest.importorskip("ray", reason="Ray is not installed (explorer/requirements-cluster.txt)")

from explorer import cluster
from explorer.engine import Engine
from explorer.film import FilmFailed, FilmRequest, Refused
from explorer.guess import GuessRequest
from tests.films import collect, same, wait
from tests.tiny import tiny_model

ROOT = Path(__file__).parent.parent
LONG = FilmRequest.grid(1, 3, 7, steps=1000)
FILMS = {
    "ddpm": FilmRequest.grid(4, 3, 0, steps=40, guidance=2.0),
    "fork": FilmRequest.grid(1, 10, 5, steps=50, sampler="ddim", fork_t=FilmRequest.grid(1, 10, 5, steps=50).visited(1000)[20], fork_seeds=(1, 2, 3)),
}


class Local:
    """A Ray on this machine alone, in processes of its own."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self._folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # short: sockets lie in it
        self._started: list[subprocess.Popen] = []

    def start(self, *command: str, until: str) -> None:
        """Run a command of Ray's until it is stopped; returns once it has printed `until`."""
        log = self._folder / f"{len(self._started)}.log"
        with log.open("w") as out:
            program = [sys.executable, "-m", *command]
            self._started.append(subprocess.Popen(program, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True))
        wait(lambda: until in log.read_text() or self._started[-1].poll() is not None, 60.0)
        assert until in log.read_text(), log.read_text()

    def head(self) -> None:
        size = ("--num-cpus=2", f"--object-store-memory={80 * 2**20}", "--include-dashboard=false", "--disable-usage-stats")
        port = self.address.rpartition(":")[2]
        self.start("ray.scripts.scripts", "start", "--head", f"--port={port}", "--node-ip-address=127.0.0.1", f"--temp-dir={self._folder}", *size, "--block", until="This command will now block")

    def serve(self) -> None:
        self.start("ray.serve.scripts", "run", f"--address={self.address}", "explorer.cluster:app", "min_replicas=2", "max_replicas=2", until="Application 'default' is ready")

    def kill(self) -> None:
        for process in reversed(self._started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def clear(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="module")
def local():
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_AUTH_MODE", "disabled")  # nobody else reaches it, and no token is left in the home folder
        running = Local()
        try:
            running.head()
            yield running
        finally:
            ray.shutdown()
            running.clear()


@pytest.fixture(scope="module")
def engine(local):
    """The page's side, connected to two replicas."""
    local.serve()
    connected = cluster.connect(local.address, Engine(), fallback=True)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def embedded(engine):
    """The engine as it is without a cluster."""
    return Engine(engine.models)


@pytest.fixture(scope="module")
def undisturbed(embedded):
    """The long film's frames."""
    return collect(embedded, LONG)[0]


def replicas() -> dict[int, int]:
    """The replicas' process ids, with the number of requests that each has."""
    actors = [ray.get_actor(**actor) for actor in ray.util.list_named_actors(all_namespaces=True) if "#engine#" in actor["name"]]
    return dict(ray.get([actor.__ray_call__.remote(lambda replica: (os.getpid(), replica.get_num_ongoing_requests())) for actor in actors], timeout=10))


# ---- where there is no cluster -----------------------------------------------------------------------------------


def test_nobody_at_the_address():
    """One sentence, at once, and nothing of Ray is left running."""
    began = time.perf_counter()
    with pytest.raises(cluster.NoCluster, match="no cluster answers at 127.0.0.1:9"):
        cluster.connect("127.0.0.1:9", Engine())
    with pytest.raises(cluster.NoCluster, match="no cluster answers at nonsense"):
        cluster.connect("nonsense", Engine())
    assert time.perf_counter() - began < 5 and not ray.is_initialized()


def test_a_cluster_that_runs_something_else(local):
    with pytest.raises(cluster.NoCluster, match="does not run DDPM Explorer"):
        cluster.connect(local.address, Engine())
    assert not ray.is_initialized()


def test_another_version_of_the_code(local, engine, monkeypatch):
    from explorer.cluster import connection

    monkeypatch.setattr(connection, "code_version", lambda: "another")
    with pytest.raises(cluster.NoCluster, match="another version"):
        engine.connection.check(local.address)


# ---- the same films ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FILMS)
def test_a_film_is_the_embedded_engines(engine, embedded, kind):
    frames, chunks = collect(engine, FILMS[kind])
    want, told = collect(embedded, FILMS[kind])
    assert sorted(frames) == sorted(want) and chunks[-1].done and chunks[-1].total == told[-1].total
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
    """Stopped: a last chunk says so. Played again without a stop: the first stream just ends."""

    async def run():
        chunks = []
        async for chunk in engine.stream(LONG, "me"):
            chunks.append(chunk)
            engine.stop("me")
        first = engine.stream(LONG, "me")
        await anext(first)
        second = [chunk async for chunk in engine.stream(FilmRequest.grid(1, 3, 1, steps=10), "me")]
        return chunks, second, [chunk async for chunk in first]

    chunks, second, rest = asyncio.run(run())
    assert chunks[-1].done and chunks[-1].stopped and chunks[-1].t == () and 0 < sum(len(chunk.t) for chunk in chunks) < 1000
    assert second[-1].done and not second[-1].stopped and not any(chunk.done for chunk in rest)


def test_thirty_viewers_share_both_replicas(engine):
    """Each replica has at least a quarter of them; all films end in their own digit; the load is told."""
    most: list[int] = []

    async def run():
        async def watch(k):
            return [chunk async for chunk in engine.stream(FilmRequest.grid(1, k % 10, k, steps=100), f"viewer {k}")]

        films = asyncio.gather(*(watch(k) for k in range(30)))
        while not films.done():
            await asyncio.sleep(0.2)
            most.append(min((await asyncio.to_thread(replicas)).values()))
        return await films

    films = asyncio.run(run())
    assert max(most) >= 8
    assert all(chunks[-1].done and chunks[-2].t[-1] == 0 for chunks in films)
    assert len({chunks[-2].pixels[-1].tobytes() for chunks in films}) == 30


# ---- what dies ---------------------------------------------------------------------------------------------------


def test_a_killed_replica_loses_no_film(engine, undisturbed):
    """Killed in mid-film: every frame comes once, and the digit is the undisturbed one. The other replica's viewer notices nothing."""
    frames, killed = {}, []

    async def run():
        async for chunk in engine.stream(LONG, "me"):
            assert not set(frames) & set(range(chunk.start, chunk.start + len(chunk.t)))
            frames.update({chunk.start + i: (t, chunk.pixels[i]) for i, t in enumerate(chunk.t)})
            if len(frames) > 100 and not killed:
                killed.extend(pid for pid, films in (await asyncio.to_thread(replicas)).items() if films)
                os.kill(killed[0], signal.SIGKILL)
        return chunk

    last = asyncio.run(run())
    assert len(killed) == 1 and last.done and not last.stopped
    assert max(frames) == max(undisturbed) == last.total - 1
    for number, (t, pixels) in frames.items():
        assert t == undisturbed[number][0]
        same(pixels, undisturbed[number][1], levels=2)


def test_a_lost_cluster_loses_no_film(local, engine, undisturbed):
    """The whole cluster is gone in mid-film: the embedded engine goes on with it; without leave to do so, one sentence."""

    async def run():
        chunks = []
        async for chunk in engine.stream(LONG, "me"):
            chunks.append(chunk)
            if len(chunks) == 3:
                local.kill()
        return chunks

    chunks = asyncio.run(run())
    assert chunks[-1].done and not chunks[-1].stopped
    same(chunks[-2].pixels[-1], undisturbed[chunks[-1].total - 1][1], levels=2)
    assert engine.load()["films"] == 0
    engine._fallback = False
    with pytest.raises(FilmFailed, match="cannot be reached"):
        collect(engine, LONG)
