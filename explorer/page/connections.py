"""Pages that hold no connection.

Over HTTP/1.1 a browser has six connections to a server, for all its pages together. Gradio's page holds one for its
heartbeat as long as it is open, and one for its events as long as something runs; with seven pages nothing moves any
longer, and where a connection breaks, what runs is ended and the page loads itself anew.

Here a page's heartbeat and its stream of events are held inside the server. The page (widgets/connections.js) says now
and then that it is there, fetches its events in answers that end soon, and tells by number which it has: so a
connection may break, and nothing is lost. Whoever does not send the page's headers, like gradio_client, finds Gradio's
own routes.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY_HEADER = "x-explorer-page"  # the page's key, see page/viewer.py
SESSION_HEADER = "x-explorer-session"  # Gradio's name of the page
AFTER_HEADER = "x-explorer-after"  # the number of the last event that the page has
SERVER_HEADER = "x-explorer-server"  # which run of the server answers
HOLDS_HEADER = "x-explorer-holds"  # what the server holds that is this page's own
DEVICE_HEADER = "x-explorer-device"  # whether the page's device can compute films: 1 where it can
API = "/gradio_api/"
SESSION = re.compile(r"[\w-]{1,64}")

BEAT_SECONDS = 20.0  # between two signs of life of a page that has no other reason to speak
PATIENCE_SECONDS = 3 * BEAT_SECONDS  # without a word from a page: longer ago, it is closed
ANSWER_SECONDS = 0.5  # that one answer with events holds a connection, so that other pages have their turn
MAX_PAGES = 1000  # that are held at once; a stranger may make sessions up
MAX_WAITING_BYTES = 8 * 2**20  # events that a page has not fetched yet; beyond it Gradio keeps them
CLOSE_STREAM = b'data: {"msg":"close_stream"'


class EventStream:
    """A page's events: numbered, and kept until the page says that it has them."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._number = 0
        self._bytes = 0
        self._rest = b""
        self._changed = asyncio.Event()
        self.running = False  # whether Gradio's stream of this page is open

    async def add(self, piece: bytes) -> None:
        """A piece of Gradio's stream, text/event-stream. Waits where the page has much to fetch already."""
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        for message in whole:
            if message.startswith(CLOSE_STREAM):  # for the page its stream stays open
                continue
            self._number += 1
            event = b"id: %d\n%b\n\n" % (self._number, message)
            self._waiting.append((self._number, event))
            self._bytes += len(event)
        self.notify()
        while self._bytes > MAX_WAITING_BYTES:
            await self._changed.wait()

    def notify(self) -> None:
        """Wake whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def forget(self, number: int) -> None:
        """The page has the events up to this one."""
        while self._waiting and self._waiting[0][0] <= number:
            self._bytes -= len(self._waiting.popleft()[1])
        self.notify()

    def knows(self, number: int) -> bool:
        """Whether it can go on after this event."""
        return number <= self._number

    def after(self, number: int) -> list[tuple[int, bytes]]:
        """(number, event) of the events after this one."""
        return [event for event in self._waiting if event[0] > number]

    async def change(self, seconds: float) -> None:
        """Wait until something changes, at most so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)


class OpenPage:
    """A page that is open in some browser."""

    def __init__(self, session: str, clock: Callable[[], float]) -> None:
        self.session = session
        self.left = asyncio.Event()
        self.events = EventStream()
        self.tasks: set[asyncio.Task[None]] = set()
        self._clock = clock
        self.hear()

    def hear(self) -> None:
        """The page is there."""
        self._heard = self._clock()

    async def until_left(self) -> Message:
        """Waits until the page is closed, or has not been heard of for PATIENCE_SECONDS (ASGI's `receive`)."""
        while not self.left.is_set() and (rest := self._heard + PATIENCE_SECONDS - self._clock()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.left.wait(), rest)
        self.left.set()
        return {"type": "http.disconnect"}


