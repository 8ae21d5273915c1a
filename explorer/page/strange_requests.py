"""Requests that Gradio cannot make sense of: its routes raise, and each would be a traceback in the server's log."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger(__name__)
HOUSE = Path(__file__).parents[1]
DOORS = {"hardening.py", "connections.py", "first_script.py", "strange_requests.py"}  # what every request passes


class StrangeRequests:
    """ASGI middleware: where Gradio raises over a request, whoever sent it is told so in a sentence, with status 400.

    Exceptions that come from the house's own code are mistakes of ours: they go on, and are logged whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on (ASGI)."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if scope["type"] != "http" or is_ours(error):
                raise
            LOG.info("%s %s was not understood: %r", scope["method"], scope["path"], error)
            if started:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                answer = {"detail": "the server does not understand this request: see /?view=api for what it takes"}
                await JSONResponse(answer, 400)(scope, receive, send)


def is_ours(error: BaseException) -> bool:
    """Whether code of the house had a part in this, beside what every request passes."""
    files = {Path(frame.f_code.co_filename) for frame, _ in traceback.walk_tb(error.__traceback__)}
    return any(HOUSE in file.parents and file.name not in DOORS for file in files)
