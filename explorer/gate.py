"""What Gradio leaves open, closed: requests of any size, and fetching files from elsewhere for whoever asks."""

from __future__ import annotations

from typing import Any, NoReturn

import gradio as gr
import safehttpx  # by which Gradio fetches; both of its ways there pass one of two functions
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 4 * 2**20  # bytes; the largest that the page sends is a drawing of 1024 x 1024 pixels, 1.4 MB. Uploads have Gradio's max_file_size
UPLOAD = "/gradio_api/upload"


class Narrow:
    """ASGI middleware: a request of more than MAX_BODY bytes is refused before it is read. Else one of 200 MB would cost a gigabyte of memory."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/").endswith(UPLOAD):
            return await self._app(scope, receive, send)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if int(told) > MAX_BODY:
            return await PlainTextResponse(f"A request has at most {MAX_BODY} bytes here.", 413)(scope, receive, send)
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            return message if read <= MAX_BODY else {"type": "http.disconnect"}  # it had not told its length

        await self._app(scope, counted, send)


async def refuse(*_: Any, **__: Any) -> NoReturn:
    raise gr.Error("this server fetches nothing from elsewhere: send the file itself", print_exception=False)


class GatedBlocks(gr.Blocks):
    """A page whose server is narrow, and fetches nothing for strangers.

    Gradio would: for /gradio_api/file=https://..., and for a file in an input that is given by its address, it gets the file from
    any public host and hands it on. That makes a classroom's server a stranger's proxy, and the page has no use for it.
    """

    def launch(self, *arguments: Any, **settings: Any) -> Any:
        safehttpx.get = safehttpx.async_validate_url = refuse  # for the whole process
        return super().launch(*arguments, app_kwargs={"middleware": [Middleware(Narrow)]}, **settings)
