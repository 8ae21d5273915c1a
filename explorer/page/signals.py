"""SIGTERM, by which containers and services end a program: as a container's first process (number 1) it would else not
be heard at all. This module imports nothing slow, so that it stands before everything else.
"""

from __future__ import annotations

import os
import signal
from types import FrameType


def end_at_once_on_sigterm() -> None:
    """Until the page is served there is nothing to close: SIGTERM ends the program on the spot, with exit code 0."""

    def end(number: int, frame: FrameType | None) -> None:
        os._exit(0)

    signal.signal(signal.SIGTERM, end)


def end_on_sigterm() -> None:
    """SIGTERM ends the program as Ctrl+C does: the server is closed, and the exit code is 0."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
