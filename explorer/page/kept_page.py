"""The page's own document, kept: whoever opens it gets the same one."""

from __future__ import annotations

from collections import OrderedDict

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HELD = 8  # documents, 0.1 MB each when packed: hosts by whose names the page is asked for, packed and not
# What the document depends on: it names the address at which the page was asked for. `deep_link` is Gradio's own
# query, with which it is another document; what our links say is read by the page itself.
ADDRESS = ("host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-prefix", "forwarded")
OWN_QUERY = b"deep_link"
# With these, an answer may be another one.
NOT_KEPT = ("origin", "range", "authorization", "if-none-match")

Key = tuple[str, ...]


class KeptPage:
    """ASGI middleware: keeps the document that Gradio writes, with all that stands behind this does to it.

    Writing and packing it takes 50 to 100 ms, in the one thread that also serves the films: a class of thirty that
    opens the page at once would stop them for seconds.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[Key, list[Message]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        key = key_of(scope)
        if key is None:
            await self._app(scope, receive, send)
        elif key in self._kept:
            self._kept.move_to_end(key)
            for message in self._kept[key]:
                await send(dict(message))
        else:
            messages: list[Message] = []

            async def noting(message: Message) -> None:
                messages.append(
                    dict(message) | {"headers": list(message["headers"])} if "headers" in message else message
                )
                await send(message)

            await self._app(scope, receive, noting)
            self._keep(key, messages)

    def _keep(self, key: Key, messages: list[Message]) -> None:
        """Keep an answer that is whole and went well."""
        whole = messages and messages[0].get("status") == 200 and not messages[-1].get("more_body", False)
        if whole and not any(name == b"set-cookie" for name, _ in messages[0]["headers"]):
            self._kept[key] = messages
            while len(self._kept) > HELD:
                self._kept.popitem(last=False)


def key_of(scope: Scope) -> Key | None:
    """All that the page's document depends on; None for any other request."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    root: str = scope.get("root_path", "")
    headers = Headers(scope=scope)
    if scope["path"].removeprefix(root) not in ("", "/") or OWN_QUERY in scope.get("query_string", b""):
        return None
    if any(name in headers for name in NOT_KEPT):
        return None
    packed = "gzip" if "gzip" in headers.get("accept-encoding", "") else ""
    return (
        scope.get("scheme", ""),
        root,
        scope["path"],
        packed,
        *(",".join(headers.getlist(name)) for name in ADDRESS),
    )
