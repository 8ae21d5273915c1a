"""What the server keeps for pages that hold no connection: their heartbeats, their events, and what is their own."""

from __future__ import annotations

import json
import re

import gradio as gr
import httpx
import pytest

from explorer.page.belongings import GRACE_SECONDS, Belongings
from explorer.page.viewer import Viewer
from tests.films import SOON, wait
from tests.load.site import Site

KEY = "0123456789abcdef" * 2
HELD_S = 15.0  # a connection that is still open then is held


class Page:
    """A page as widgets/connections.js is one."""

    def __init__(self, url: str, session: str) -> None:
        self.site, self.session, self.last = Site(url), session, 0
        self.headers = {"X-Explorer-Page": KEY, "X-Explorer-Session": session}

    def beat(self) -> httpx.Response:
        return httpx.get(f"{self.site.url}/gradio_api/heartbeat/{self.session}", headers=self.headers, timeout=HELD_S)

    def leave(self) -> None:
        httpx.post(f"{self.site.url}/gradio_api/heartbeat/{self.session}", timeout=HELD_S).raise_for_status()

    def play(self, **settings) -> None:
        play = self.site.event("film-play")
        body = {"data": self.site.data(play, **settings), "fn_index": play["id"], "session_hash": self.session}
        join = f"{self.site.url}/gradio_api/queue/join"
        httpx.post(join, json=body, headers=self.headers, timeout=10).raise_for_status()

    def fetch(self, after: int | None = None) -> httpx.Response:
        headers = self.headers | {"X-Explorer-After": str(self.last if after is None else after)}
        address = f"{self.site.url}/gradio_api/queue/data?session_hash={self.session}"
        return httpx.get(address, headers=headers, timeout=HELD_S)

    def events(self, after: int | None = None) -> list[tuple[int, dict]]:
        """(number, event) of one answer."""
        said = self.fetch(after).raise_for_status().text
        found = [(int(n), json.loads(text)) for n, text in re.findall(r"^id: (\d+)\ndata: (.*)\n", said, re.MULTILINE)]
        self.last = found[-1][0] if found else self.last
        return found

    def films(self) -> int:
        answer = httpx.post(f"{self.site.url}/gradio_api/run/status", json={"data": []}, timeout=10)
        return answer.json()["data"][0]["films"]


@pytest.fixture
def page(served, request):
    page = Page(served, f"test{abs(hash(request.node.name)) % 10**9}")
    yield page
    page.leave()


def test_a_heartbeat_holds_no_connection(page):
    answer = page.beat()
    assert answer.status_code == 204 and answer.is_closed
    assert answer.headers["x-explorer-server"] == page.beat().headers["x-explorer-server"]


def test_events_come_in_answers_that_end_and_can_be_asked_for_again(page):
    """Numbered without a gap; an answer that was lost on its way is sent again."""
    page.beat()
    page.play(film_steps=60)
    heard = []
    while not any(event["msg"] == "process_completed" for _, event in heard):
        before = page.last
        answer = page.events()
        assert page.events(after=before)[: len(answer)] == answer
        page.last = answer[-1][0] if answer else before
        heard += answer
    assert [number for number, _ in heard] == list(range(1, len(heard) + 1))
    assert not any(event["msg"] == "close_stream" for _, event in heard)
    assert page.fetch().status_code == 200  # and does not wait for what will never come


def test_a_film_goes_on_while_nobody_listens_and_ends_when_the_page_is_closed(page):
    page.beat()
    page.play(film_steps=1000, film_pictures=16)
    page.events()
    first = page.last
    wait(lambda: len(page.events(after=first)) > 3)  # what has come since then, of which nothing was said to be read
    assert page.films() == 1
    page.leave()
    wait(lambda: page.films() == 0, SOON)
    assert page.fetch().status_code == 410  # what ran there is over


@pytest.mark.parametrize("after", ["", "-1", "x", "1e9"])
def test_strange_questions_for_events_get_a_sentence(page, after):
    headers = page.headers | {"X-Explorer-After": after}
    address = f"{page.site.url}/gradio_api/queue/data?session_hash={page.session}"
    assert httpx.get(address, headers=headers, timeout=HELD_S).status_code == 400


def test_the_first_script_comes_before_gradio(served):
    page = httpx.get(served, timeout=10).text
    (ours,) = re.findall(r'<script type="module" src="./(explorer-modules/\w+/page.js)"></script>', page)
    assert page.index(ours) < page.index("./assets/index-")
    assert httpx.get(f"{served}/{ours}", timeout=10).status_code == 200


def test_belongings_are_kept_for_some_minutes():
    now, forgotten = [0.0], []
    kept = Belongings(forgotten.append, lambda: now[0])
    state = object()
    viewer = Viewer(KEY, lasting=True)
    kept._restore["picture"] = lambda value: {state: value}
    kept.opened(KEY, "first")
    kept.keep(viewer, "picture", "a drawing")
    kept.closed(viewer, "first")
    now[0] += GRACE_SECONDS - 1
    kept.opened(KEY, "second")  # loaded anew, in time
    kept.closed(viewer, "first")  # the old page's end was noticed late
    now[0] += GRACE_SECONDS + 1
    kept.sweep()
    assert kept.restored(viewer, same_view=True) == {state: "a drawing"} and kept.names(KEY) == ("picture",)
    kept.closed(viewer, "second")
    now[0] += GRACE_SECONDS + 1
    kept.sweep()
    assert forgotten == [KEY] and kept.names(KEY) == ()


def test_viewers_without_a_key_cannot_come_back():
    forgotten = []
    kept = Belongings(forgotten.append)
    session = Viewer.of(gr.Request(session_hash="abc"))
    assert session == Viewer("abc", lasting=False)
    kept.keep(session, "picture", "a drawing")
    kept.closed(session, "abc")
    assert forgotten == ["abc"] and kept.names("abc") == ()


@pytest.mark.parametrize("key", ["abc", KEY + "0", KEY.upper(), "../" + KEY[3:], ""])
def test_a_key_that_no_page_makes_is_none(key):
    class Asked:
        headers = {"x-explorer-page": key}

    assert Viewer.of(gr.Request(Asked(), session_hash="abc")) == Viewer("abc", lasting=False)
