"""The end that a container or a service asks for. A module of its own, since it is needed before the slow imports."""

from __future__ import annotations

import signal
from types import FrameType


def end_on_sigterm(code: int = 0) -> None:
    """From here on SIGTERM ends the program in order, with this exit code; a container's first process would not hear
    it.

    It is raised as SystemExit in the main thread, so that what is open there is closed.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(code)

    signal.signal(signal.SIGTERM, end)
