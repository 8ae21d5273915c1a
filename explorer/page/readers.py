"""Answers that somebody reads. A program asks in one request and fetches the answer in a second one; what is computed
in between goes on only while somebody is there to fetch it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.serving.errors import FilmFailed

ARRIVAL_SECONDS = 60.0  # from a question until somebody must have come to fetch its answer
ABSENCE_SECONDS = 5.0  # without anybody there, after which nothing more is computed: a connection may break
UNREAD = "nobody came to fetch this answer: ask again, and fetch it within a minute"
ASKS = "/gradio_api/queue/join"
FETCHES_SESSION = re.compile(r"/gradio_api/queue/data$")
FETCHES_EVENT = re.compile(r"/gradio_api/call/(?:v2/)?[^/]+/(?P<event>\w+)$")

Answer = TypeVar("Answer")


class Readers:
    """Who is there to fetch answers, by Gradio's session (a program's plain call is a session of its own).

    All of it belongs to the server's event loop.
    """

    def __init__(self) -> None:
        self._connections: Counter[str] = Counter()  # open ones, by session; none of 0
        self._changes: dict[str, asyncio.Event] = {}  # by session, of those that are waited for

    def come(self, session: str) -> None:
        """A connection that fetches this session's answers is open."""
        self._connections[session] += 1
        self._tell(session)

    def go(self, session: str) -> None:
        """It is closed."""
        self._connections[session] -= 1
        if not self._connections[session]:
            del self._connections[session]
        self._tell(session)

    def present(self, session: str) -> bool:
        """Whether somebody is there to fetch this session's answers."""
        return session in self._connections

    async def answer(self, session: str | None, work: Coroutine[Any, Any, Answer]) -> Answer:
        """What `work` returns. It begins once somebody is there, and is cancelled where nobody is for too long: then
        this raises FilmFailed. Without a session nobody can be looked for, and it just runs.
        """
        if session is None:
            return await work
        task: asyncio.Task[Answer] | None = None
        try:
            while task is None or not task.done():
                patience = ARRIVAL_SECONDS if task is None else ABSENCE_SECONDS
                if not await self._is_there(session, patience):
                    raise FilmFailed(UNREAD)
                task = task or asyncio.create_task(work)
                await self._until_gone(session, task)
            return task.result()
        finally:
            if task is None:
                work.close()
            else:
                task.cancel()

    async def _is_there(self, session: str, patience: float) -> bool:
        """Whether somebody is there, now or within so many seconds."""
        until = asyncio.get_running_loop().time() + patience
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while session not in self._connections:
                    await self._change(session)
        return session in self._connections

    async def _until_gone(self, session: str, task: asyncio.Task) -> None:
        """Returns when the task is done, or nobody is there."""
        while not task.done() and session in self._connections:
            change = asyncio.create_task(self._change(session))
            await asyncio.wait({task, change}, return_when=asyncio.FIRST_COMPLETED)
            change.cancel()

    async def _change(self, session: str) -> None:
        await self._changes.setdefault(session, asyncio.Event()).wait()

    def _tell(self, session: str) -> None:
        change = self._changes.pop(session, None)
        if change is not None:
            change.set()


class ReadersAtTheDoor:
    """ASGI middleware: notes who fetches answers, and for how long they are there; and ends what a page has asked for
    if nobody is there to fetch it ARRIVAL_SECONDS later (when somebody leaves, Gradio ends it itself).
    """

    def __init__(
        self,
        app: ASGIApp,
        readers: Readers,
        session_of: Callable[[str], str | None],
        give_up: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        """session_of: the session of one of Gradio's events, by the event's name, None once it has ended; give_up: ends
        what runs for a session.
        """
        self._app, self._readers, self._session_of, self._give_up = app, readers, session_of, give_up
        self._watched: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and note it while it lasts (ASGI)."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].endswith(ASKS):
            await self._app(scope, receive, self._noting_event(send))
            return
        session = self._fetched(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if session is None:
            await self._app(scope, receive, send)
            return
        self._readers.come(session)
        try:
            await self._app(scope, receive, send)
        finally:
            self._readers.go(session)

    def _fetched(self, scope: Scope) -> str | None:
        """The session whose answers this request fetches, if that is what it does."""
        if FETCHES_SESSION.search(scope["path"]):
            return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [None])[0]
        event = FETCHES_EVENT.search(scope["path"])
        return None if event is None else self._session_of(event["event"]) or event["event"]

    def _noting_event(self, send: Send) -> Send:
        """The same `send`, which notes the event that Gradio's answer to a question names."""
        body = b""

        async def noting(message: Message) -> None:
            nonlocal body
            body += message.get("body", b"")
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                with suppress(ValueError, KeyError, TypeError):  # it was no question that Gradio takes
                    task = asyncio.create_task(self._end_unread(json.loads(body)["event_id"]))
                    self._watched.add(task)
                    task.add_done_callback(self._watched.discard)
            await send(message)

        return noting

    async def _end_unread(self, event_id: str) -> None:
        await asyncio.sleep(ARRIVAL_SECONDS)
        session = self._session_of(event_id)
        if session is not None and not self._readers.present(session):
            await self._give_up(session)
