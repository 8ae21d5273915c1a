"""A film that goes on from a snapshot ends in the pictures that it would have ended in."""

from __future__ import annotations

import asyncio
import pickle

import numpy as np
import pytest

from explorer.serving.film import Film
from explorer.serving.film_request import FilmRequest
from tests.films import collect, ended, frames_of, same, total_of
from tests.tiny import pictures

DIGIT = ((pictures(1).squeeze().numpy() + 1) * 127.5).astype(np.uint8).tobytes()
FILMS = {
    "ddpm": dict(seeds=(1, 2, 3), labels=(4, 5, 10), steps=40, guidance=2.0),
    "ddim": dict(seeds=(1, 2), labels=(4, 5), steps=40, sampler="ddim"),
    "ddim that draws": dict(seeds=(7,), labels=(10,), steps=40, sampler="ddim", eta=0.7),
    "from a picture": dict(seeds=(3,), labels=(10,), steps=30, x_0=DIGIT, t_start=300),
    "fork": dict(seeds=(3,), labels=(6,), steps=40, fork_t=500, fork_seeds=(11, 12, 13)),
    "every other step": dict(seeds=tuple(range(16)), labels=(3,) * 16, steps=110),
}


@pytest.fixture
def snapshots(engine, monkeypatch):
    """Every snapshot that a stream could send, of the films that the engine computes from now on."""
    taken, accept = [], Film.accept

    def note(film, *step):
        taken.append(film.snapshot())
        accept(film, *step)
        taken.append(film.snapshot())

    monkeypatch.setattr(Film, "accept", note)
    return taken


@pytest.mark.parametrize("kind", FILMS)
def test_the_rest_is_the_same(engine, name, kind, snapshots):
    """From the beginning, from each side of a fork, from the middle and from the end: the frames since then, bit by
    bit.
    """
    request = FilmRequest(model=name, **FILMS[kind])
    whole, first = collect(engine, request)
    last = len(snapshots) - 1
    for snapshot in [pickle.loads(pickle.dumps(snapshots[i])) for i in (0, last // 2, last // 2 + 2, last - 2, last)]:
        rest, told = collect(Resumed(engine, snapshot), request)
        assert ended(told) and (not rest or total_of(told) == total_of(first))
        computed = [
            number
            for number, (t, _) in whole.items()
            if t <= request.visited(1000)[min(snapshot.steps, request.steps - 1)]
        ]
        assert set(rest) == (set(computed) if snapshot.steps < request.steps else set())
        for number, (t, pixels) in rest.items():
            assert t == whole[number][0]
            same(pixels, whole[number][1])


def test_no_frame_is_lost_between_a_snapshot_and_its_frames(engine, name):
    """Whichever news was the last to arrive: it and those before it hold every frame from before its snapshot."""
    request = FilmRequest.grid(1, 3, 0, steps=600, model=name)
    told = frames_of(collect(engine, request)[1])
    assert len(told) > 2
    seen = set()
    for frames in told:
        seen |= set(range(frames.start, frames.end))
        assert seen >= set(range(frames.snapshot.steps))


class Resumed:
    """The engine, every stream of which begins after this snapshot."""

    def __init__(self, engine, snapshot):
        self._engine, self._snapshot = engine, snapshot

    def stream(self, request, owner):
        return self._engine.stream(request, owner, self._snapshot)


def test_a_snapshot_is_small(engine, name):
    """16 pictures: 50 KB, beside the frames' 376 KB."""

    async def first():
        async for frames in engine.stream(FilmRequest.grid(16, 3, 0, steps=50, model=name), "me"):
            return frames
        raise AssertionError("a film without frames")

    assert len(pickle.dumps(asyncio.run(first()).snapshot)) < 16 * 784 * 4 + 500
