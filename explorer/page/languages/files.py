"""The dictionaries as files that a browser fetches once, under addresses that name their content."""

from __future__ import annotations

import gzip
import json
from html import escape

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from explorer.page import languages
from explorer.widgets.modules import for_good, takes_gzip

ROUTE = "/explorer-languages"


def address(code: str) -> str:
    """Where a language's dictionary lies, from the page's root on; "" for English, which needs none."""
    return "" if code == languages.ENGLISH else f"{ROUTE[1:]}/{languages.version(code)}/{code}.json"


def offered() -> str:
    """A tag for the page's head: the languages there are, for widgets/languages.js."""
    return f'<meta name="explorer-languages" content="{escape(json.dumps(dict(zip(languages.codes(), ADDRESSES))))}">'


ADDRESSES = [address(code) for code in languages.codes()]


class LanguageFiles:
    """ASGI application: the dictionaries below ROUTE, packed where the browser takes gzip."""

    def __init__(self) -> None:
        self._files = {
            address: languages.dictionary(code) for code, address in zip(languages.codes(), ADDRESSES) if address
        }
        self._packed = {address: gzip.compress(text, 9, mtime=0) for address, text in self._files.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = f"{ROUTE[1:]}/{scope['path'].rpartition(ROUTE + '/')[2]}"
        if asked not in self._files:
            await PlainTextResponse("there is no such dictionary", 404)(scope, receive, send)
            return
        packed = takes_gzip(scope)
        content = (self._packed if packed else self._files)[asked]
        await for_good(content, "application/json", packed=packed)(scope, receive, send)
