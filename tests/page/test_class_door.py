"""A class over HTTP: joining, voting, leading; and strangers, who get one sentence."""

from __future__ import annotations

import asyncio
import base64

import httpx
import pytest
import segno

from explorer.classroom import limits
from explorer.classroom.classes import Classes
from explorer.classroom.questions import ALL
from explorer.page.class_door import LEADER_HEADER, MAX_BODY_BYTES, MEMBER_HEADER, WAIT_HEADER, ClassDoor
from explorer.page.class_values import QUESTION_OF, classroom_value
from explorer.page.lessons import LESSONS

DRAWING = {"pen": 0.1, "strokes": [[[0.3, 0.2], [0.6, 0.8]]]}


async def nobody(scope, receive, send):
    """The rest of the server."""
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Site:
    """The door alone, asked without a network."""

    def __init__(self, prefix: str = "", **settings) -> None:
        self.classes = Classes()
        self.door = ClassDoor(nobody, self.classes, **settings)
        self.prefix = prefix

    def ask(self, method: str, path: str, *, member: int | None = None, secret: str | None = None, **more):
        """One request and its answer."""
        headers = more.pop("headers", {}) | ({MEMBER_HEADER: f"{member:032x}"} if member is not None else {})
        headers |= {LEADER_HEADER: secret} if secret is not None else {}

        async def asked():
            transport = httpx.ASGITransport(self.door)
            async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.5:7860") as client:
                return await client.request(method, f"{self.prefix}/explorer-class/{path}", headers=headers, **more)

        return asyncio.run(asked())

    def open(self, **more):
        """A new class."""
        answer = self.ask("POST", "open", **more)
        assert answer.status_code == 200
        return answer.json()


@pytest.fixture
def site():
    return Site()


def test_everything_else_goes_on(site):
    assert site.ask("GET", "../config").status_code == 418


def test_a_poll_from_open_to_reveal(site):
    opened = site.open()
    code, secret = opened["code"], opened["secret"]
    news = site.ask("GET", code.lower(), member=1)
    assert news.status_code == 200 and news.json()["question"] is None and int(news.headers[WAIT_HEADER]) >= 1000
    tag = {"if-none-match": news.headers["etag"]}
    assert site.ask("GET", code, member=1, headers=tag).status_code == 304
    assert site.ask("POST", f"{code}/ask", secret=secret, json={"question": "looks"}).status_code == 204
    news = site.ask("GET", code, member=1, headers=tag)
    assert news.json()["question"] == "looks" and news.json()["result"] is None
    for member, answer in ((1, 0), (2, 2), (1, 2)):
        vote = {"round": news.json()["round"], "answer": answer}
        assert site.ask("POST", f"{code}/vote", member=member, json=vote).status_code == 204
    report = site.ask("GET", code, secret=secret).json()
    assert (report["members"], report["answered"], report["result"]) == (2, 2, None)
    assert site.ask("GET", code, member=2).json()["result"] is None  # not before the leader shows it
    site.ask("POST", f"{code}/reveal", secret=secret)
    for news in (site.ask("GET", code, member=2), site.ask("GET", code, secret=secret)):
        assert news.json()["result"] == {"counts": [0, 0, 2, 0, 0], "middle": [], "truth": 2, "near": 2}
    assert "set-cookie" not in news.headers and news.headers["cache-control"] == "no-store"
    site.ask("POST", f"{code}/end", secret=secret)
    assert site.ask("GET", code, member=1).json() == {"told": "this class has ended"}


@pytest.mark.parametrize("call", ["ask", "reveal", "put-away", "show", "want-drawings", "remove", "close", "end"])
def test_a_forged_call_of_the_leader(site, call):
    code = site.open()["code"]
    for secret in ("", "guessed", "é"):
        answer = site.ask(
            "POST", f"{code}/{call}", secret=secret.encode().decode("latin-1").encode("ascii", "ignore").decode()
        )
        assert answer.status_code == 403 and answer.json() == {"told": "only the page that opened this class leads it"}
    assert site.ask("POST", f"{code}/{call}", member=1).status_code == 403
    assert len(site.classes) == 1 and site.ask("GET", code, secret="guessed").status_code == 403


