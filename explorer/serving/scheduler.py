"""The one thread that computes. It asks films and trainings in turn for their next piece of work.

One thread for all of it is also several times faster than one for each: torch's operations run on a team of helper
threads, every thread that calls torch gets a team of its own, and with more helpers than cores the teams go to sleep
between two operations instead of standing by.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import torch

from explorer.serving.memory import give_back_memory, keep_freed_memory
from explorer.serving.thread_governor import ThreadGovernor

log = logging.getLogger(__name__)

REST_SECONDS = 2.0  # without work, after which freed memory is given back
IDLE_SECONDS = 0.02  # a party without work for this long is not waited for
# seconds of films for each of training: with the pauses between their ticks, films then keep half of their frame rate
OWED_SHARE = 1.2
MAX_CREDIT_SECONDS = 0.1  # seconds: a training that was not there has earned no more than this


class Closed(RuntimeError):
    """The computing thread has ended."""


class Worker(Protocol):
    """Whoever has something to compute again and again, like the engine, or a training."""

    @property
    def busy(self) -> bool:
        """Whether there is something to compute now. Asked from any thread, and must not wait for anything."""

    def work(self) -> None:
        """Compute the next piece, some milliseconds of it. Called in the computing thread alone."""


Result = TypeVar("Result")


@dataclass
class Party:
    """One of the two that take turns, films and trainings: its workers, and single pieces of work from other threads.

    Guarded by the scheduler's lock.
    """

    workers: deque[Worker] = field(default_factory=deque)  # the one that comes next first
    pieces: deque[tuple[Callable[[], object], Future]] = field(default_factory=deque)
    ended: float = float("-inf")  # when work of this party last ended, of time.perf_counter
    worker_was_last: bool = False

    @property
    def busy(self) -> bool:
        """Whether there is work."""
        return bool(self.pieces) or any(worker.busy for worker in self.workers)

    def take(self) -> tuple[Callable[[], object], Future | Worker]:
        """Its next work, and whose it is: pieces and workers in turn. There must be some."""
        worker = next((worker for worker in self.workers if worker.busy), None)
        if worker is None or (self.pieces and self.worker_was_last):
            self.worker_was_last = False
            return self.pieces.popleft()
        self.worker_was_last = True
        self.workers.remove(worker)
        self.workers.append(worker)
        return worker.work, worker


class ComputeScheduler:
    """Runs one piece of work at a time; of two busy parties, each gets about half of the time.

    Films are computed in short ticks, a training in longer steps. After each of its steps the training lets the films
    compute for a little longer than that step took, unless there is nothing to film.
    """

    def __init__(self, *, careful: bool = True) -> None:
        """careful: with fewer threads while other programs want the cores."""
        keep_freed_memory()
        self._careful = careful
        self._changed = threading.Condition()
        self._films, self._trainings = Party(), Party()
        self._owed = 0.0  # seconds that the training owes to the films; below 0, the films to it
        self._working: Worker | None = None  # whose work is in hand
        self._thread: threading.Thread | None = None
        self._closed = False

    def films(self, work: Callable[[], Result]) -> Result:
        """Run `work` (some guesses, say) in the computing thread; returns its result or raises its exception."""
        return self._hand_over(self._films, work)

    def training(self, work: Callable[[], Result]) -> Result:
        """The same for a piece of work that belongs to a training."""
        return self._hand_over(self._trainings, work)

    def serve_films(self, worker: Worker) -> None:
        """Ask this worker for its work whenever it is the films' turn, until it is withdrawn."""
        self._add(self._films, worker)

    def serve_training(self, worker: Worker) -> None:
        """The same with a training. Raises Closed."""
        self._add(self._trainings, worker)

    def withdraw(self, worker: Worker) -> None:
        """Ask this worker no longer; returns once its work in hand is done. Nothing happens if it is not served."""
        with self._changed:
            for party in (self._films, self._trainings):
                if worker in party.workers:
                    party.workers.remove(worker)
            while self._working is worker and threading.current_thread() is not self._thread:
                self._changed.wait()

    def wake(self) -> None:
        """A worker that had nothing to compute has something now."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End the thread after the work in hand. Python calls this before it ends: torch must not be cut off in the
        middle.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        atexit.unregister(self.close)

    def _add(self, party: Party, worker: Worker) -> None:
        with self._changed:
            self._begin()
            party.workers.append(worker)
            self._changed.notify_all()

    def _begin(self) -> None:
        """Start the thread if there is none yet; called with the lock held. Raises Closed."""
        if self._closed:
            raise Closed("the server is shutting down")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="compute", daemon=True)
            self._thread.start()
            atexit.register(self.close)

    def _hand_over(self, party: Party, work: Callable[[], Result]) -> Result:
        if threading.current_thread() is self._thread:
            return work()  # part of a piece of work
        answer: Future[Result] = Future()
        with self._changed:
            self._begin()
            party.pieces.append((work, answer))
            self._changed.notify_all()
        return answer.result()

    def _run(self) -> None:
        governor = ThreadGovernor(torch.get_num_threads())
        while True:
            with self._changed:
                waits = not self._films.busy and not self._trainings.busy
                party = self._await_work()
                if party is None:
                    for _, answer in [*self._films.pieces, *self._trainings.pieces]:
                        answer.set_exception(Closed("the server is shutting down"))
                    return
                work, whose = party.take()
                self._working = None if isinstance(whose, Future) else whose
            if waits:
                governor.rested()
            began = time.perf_counter()
            self._do(work, whose)
            with self._changed:
                self._working = None
                self._account(party, began, time.perf_counter())
                self._changed.notify_all()
            del work, whose  # what a training holds may go now, not only after the next work
            if self._careful:
                governor.look()

    def _await_work(self) -> Party | None:
        """The party whose turn it is, as soon as one has work, or None once the scheduler is closed. Called with the
        lock held.
        """
        rests = False
        while not self._closed:
            party = self._whose_turn()
            if party is not None:
                return party
            if self._films.busy or self._trainings.busy:
                self._changed.wait(IDLE_SECONDS)
            elif not self._changed.wait(None if rests else REST_SECONDS):
                rests = True
                give_back_memory()
        return None

    def _do(self, work: Callable[[], object], whose: Future | Worker) -> None:
        """Do this work. An exception belongs to whoever handed it over; a worker that raises one is withdrawn."""
        try:
            result = work()
        except BaseException as error:
            if isinstance(whose, Future):
                whose.set_exception(error)
            else:
                log.exception("%s is no longer served", type(whose).__name__)
                self.withdraw(whose)
        else:
            if isinstance(whose, Future):
                whose.set_result(result)

    def _whose_turn(self) -> Party | None:
        """The party whose work comes next, or None if it is better to wait."""
        first, second = (self._films, self._trainings) if self._owed > 0 else (self._trainings, self._films)
        if first.busy:
            return first
        if second.busy and time.perf_counter() - first.ended > IDLE_SECONDS:
            return second
        return None

    def _account(self, party: Party, began: float, ended: float) -> None:
        party.ended = ended
        if party is self._films:
            self._owed = max(-MAX_CREDIT_SECONDS, self._owed - (ended - began))
        else:
            self._owed = min(self._owed, 0.0) + OWED_SHARE * (ended - began)
