"""How many processor cores this process may use, which is not how many the machine has.

In a container with a quota of two cores on a host of 32 (a Space, say) torch starts a thread for each of the host's
cores. They then wait for one another at every operation, and a training becomes tens of times slower.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

import torch

ROOT = Path("/")


def available_cores(root: Path = ROOT) -> int:
    """The cores that this process may keep busy, at least 1: its affinity, or its container's quota if that is smaller.

    root: where /proc and /sys are found.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.floor(min([allowed, *quotas(root)])))


def quotas(root: Path = ROOT) -> Iterator[float]:
    """The cores granted by each limit on the way from this process's control group up to the root, of
    version 1 and 2.
    """
    for line in _lines(root / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0":  # version 2: one file "quota period", where the quota may be "max"
            mounts, read = ("sys/fs/cgroup", "sys/fs/cgroup/unified"), _quota_2
        elif "cpu" in controllers.split(","):  # version 1: two files, where -1 is no quota
            mounts, read = ("sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"), _quota_1
        else:
            continue
        # inside a container the group's own path may be the host's, which is not there: the mount itself is then the
        # group
        groups = dict.fromkeys([Path(group.lstrip("/")), *Path(group.lstrip("/")).parents, Path()])
        for folder in (root / mount / inner for mount in mounts for inner in groups if ".." not in inner.parts):
            quota = read(folder)
            if quota is not None:
                yield quota


def use_cores(threads: int = 0) -> int:
    """Let torch compute with so many threads; 0: with as many as there are cores for them. Returns how many those are.

    torch's own default is kept where it is smaller: on a processor with two threads a core it counts the cores.
    """
    torch.set_num_threads(threads or min(torch.get_num_threads(), available_cores()))
    return torch.get_num_threads()


def _quota_2(folder: Path) -> float | None:
    return _cores(" ".join(_lines(folder / "cpu.max")).split())


def _quota_1(folder: Path) -> float | None:
    return _cores([*_lines(folder / "cpu.cfs_quota_us"), *_lines(folder / "cpu.cfs_period_us")])


def _cores(limit: list[str]) -> float | None:
    """[quota, period], both in microseconds, as cores; None for no limit."""
    try:
        quota, period = map(int, limit)
    except ValueError:
        return None
    return quota / period if quota > 0 and period > 0 else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().split("\n")[:-1]
    except (OSError, UnicodeDecodeError):
        return []
