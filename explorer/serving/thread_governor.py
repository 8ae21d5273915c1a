"""Fewer threads while other programs want the cores.

Each operation of torch is shared out to all its threads, and ends when the last of them has done its part. Where
another program holds one of two cores, one thread has to wait for it at every operation, and both together get less
done than one alone would (`python -m explorer bench --threads`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import torch

SAMPLE_SECONDS = 0.25  # between two looks
SMOOTHING = 0.4  # the weight of the latest look in the average: a crowd's bursts are shorter than a busy program
# The share of its time that a thread waits for a core, above which there are too many. Measured with two threads on two
# cores: 0.33 to 0.42 beside a program that keeps a core busy, 0.2 with thirty viewers and nothing else.
CONTENDED = 0.3
TRY_SECONDS = 1.5  # with one thread more and without contention, after which the try has succeeded
FIRST_TRY_SECONDS = 2.0  # without contention, after which one more thread is tried
LONGEST_TRY_SECONDS = 30.0  # every try that fails doubles the time until the next, up to this


def seconds_waited() -> float | None:
    """How long the calling thread has been ready to run without a core, since it began; None where nobody says."""
    try:
        fields = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text().split()
        return int(fields[1]) / 1e9
    except (OSError, IndexError, ValueError):  # not Linux, or a kernel without these figures
        return None


class ThreadGovernor:
    """Sets how many threads torch uses in the calling thread, from 1 to `most`. All calls come from that thread."""

    def __init__(
        self,
        most: int,
        waited: Callable[[], float | None] = seconds_waited,
        clock: Callable[[], float] = time.perf_counter,
        use: Callable[[int], None] = torch.set_num_threads,
    ) -> None:
        """waited: see `seconds_waited`; clock: seconds; use: sets the number of threads."""
        self._most, self._waited, self._clock, self._use = most, waited, clock, use
        self.threads = most
        self._looked, self._waited_then = clock(), waited()
        self._changed = self._looked
        self._share = 0.0  # of its time that the thread has waited lately
        self._patience = FIRST_TRY_SECONDS
        self._trying = False

    def look(self) -> None:
        """After a piece of work: one thread less if this one had to wait for a core, one more after a while without."""
        now = self._clock()
        if self._most == 1 or self._waited_then is None or now - self._looked < SAMPLE_SECONDS:
            return
        waited = self._waited()
        if waited is None:
            return
        self._share += SMOOTHING * ((waited - self._waited_then) / (now - self._looked) - self._share)
        contended = self._share > CONTENDED
        self._looked, self._waited_then = now, waited
        if contended and self.threads > 1:
            self._patience = min(2 * self._patience, LONGEST_TRY_SECONDS) if self._trying else FIRST_TRY_SECONDS
            self._set(self.threads - 1, now)
            self._trying = False
        elif not contended and self._trying:
            if now - self._changed > TRY_SECONDS:
                self._trying, self._patience = False, FIRST_TRY_SECONDS
        elif not contended and self.threads < self._most and now - self._changed > self._patience:
            self._set(self.threads + 1, now)
            self._trying = True

    def rested(self) -> None:
        """After a pause in which nothing was computed: what was waited for then says nothing."""
        self._looked, self._waited_then = self._clock(), self._waited()

    def _set(self, threads: int, now: float) -> None:
        self.threads, self._changed = threads, now
        self._use(threads)
