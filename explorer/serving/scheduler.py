"""The one thread that computes. Films and trainings hand it their work, a little at a time, and it takes turns between
them.

One thread for all of it is also several times faster than one for each: torch's operations run on a team of helper
threads, every thread that calls torch gets a team of its own, and with more helpers than cores the teams go to sleep
between two operations instead of standing by.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import torch

from explorer.serving.memory import give_back_memory, keep_freed_memory
from explorer.serving.thread_governor import ThreadGovernor

REST_SECONDS = 2.0  # without work, after which freed memory is given back
IDLE_SECONDS = 0.02  # whoever has not asked for this long is not waited for
# seconds of films for each of training: with the pauses between their ticks, films then keep half of their frame rate
OWED_SHARE = 1.2
MAX_CREDIT_SECONDS = 0.1  # seconds: a training that was not there has earned no more than this


class Closed(RuntimeError):
    """The computing thread has ended."""


Work = tuple[Callable[[], Any], Future]


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
        self._films: deque[Work] = deque()
        self._trainings: deque[Work] = deque()
        self._films_last = self._trainings_last = float("-inf")  # when work of this kind last ended
        self._owed = 0.0  # seconds that the training owes to the films; below 0, the films to it
        self._thread: threading.Thread | None = None
        self._closed = False

    def films(self, work: Callable[[], Any]) -> Any:
        """Run `work` (one tick of the engine, say) in the computing thread; returns its result or raises its
        exception.
        """
        return self._hand_over(self._films, work)

    def training(self, work: Callable[[], Any]) -> Any:
        """The same for one step of a training."""
        return self._hand_over(self._trainings, work)

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

    def _hand_over(self, queue: deque[Work], work: Callable[[], Any]) -> Any:
        if threading.current_thread() is self._thread:
            return work()  # part of a piece of work
        answer: Future = Future()
        with self._changed:
            if self._closed:
                raise Closed("the server is shutting down")
            queue.append((work, answer))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="compute", daemon=True)
                self._thread.start()
                atexit.register(self.close)
            self._changed.notify_all()
        return answer.result()

    def _run(self) -> None:
        governor = ThreadGovernor(torch.get_num_threads())
        while True:
            with self._changed:
                rests = False
                waits = not self._films and not self._trainings
                while (queue := self._whose_turn()) is None and not self._closed:
                    if self._trainings or self._films:
                        self._changed.wait(IDLE_SECONDS)
                    elif not self._changed.wait(None if rests else REST_SECONDS):
                        rests = True
                        give_back_memory()
                if self._closed or queue is None:
                    for _, answer in [*self._films, *self._trainings]:
                        answer.set_exception(Closed("the server is shutting down"))
                    return
                work, answer = queue.popleft()
            if waits:
                governor.rested()
            began = time.perf_counter()
            try:
                answer.set_result(work())
            except BaseException as error:  # belongs to whoever handed the work over
                answer.set_exception(error)
            self._account(queue, began, time.perf_counter())
            if self._careful:
                governor.look()

    def _whose_turn(self) -> deque[Work] | None:
        """The queue whose work comes next, or None if it is better to wait."""
        first, second, last = self._trainings, self._films, self._trainings_last
        if self._owed > 0:
            first, second, last = self._films, self._trainings, self._films_last
        if first:
            return first
        if second and time.perf_counter() - last > IDLE_SECONDS:
            return second
        return None

    def _account(self, queue: deque[Work], began: float, ended: float) -> None:
        if queue is self._films:
            self._films_last = ended
            self._owed = max(-MAX_CREDIT_SECONDS, self._owed - (ended - began))
        else:
            self._trainings_last = ended
            self._owed = min(self._owed, 0.0) + OWED_SHARE * (ended - began)
