"""How this process holds its memory."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # glibc's malloc.h
LARGE_BYTES = 32 * 2**20  # bytes, the most that glibc allows
KEPT_BYTES = 64 * 2**20
ARENAS = 2  # one thread computes; the others answer requests


def _glibc(function: str) -> Callable[..., int] | None:
    """One of glibc's functions; None with another C library."""
    return getattr(ctypes.CDLL(None), function, None) if sys.platform.startswith("linux") else None


def keep_freed_memory() -> bool:
    """Let glibc keep the memory that a forward pass has freed for the next one, up to 64 MB, in two places and not one
    for every thread.

    By default it gives large blocks back to the system at once, and fetching them again, page by page, costs up to a
    third of the time of a large batch. And it gives each of a server's many threads a heap of its own, with gaps that
    grow all day: call this before they begin. Returns whether that was possible: another C library has no such
    settings.
    """
    mallopt = _glibc("mallopt")
    return mallopt is not None and all(
        [mallopt(M_MMAP_THRESHOLD, LARGE_BYTES), mallopt(M_TRIM_THRESHOLD, KEPT_BYTES), mallopt(M_ARENA_MAX, ARENAS)]
    )


def give_back_memory() -> bool:
    """Return to the system what is free, for a time of rest: a crowd's memory is not kept when the crowd has gone."""
    trim = _glibc("malloc_trim")
    return trim is not None and bool(trim(0))
