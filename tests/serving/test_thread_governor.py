"""Fewer threads beside a busy program, and all of them again when it has gone."""

from __future__ import annotations

import sys
import threading

import pytest

from explorer.serving.thread_governor import FIRST_TRY_SECONDS, SAMPLE_SECONDS, ThreadGovernor, seconds_waited


class Machine:
    """A clock and cores: whoever uses more threads than there are free cores waits for half of the time."""

    def __init__(self, most: int) -> None:
        self.now, self.waited, self.free, self.used = 0.0, 0.0, most, [most]
        self.governor = ThreadGovernor(most, lambda: self.waited, lambda: self.now, self.used.append)

    def run(self, seconds: float) -> int:
        """Compute so long; returns the number of threads in the end."""
        end = self.now + seconds
        while self.now < end:
            self.now += 0.01
            self.waited += 0.005 if self.governor.threads > self.free else 0.0
            self.governor.look()
        return self.governor.threads


def test_alone_all_threads_are_used():
    machine = Machine(4)
    assert machine.run(60) == 4 and machine.used == [4]


def test_beside_a_busy_program_one_less():
    machine = Machine(2)
    machine.free = 1
    assert machine.run(2 * SAMPLE_SECONDS) == 1


def test_beside_many_as_few_as_needed_and_never_none():
    machine = Machine(8)
    machine.free = 3
    assert machine.run(2) == 3
    machine.free = 0
    assert machine.run(5) == 1


def test_tries_that_fail_become_rare():
    machine = Machine(2)
    machine.free = 1
    machine.run(120)
    assert machine.used.count(2) <= 8  # the first, and seven tries in two minutes


def test_when_the_others_have_gone_all_come_back():
    machine = Machine(2)
    machine.free = 1
    machine.run(FIRST_TRY_SECONDS / 2)
    machine.free = 2
    assert machine.run(2 * FIRST_TRY_SECONDS) == 2
    assert machine.run(30) == 2


@pytest.mark.parametrize(("most", "waited"), [(1, 0.0), (2, None)])
def test_without_choice_or_figures_nothing_happens(most, waited):
    used = []
    now = iter(range(100))
    governor = ThreadGovernor(most, lambda: waited, lambda: float(next(now)), used.append)
    for _ in range(20):
        governor.look()
    assert used == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_thread_of_this_machine_has_waited_for_some_time():
    found = []
    thread = threading.Thread(target=lambda: found.append(seconds_waited()))
    thread.start()
    thread.join()
    assert found[0] is None or 0 <= found[0] < 5
