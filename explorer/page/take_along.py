"""The page as one file, for whoever wants to take it along: written once, when it is first asked for, by a process of
its own that leaves films the cores, and kept until the server ends.

    /explorer-file/state          {"bytes": how many it has, 0 while it is being written, "problem": why there is none}
    /explorer-file/explorer.html  the file, to be saved

A page asks for the state again and again, as no proxy lets a request wait for half a minute.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

LOG = logging.getLogger(__name__)
ROUTE = "/explorer-file"
NAME = "explorer.html"
PROBLEM = "The file could not be written on this server."
WRITER = (sys.executable, "-m", "explorer.page.offline")
HOUSE = Path(__file__).parents[2]
GENTLE = ("nice", "-n", "5") if Path("/usr/bin/nice").exists() else ()


async def write(path: Path) -> None:
    """Write the file there. Raises OSError where that fails."""
    process = await asyncio.create_subprocess_exec(
        *GENTLE, *WRITER, str(path), cwd=HOUSE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, told = await process.communicate()
    finally:
        if process.returncode is None:  # the server ends
            process.kill()
    if process.returncode:
        raise OSError(told.decode(errors="replace")[-500:])


class TakeAlong:
    """ASGI application: what stands below ROUTE."""

    def __init__(self, write: Callable[[Path], Awaitable[None]] = write) -> None:
        """write: raises OSError."""
        self._write = write
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._writing: asyncio.Task[Path] | None = None

    def _begun(self) -> asyncio.Task[Path]:
        """The one that writes."""
        if self._writing is None:
            self._writing = asyncio.create_task(self._made())
        return self._writing

    async def _made(self) -> Path:
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="ddpm-explorer-file-")
        path = Path(self._folder.name) / NAME
        await self._write(path)
        return path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._answer(scope["path"].rpartition(f"{ROUTE}/")[2])(scope, receive, send)

    def _answer(self, name: str) -> Response:
        if name == "state":
            return JSONResponse(self._state(), headers={"Cache-Control": "no-store"})
        writing = self._writing
        if name == NAME and writing is not None and writing.done() and writing.exception() is None:
            # saved as it is: packing it on the way would cost more than the little that it takes off
            kept = {"Content-Encoding": "identity", "Cache-Control": "no-store"}
            return FileResponse(writing.result(), media_type="text/html", filename=NAME, headers=kept)
        return PlainTextResponse("this file is not here yet", 404)

    def _state(self) -> dict[str, int | str]:
        if self._writing is not None and self._writing.done() and (error := self._writing.exception()) is not None:
            LOG.error("the page as one file could not be written: %s", error)
            self._writing = None  # whoever asks again tries again
            return {"bytes": 0, "problem": PROBLEM}
        task = self._begun()
        return {"bytes": task.result().stat().st_size if task.done() else 0, "problem": ""}
