"""How a thread wakes a coroutine: what viewers wait on, so that nobody has to look again and again."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Bell:
    """Rung from any thread, it wakes the one coroutine that waits for it, or the next that will."""

    def __init__(self) -> None:
        """Within the event loop in which it will be waited for."""
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits. Safe to call from any thread, at any time."""
        with suppress(RuntimeError):  # the loop has ended, and whoever waited with it
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float | None = None) -> None:
        """Returns once it is rung, or after so many seconds."""
        alarm = None if seconds is None else self._loop.call_later(seconds, self._rung.set)
        try:
            await self._rung.wait()
        finally:
            if alarm is not None:
                alarm.cancel()
        self._rung.clear()
