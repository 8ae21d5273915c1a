"""How this process holds its memory."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
LARGE = 32 * 2**20  # bytes, the most that glibc allows
KEPT = 64 * 2**20


def keep_freed_memory() -> bool:
    """Let glibc keep the memory that a forward pass has freed for the next one, up to 64 MB.

    By default it gives large blocks back to the system at once, and fetching them again, page by page, costs up to a third of
    the time of a large batch. Returns whether that was possible: another C library has no such setting.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform.startswith("linux") else None
    return mallopt is not None and bool(mallopt(M_MMAP_THRESHOLD, LARGE)) and bool(mallopt(M_TRIM_THRESHOLD, KEPT))
