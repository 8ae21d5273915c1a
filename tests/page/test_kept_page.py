"""The page's document is written once for all who open it at the same address."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from explorer.page.kept_page import HELD, KeptPage


class Writer:
    """Counts how often it writes; what it writes tells the address, as Gradio's document does."""

    def __init__(self, status: int = 200, **headers: str) -> None:
        self.written, self._status, self._headers = 0, status, headers

    async def __call__(self, scope, receive, send):
        self.written += 1
        request = Request(scope)
        text = f"{request.headers.get('x-forwarded-host') or request.url.netloc} {self.written}"
        await Response(text, self._status, self._headers)(scope, receive, send)


def get(writer, *requests: tuple[str, dict[str, str]], method: str = "GET") -> list[httpx.Response]:
    app = KeptPage(writer)

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://class") as client:
            return [await client.request(method, path, headers=headers) for path, headers in requests]

    return asyncio.run(ask())


def test_it_is_written_once_and_every_answer_is_the_same():
    writer = Writer()
    answers = get(writer, ("/", {}), ("/?tab=remove&seed=3", {}), ("/", {"user-agent": "another", "cookie": "a=b"}))
    assert [answer.text for answer in answers] == ["class 1"] * 3
    assert answers[0].headers == answers[1].headers
    assert writer.written == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"host": "other"}),
        ("/", {"x-forwarded-host": "other"}),
        ("/", {"x-forwarded-proto": "https"}),
        ("/", {"accept-encoding": "identity"}),
        ("/", {"origin": "https://elsewhere"}),
        ("/", {"range": "bytes=0-3"}),
        ("/?deep_link=abc", {}),
        ("/theme.css", {}),
    ],
)
def test_what_the_document_depends_on_is_not_mixed_up(path, headers):
    writer = Writer()
    get(writer, ("/", {}), (path, headers))
    assert writer.written == 2


@pytest.mark.parametrize("writer", [Writer(503), Writer(**{"set-cookie": "whose=mine"})])
def test_a_refusal_and_what_is_meant_for_one_viewer_are_not_kept(writer):
    get(writer, ("/", {}), ("/", {}))
    assert writer.written == 2


def test_only_a_get_is_answered_from_it():
    writer = Writer()
    get(writer, ("/", {}), ("/", {}), method="POST")
    assert writer.written == 2


def test_strange_hosts_do_not_fill_the_memory():
    writer = Writer()
    hosts = [("/", {"host": f"host-{k}"}) for k in range(HELD + 1)]
    get(writer, *hosts, hosts[-1], hosts[0])
    assert writer.written == HELD + 2  # the last is held, the first was let go