class PageConnections:
    """ASGI middleware: holds heartbeats and streams of events in place of the pages."""

    def __init__(
        self,
        app: ASGIApp,
        holds: Callable[[str], Iterable[str]],
        opened: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """holds(key): the names of what is kept for a page; opened(key, session): is called when one is new."""
        self._app, self._holds, self._opened, self._clock = app, holds, opened, clock
        self._pages: OrderedDict[str, OpenPage] = OrderedDict()  # by session, the one heard of latest last
        self._server = uuid.uuid4().hex

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a page's request about its connections, or hand a request on (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = scope["path"].rpartition(API)[2]
        beat = route.removeprefix("heartbeat/") if route.startswith("heartbeat/") else ""
        headers = Headers(scope=scope)
        if beat and scope["method"] == "POST":
            self._close(beat)
            await Response(status_code=204)(scope, receive, send)
            return
        if KEY_HEADER not in headers:
            await self._app(scope, receive, send)
            return
        send = self._signed(send, headers[KEY_HEADER])
        if beat and SESSION.fullmatch(beat):
            self._hear(beat, scope)
            await Response(status_code=204)(scope, receive, send)
        elif route == "queue/data":
            await self._answer_events(scope, receive, send)
        else:
            if (page := self._pages.get(headers.get(SESSION_HEADER, ""))) is not None:
                page.hear()
            await self._app(scope, receive, send)

    def _signed(self, send: Send, key: str) -> Send:
        """Answers tell which run of the server they come from, since another one knows nothing of the page; and what
        is held for it.
        """

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[SERVER_HEADER] = self._server
                headers[HOLDS_HEADER] = ",".join(self._holds(key))
            await send(message)

        return signed

    def _close(self, session: str) -> None:
        if (page := self._pages.pop(session, None)) is not None:
            page.left.set()

    def _hear(self, session: str, scope: Scope) -> OpenPage:
        """A page says that it is there. If it is new, its heartbeat begins."""
        page = self._pages.get(session)
        if page is None or page.left.is_set():
            page = self._pages[session] = OpenPage(session, self._clock)
            self._opened(Headers(scope=scope)[KEY_HEADER], session)
            path = scope["path"].rpartition(API)[0] + f"{API}heartbeat/{session}"
            heartbeat = dict(scope) | {"path": path, "raw_path": path.encode(), "query_string": b""}
            self._begin(page, self._hold(page, heartbeat))
        page.hear()
        self._pages.move_to_end(session)
        if len(self._pages) > MAX_PAGES:
            self._close(next(iter(self._pages)))
        return page

    @staticmethod
    def _begin(page: OpenPage, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        page.tasks.add(task)
        task.add_done_callback(page.tasks.discard)

    async def _hold(self, page: OpenPage, scope: Scope) -> None:
        """Gradio's heartbeat of this page: at its end Gradio does what is to be done for a page that was closed."""

        async def unheard(message: Message) -> None:
            pass

        try:
            await self._app(scope, page.until_left, unheard)
        finally:
            page.left.set()
            if self._pages.get(page.session) is page:
                del self._pages[page.session]

    async def _fetch(self, page: OpenPage, scope: Scope) -> None:
        """Gradio's stream of events of this page, from now until all that runs has ended, or the page is closed."""

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.body":
                await page.events.add(message.get("body", b""))

        try:
            await self._app(scope, page.until_left, keep)
        except Exception:  # Gradio has told the page already, in the stream
            pass
        finally:
            page.events.running = False
            page.events.notify()

    async def _answer_events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The events that the page has not got, and those of the next ANSWER_SECONDS."""
        session = QueryParams(scope["query_string"]).get("session_hash", "")
        after = Headers(scope=scope).get(AFTER_HEADER, "")
        if not SESSION.fullmatch(session) or not after.isdigit():
            await Response("a page tells its session, and the number of its last event", 400)(scope, receive, send)
            return
        number = int(after)
        known = self._pages.get(session)
        if number and (known is None or not known.events.knows(number)):
            # the page was taken for closed, or the server was started anew
            await Response("what ran on this page is over", 410)(scope, receive, send)
            return
        page = self._hear(session, scope)
        events = page.events
        events.forget(number)
        if not events.running:
            events.running = True
            self._begin(page, self._fetch(page, dict(scope)))
        head = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        head.append((b"x-accel-buffering", b"no"))
        await send({"type": "http.response.start", "status": 200, "headers": head})
        end = self._clock() + ANSWER_SECONDS
        while True:
            for newest, event in events.after(number):
                await send({"type": "http.response.body", "body": event, "more_body": True})
                number = newest
            rest = end - self._clock()
            if rest <= 0 or not events.running or page.left.is_set():
                break
            await events.change(rest)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
