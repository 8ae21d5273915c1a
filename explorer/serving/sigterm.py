"""The end that a container or a service asks for. A module of its own, since it is needed before the slow imports."""

from __future__ import annotations

import signal
from types import FrameType


def end_on_sigterm() -> None:
    """From here on SIGTERM ends the program in order, with exit code 0; a container's first process would not hear it.

    It is raised as SystemExit in the main thread, so that what is open there is closed.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
