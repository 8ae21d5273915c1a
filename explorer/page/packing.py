"""How the page travels: packed, and what never changes is fetched once.

Gradio packs its own files already, as brotli where a browser takes that, at half the time and a fifteenth smaller than
gzip. It does not pack the page itself, nor what its API answers, and it says of no file how long a browser may keep it.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST_BYTES = 1000  # a text of less than that fills one packet either way
# Files of Gradio's under /assets/ carry a hash of their content in their names; those under /static/ do not.
LIFETIMES = {
    "assets": "public, max-age=31536000, immutable",
    "static": "public, max-age=86400",
}


class Packing:
    """ASGI middleware: packs every text but Gradio's own files, and tells browsers how long they may keep those.

    A stream of events passes at once, not packed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packed = GZipMiddleware(app, minimum_size=SMALLEST_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        lifetime = LIFETIMES.get(folder(scope)) if scope["type"] == "http" else None
        if lifetime is None:
            await self._packed(scope, receive, send)
            return

        async def send_with_lifetime(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                MutableHeaders(scope=message)["Cache-Control"] = lifetime
            await send(message)

        await self._app(scope, receive, send_with_lifetime)


def folder(scope: Scope) -> str:
    """The first folder of a request's path, behind the prefix under which the app stands, if a proxy left it there."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path.lstrip("/").partition("/")[0]