def test_a_wrong_code_and_strange_requests(site):
    code = site.open()["code"]
    wrong = site.ask("GET", "CCCCCC", member=1)
    assert wrong.status_code == 200 and wrong.json() == {"told": "there is no class with this code"}
    assert site.ask("POST", "CCCCCC/vote", member=1).status_code == 404
    assert site.ask("GET", code).status_code == 400  # without a key
    assert site.ask("GET", code, headers={MEMBER_HEADER: "x" * 32}).status_code == 400
    for body in (b"[]", b"{", b'"a text"', b"[" * 100_000, b"\xff"):
        assert site.ask("POST", f"{code}/vote", member=1, content=body).status_code == 400
    assert site.ask("POST", f"{code}/vote", member=1, content=b" " * (MAX_BODY_BYTES + 1)).status_code == 429
    assert site.ask("POST", f"{code}/shout", member=1).status_code == 404
    assert site.ask("DELETE", code, member=1).status_code == 405
    assert site.ask("POST", f"{code}/vote", member=1, json={"round": 0, "answer": "a text"}).status_code == 400


def test_the_view_on_the_stage_is_one_of_ours(site):
    opened = site.open()

    def shown(query):
        answer = site.ask("POST", f"{opened['code']}/show", secret=opened["secret"], json={"query": query})
        return answer.status_code, site.ask("GET", opened["code"], member=1).json()["stage"]

    query = "?tab=remove&steps=50&class=ABC&hide=eta&present=1&lesson=fork&lang=zh&note=hello"
    assert shown(query) == (204, "tab=remove&steps=50&lesson=fork")
    assert shown("tab=add&t=250&lesson=a+text+of+mine") == (204, "t=250")
    assert shown("") == (204, "") and shown(None) == (204, None)
    assert shown(7)[0] == shown("x" * 3000)[0] == 400


def test_drawings_on_the_wall(site):
    opened = site.open()
    code, secret = opened["code"], opened["secret"]
    drawing = DRAWING | {"digit": 4}
    assert site.ask("POST", f"{code}/draw", member=1, json=drawing).status_code == 400
    site.ask("POST", f"{code}/want-drawings", secret=secret, json={"wanted": True})
    for member in (1, 2):
        assert site.ask("POST", f"{code}/draw", member=member, json=drawing | {"note": "hello"}).status_code == 204
    report = site.ask("GET", code, secret=secret).json()
    assert report["drawings"] == [1, 2] and [new["digit"] for new in report["new"]] == [4, 4]
    assert len(base64.b64decode(report["new"][0]["pixels"])) == 28 * 28
    assert [new["number"] for new in site.ask("GET", f"{code}?after=1", secret=secret).json()["new"]] == [2]
    site.ask("POST", f"{code}/remove", secret=secret, json={"numbers": [1]})
    assert site.ask("GET", code, secret=secret).json()["drawings"] == [2]
    assert site.ask("POST", f"{code}/remove", secret=secret, json={"numbers": 3}).status_code == 400
    site.ask("POST", f"{code}/remove", secret=secret)
    assert site.ask("GET", code, secret=secret).json()["drawings"] == []
    for wrong in ({"digit": 4}, {"digit": 11, **DRAWING}, {"digit": 4, "pen": 9, "strokes": []}):
        assert site.ask("POST", f"{code}/draw", member=1, json=wrong).status_code == 400
    site.ask("POST", f"{code}/leave", member=1)


def test_the_link_that_the_class_is_given():
    prefixed = {"x-forwarded-host": "school.org", "x-forwarded-proto": "https"}
    cases = (
        (Site(), {}, "http://10.0.0.5:7860/?class={}"),
        (Site(), prefixed, "https://school.org/?class={}"),
        (Site("/ddpm", root_path=lambda: "/ddpm"), {}, "http://10.0.0.5:7860/ddpm/?class={}"),
        (Site(root_path=lambda: "/ddpm"), prefixed, "https://school.org/ddpm/?class={}"),
        (Site(address="http://192.168.0.7/x/"), prefixed, "http://192.168.0.7/x/?class={}"),
    )
    for site, headers, link in cases:
        opened = site.open(headers=headers)
        assert opened["link"] == link.format(opened["code"]) and not opened["local"]
        assert opened["qr"] == segno.make(opened["link"], micro=False).svg_data_uri(border=2, light="#fff")
    assert Site().open(headers={"host": "localhost:7860"})["local"]


def test_too_many_classes_from_one_place(site):
    for _ in range(limits.OPENED_A_MINUTE):
        site.open()
    assert site.ask("POST", "open").status_code == 429


def test_each_lesson_has_its_question():
    assert {lesson.id for lesson in LESSONS} == QUESTION_OF.keys()
    assert set(QUESTION_OF.values()) <= {question.id for question in ALL}
    assert len(classroom_value()["questions"]) == len(ALL)
