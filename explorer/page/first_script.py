"""A script that runs before Gradio's: what `launch(head=...)` adds comes only once Gradio has its connections."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.widgets.modules import FOLDER, PAGE

FIRST = b"<script>window.gradio_config"  # in the page as Gradio writes it; modules run in the order of the page


class FirstScript:
    """ASGI middleware: puts our modules into the page, before Gradio's scripts."""

    def __init__(self, app: ASGIApp, head: str = "") -> None:
        """head: markup that they need there."""
        self._app = app
        self._tag = f'{head}<script type="module" src="./{FOLDER}/{PAGE}"></script>'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith("/"):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def with_script(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                if "text/html" in Headers(raw=message["headers"]).get("content-type", ""):
                    start = message
                    return
            elif start is not None:
                body += message.get("body", b"")
                if message.get("more_body", False):
                    return
                body = body.replace(FIRST, self._tag + FIRST, 1)
                MutableHeaders(scope=start)["content-length"] = str(len(body))
                await send(start)
                message = dict(message) | {"body": body}
            await send(message)

        await self._app(scope, receive, with_script)
