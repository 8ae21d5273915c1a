"""How a class's pages hear and speak: short questions and short answers, so that three hundred pages hold no
connection.

    POST /explorer-class/open           a new class: an OpenedClass
    GET  /explorer-class/CODE           the news, or 304 where the page has them already (If-None-Match); a ClassRefusal
                                        where it has ended, which is no error: that would stand in every console
    POST /explorer-class/CODE/CALL      a call of a member (CALLS_OF_MEMBERS) or of the leader (CALLS_OF_THE_LEADER)

A member says its key, the leader its secret, in a header; there is no cookie, and another site's page can set neither.
What can be sent is numbers and the names of our own things: no text of anybody reaches anybody.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from gradio.route_utils import get_root_url
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.classroom.classes import Classes
from explorer.classroom.errors import ClassRefused, NoClass, NotTheLeader, TooMany
from explorer.classroom.group import Group
from explorer.classroom.polls import OWN_TRUTH
from explorer.core.sentences import sentence_of
from explorer.data.normalise import BadPicture
from explorer.page.class_values import QUESTION_OF, news_value, report_value
from explorer.page.links import MAX_QUERY_CHARACTERS, parse_link
from explorer.page.options import AS_ASKED
from explorer.page.payloads.texts import told
from explorer.page.qr import qr_image
from explorer.widgets.class_messages import ClassRefusal, OpenedClass

ROUTE = "/explorer-class/"
MEMBER_HEADER = "x-explorer-member"  # of a request: a member's key
LEADER_HEADER = "x-explorer-leader"  # of a request: the leader's secret
WAIT_HEADER = "x-explorer-wait"  # of an answer: milliseconds until the page asks again
LEADER_WAIT_MS = 500
MEMBER_WAIT_MS = 1000  # at least
WAIT_MS_A_MEMBER = 10  # so a hundred pages ask a second, however many there are
MAX_BODY_BYTES = 2**18  # a drawing of 10,000 points
MAX_NEW_DRAWINGS = 40  # in one answer, 1 KB each
THIS_DEVICE_ONLY = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104 # compared, not listened on
STATUS: Mapping[type[ClassRefused], int] = {NoClass: 404, NotTheLeader: 403, TooMany: 429}

Body = Mapping[str, object]


def show(group: Group, body: Body) -> None:
    """Bring everybody to the view of this link, made anew from what it says; None lets them go."""
    query = body.get("query")
    if query is None:
        group.show(None)
        return
    if not isinstance(query, str) or len(query) > MAX_QUERY_CHARACTERS:
        raise ClassRefused("this is no link of ours")
    view, _ = parse_link(dict(parse_qsl(query.removeprefix("?"))))
    group.show(view.alone(lesson=view.lesson if view.lesson in QUESTION_OF else "").query())


def remove(group: Group, body: Body) -> None:
    """Take drawings off the wall: those of these numbers, or all."""
    numbers = body.get("numbers")
    if numbers is not None and not isinstance(numbers, list):
        raise ClassRefused("say which drawings to remove")
    group.remove(numbers)


CALLS_OF_MEMBERS: Mapping[str, Callable[[Group, str, Body], None]] = {
    "vote": lambda group, member, body: group.vote(member, body.get("round"), body.get("answer")),
    "leave": lambda group, member, body: group.leave(member),
}
CALLS_OF_THE_LEADER: Mapping[str, Callable[[Group, Body], None]] = {
    "ask": lambda group, body: group.ask(body.get("question")),
    "reveal": lambda group, body: group.reveal(body.get("truth", OWN_TRUTH)),
    "put-away": lambda group, body: group.put_away(),
    "show": show,
    "want-drawings": lambda group, body: group.want_drawings(body.get("wanted")),
    "remove": remove,
    "close": lambda group, body: group.close(),
}


class ClassDoor:
    """ASGI middleware, the first of all: answers what belongs to classes, and hands everything else on."""

    def __init__(
        self,
        app: ASGIApp,
        classes: Classes,
        address: str = AS_ASKED,
        root_path: Callable[[], str | None] = lambda: None,
    ) -> None:
        """address: of the page as the class's devices reach it, or AS_ASKED to take it from the leader's request;
        root_path: the path below which Gradio believes to stand.
        """
        self._app, self._classes, self._address, self._root_path = app, classes, address, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on (ASGI)."""
        if scope["type"] != "http" or ROUTE not in scope["path"]:
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
        except (ClassRefused, BadPicture) as error:
            refusal: ClassRefusal = {"told": told(sentence_of(error))}
            status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)
            answer = JSONResponse(refusal, 200 if isinstance(error, NoClass) and scope["method"] == "GET" else status)
        answer.headers["cache-control"] = "no-store"
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        code, _, call = scope["path"].rpartition(ROUTE)[2].strip("/").partition("/")
        headers, source = Headers(scope=scope), (scope.get("client") or ("",))[0]
        member, secret = headers.get(MEMBER_HEADER), headers.get(LEADER_HEADER)
        if scope["method"] == "GET" and not call:
            if secret is not None:
                return self._for_the_leader(scope, code, secret, source)
            return self._for_a_member(code, member, source, headers.get("if-none-match", ""))
        if scope["method"] != "POST":
            return Response("a class knows no such call", 405)
        if code == "open" and not call:
            return JSONResponse(self._open(scope, source))
        body = await read(scope, receive)
        if call == "draw":
            await asyncio.to_thread(
                self._classes.draw, code, member, source, body.get("digit"), {name: body.get(name) for name in PAD}
            )
        elif call == "end":
            self._classes.end(code, secret, source)
        elif call in CALLS_OF_MEMBERS:
            with self._classes.joined(code, member, source) as group:
                CALLS_OF_MEMBERS[call](group, str(member), body)
        elif call in CALLS_OF_THE_LEADER:
            with self._classes.led(code, secret, source) as group:
                CALLS_OF_THE_LEADER[call](group, body)
        else:
            return Response("a class knows no such call", 404)
        return Response(status_code=204)

    def _for_a_member(self, code: str, member: object, source: str, known: str) -> Response:
        with self._classes.joined(code, member, source) as group:
            news, wait = group.news, max(MEMBER_WAIT_MS, WAIT_MS_A_MEMBER * group.members())
        return tagged(f'"{news.version}"', known, wait) or answered(news_value(news), f'"{news.version}"', wait)

    def _for_the_leader(self, scope: Scope, code: str, secret: str, source: str) -> Response:
        """?after= says which drawings the page has already."""
        after = QueryParams(scope["query_string"]).get("after", "0")
        number = int(after) if after.isdecimal() and len(after) < 9 else 0
        with self._classes.led(code, secret, source) as group:
            news, report, new = group.news, group.report(), group.drawings(number)[:MAX_NEW_DRAWINGS]
        value = report_value(news, report, new)
        drawn = hash(report.drawings) & 0xFFFFFFFF
        tag = f'"{news.version}.{report.members}.{report.answered}.{drawn}.{len(new)}.{value["minutes_left"]}"'
        known = Headers(scope=scope).get("if-none-match", "")
        return tagged(tag, known, LEADER_WAIT_MS) or answered(value, tag, LEADER_WAIT_MS)

    def _open(self, scope: Scope, source: str) -> OpenedClass:
        group = self._classes.open(source)
        root = self._address
        if root == AS_ASKED:
            root = get_root_url(Request(scope), f"{ROUTE}open", self._root_path())
        link = f"{root.rstrip('/')}/?class={group.code}"
        return {
            "code": group.code,
            "secret": group.secret,
            "link": link,
            "qr": qr_image(link),
            "local": urlsplit(link).hostname in THIS_DEVICE_ONLY,
        }


PAD = ("pen", "strokes")  # of a drawing, as widgets/pad.js tells it


def tagged(tag: str, known: str, wait: int) -> Response | None:
    """The answer for a page that knows this already, else None."""
    return Response(status_code=304, headers={"etag": tag, WAIT_HEADER: str(wait)}) if known == tag else None


def answered(value: Mapping[str, object], tag: str, wait: int) -> Response:
    """The news, and when to ask for the next."""
    return JSONResponse(value, headers={"etag": tag, WAIT_HEADER: str(wait)})


async def read(scope: Scope, receive: Receive) -> Body:
    """A request's JSON object; an empty body is an empty one. Raises ClassRefused for anything else, and for what is
    too large.
    """
    text = b""
    async for piece in Request(scope, receive).stream():
        text += piece
        if len(text) > MAX_BODY_BYTES:
            raise TooMany("this is too much at once")
    try:
        body = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ClassRefused("a class understands no such call")
    return body
