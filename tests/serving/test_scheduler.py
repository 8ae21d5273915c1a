"""Who computes when: films and a training never at once, and neither is starved."""

from __future__ import annotations

import platform
import threading
import time

import pytest

from explorer.serving.memory import keep_freed_memory
from explorer.serving.scheduler import ComputeScheduler
from tests.films import wait

OWED = 2.0  # seconds


class Party(threading.Thread):
    """Takes its turn again and again, computing (here: sleeping) `each` seconds every time, until told to end."""

    def __init__(self, turn, each: float, inside: list) -> None:
        super().__init__(daemon=True)
        self.turn, self.each, self.inside = turn, each, inside
        self.held, self.turns, self.clashes, self.ending = 0.0, 0, 0, threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            self.turn(self.compute)

    def compute(self) -> None:
        began = time.perf_counter()
        self.inside.append(self)
        self.clashes += len(self.inside) > 1
        time.sleep(self.each)
        self.inside.remove(self)
        self.held += time.perf_counter() - began
        self.turns += 1


def run_together(seconds: float, *makers) -> list[Party]:
    turns, inside = ComputeScheduler(), []
    parties = [Party(getattr(turns, name), each, inside) for name, each in makers]
    for party in parties:
        party.start()
    time.sleep(seconds)
    for party in parties:
        party.ending.set()
    for party in parties:
        party.join(5)
        assert not party.is_alive(), "someone waits for ever"
    turns.close()
    return parties


@pytest.mark.parametrize("tick, step", [(0.002, 0.02), (0.01, 0.02), (0.03, 0.01)])
def test_both_busy_share_the_time(tick, step):
    """Never both at once; films get about half of the time (here: 40 to 65%)."""
    films, training = run_together(1.5, ("films", tick), ("training", step))
    assert films.clashes == training.clashes == 0
    share = films.held / (films.held + training.held)
    assert 0.40 <= share <= 0.65, f"films had {share:.0%}"


def test_training_alone_runs_at_full_speed():
    """With nothing to film, the training computes at least 70% of the time: it does not wait for films that
    never come.
    """
    (training,) = run_together(1.0, ("training", 0.01))
    assert training.held > 0.7


def test_films_alone_run_at_full_speed():
    """And the other way round."""
    (films,) = run_together(1.0, ("films", 0.005))
    assert films.held > 0.6


def test_many_parties_never_overlap():
    """Three engines and two trainings on one ComputeScheduler: still one at a time, and everybody gets turns."""
    parties = run_together(
        1.0, ("films", 0.002), ("films", 0.003), ("films", 0.001), ("training", 0.004), ("training", 0.003)
    )
    assert all(party.clashes == 0 for party in parties) and all(party.turns > 0 for party in parties)


@pytest.mark.parametrize("name", ["films", "training"])
def test_work_that_breaks_is_given_back(name):
    """An exception passes through to whoever handed the work over, and the next work goes on, in the same thread."""
    turns = ComputeScheduler()

    def broken():
        raise KeyError

    with pytest.raises(KeyError):
        getattr(turns, name)(broken)
    assert turns.films(threading.current_thread) is turns.training(threading.current_thread)


def test_work_within_work_runs_at_once():
    """A piece of work may itself ask for a turn: it has one."""
    turns = ComputeScheduler()
    assert turns.films(lambda: turns.training(lambda: 7)) == 7


def test_films_that_end_do_not_hold_the_training_up():
    """Once films stop asking, a training that owes them time goes on within a moment."""
    turns = ComputeScheduler()
    turns.films(lambda: None)
    turns.training(lambda: time.sleep(OWED))  # owes the films as much
    began = time.perf_counter()
    turns.training(lambda: None)
    assert time.perf_counter() - began < 0.5 * OWED


def test_after_closing_work_is_refused():
    """Nobody waits for ever for a thread that has ended."""
    turns = ComputeScheduler()
    assert turns.films(lambda: 1) == 1
    turns.close()
    with pytest.raises(RuntimeError, match="shutting down"):
        turns.films(lambda: 2)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc's malloc")
def test_freed_memory_can_be_kept():
    assert keep_freed_memory() is True


def test_at_rest_memory_is_given_back_once(monkeypatch):
    """After a while without work, once; and again only after other work."""
    given = []
    monkeypatch.setattr("explorer.serving.scheduler.REST_SECONDS", 0.05)
    monkeypatch.setattr("explorer.serving.scheduler.give_back_memory", lambda: given.append(1))
    turns = ComputeScheduler()
    for round_ in (1, 2):
        turns.films(lambda: None)
        wait(lambda round_=round_: len(given) == round_)
        time.sleep(0.1)
        assert len(given) == round_
    turns.close()
