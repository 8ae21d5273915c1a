"""What a stranger may not do: read files, send large ones or many, have the server fetch something, or bring
code in.
"""

from __future__ import annotations

import ast
import asyncio
import logging
import socket
import time
from pathlib import Path

import gradio as gr
import httpx
import pytest
import safehttpx
from gradio.utils import get_upload_folder
from gradio_client.utils import apply_diff
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.checkpoint import MAX_BYTES as WEIGHTS_BYTES
from explorer.data.mnist_style import MAX_BYTES as PICTURE_BYTES
from explorer.data.strokes import MAX_POINTS
from explorer.lab.trainings import Lab
from explorer.page.build import LAUNCH, build
from explorer.page.hardening import MAX_BODY_BYTES, MAX_FILE_BYTES, HardenedBlocks
from explorer.widgets import __all__ as WIDGETS
from tests.load.site import Site, outcome
from tests.test_architecture import MODULES, reachable, tops

ROOT = Path(__file__).parents[2]
FILES = ["README.md", "app.py", "weights/mnist-ddpm.safetensors", "explorer/page/settings.py"]
# how an upload begins, with the boundary xx
FORM = b'--xx\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'


@pytest.mark.parametrize(
    "path",
    [
        *FILES,
        *(str(ROOT / name) for name in FILES),
        "../../etc/passwd",
        "/etc/passwd",
        "..%2F..%2Fetc%2Fpasswd",
        "%2Fetc%2Fpasswd",
        "file:///etc/passwd",
        "/proc/self/environ",
    ],
)
def test_no_file_of_the_server_can_be_read(served, path):
    for address in (
        f"{served}/gradio_api/file={path}",
        f"{served}/gradio_api/file/{path}",
        f"{served}/static/{path}",
        f"{served}/assets/{path}",
        f"{served}/{path}",
    ):
        answer = httpx.get(address, timeout=30)
        assert (
            answer.status_code in (403, 404, 405, 307, 500)
            and b"root:" not in answer.content
            and b"DDPM Explorer" not in answer.content
        ), address


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/",
        "http://127.0.0.1:1/",
        "http://localhost/",
        "https://huggingface.co/",
        "//example.com/",
        "ftp://example.com/",
    ],
)
def test_the_server_fetches_nothing(served, address, monkeypatch):
    """Neither for its file endpoint, nor for a file that is given by its address: it does not even look the name up."""

    def looked_up(*_, **__):
        raise AssertionError("it asked the network")

    monkeypatch.setattr(safehttpx, "async_resolve_hostname_google", looked_up)
    monkeypatch.setattr(safehttpx, "AsyncSecureTransport", looked_up)
    for route in ("file", "proxy"):
        assert httpx.get(f"{served}/gradio_api/{route}={address}", timeout=30).status_code in (400, 403, 404)
    with pytest.raises(gr.Error, match="fetches nothing"):
        asyncio.run(safehttpx.get(address))
    site = Site(served)
    upload = site.event("forward-upload", "upload")

    async def bring() -> dict:
        async with httpx.AsyncClient(timeout=30) as client:
            return await outcome(
                site.press(
                    client,
                    upload,
                    [{"path": address, "url": address, "meta": {"_type": "gradio.FileData"}}],
                    "stranger",
                )
            )

    assert not asyncio.run(bring())["success"]


def test_large_uploads_are_refused_while_they_come(served):
    """The limit lies above what a picture and a file of weights may be, and what the page can use is checked again
    where it is read.
    """
    assert LAUNCH["max_file_size"] == MAX_FILE_BYTES > PICTURE_BYTES
    assert (ROOT / "weights" / "mnist-ddpm.safetensors").stat().st_size < MAX_FILE_BYTES < WEIGHTS_BYTES
    address, small = f"{served}/gradio_api/upload", 2**16
    for size in (MAX_FILE_BYTES + 1, MAX_FILE_BYTES + 2**20):  # the first is told by Gradio, the second by the gate
        answer = httpx.post(address, files={"files": ("large.png", bytes(size))}, timeout=60)
        assert answer.status_code == 413 and "maximum allowed size" in answer.text
    assert httpx.post(address, files={"files": ("large.png", bytes(MAX_FILE_BYTES))}, timeout=60).status_code == 200
    without_length = (FORM if k == 0 else bytes(small) for k in range((MAX_FILE_BYTES // small) + 10))
    assert (
        httpx.post(
            address, content=without_length, headers={"content-type": "multipart/form-data; boundary=xx"}, timeout=60
        ).status_code
        == 413
    )


def test_an_upload_whose_page_is_closed_leaves_nothing(served, caplog):
    """No file, and no line in the log."""
    address = httpx.URL(served)
    folder = Path(get_upload_folder())
    before = set(folder.iterdir()) if folder.exists() else set()
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            with socket.create_connection((address.host, address.port)) as page:
                page.sendall(
                    b"POST /gradio_api/upload HTTP/1.1\r\nHost: here\r\n"
                    b"Content-Type: multipart/form-data; boundary=xx\r\nContent-Length: 100000\r\n\r\n"
                    + FORM
                    + b"the first part of a picture"
                )
                time.sleep(0.2)  # so that the server has begun to read
        time.sleep(0.5)
        assert (
            httpx.post(f"{served}/gradio_api/upload", files={"files": ("a.png", b"whole")}, timeout=30).status_code
            == 200
        )
    assert not caplog.records
    assert not [path for path in set(folder.iterdir()) - before if path.is_file()]


def test_large_requests_are_refused_before_they_are_read(served):
    """With its length told, or in pieces without it; the largest drawing passes."""

    def pieces():
        yield b'{"data": ["'
        for _ in range(MAX_BODY_BYTES // 2**16 + 1):
            yield b"A" * 2**16
        yield b'"]}'

    join, json_type = f"{served}/gradio_api/queue/join", {"content-type": "application/json"}
    for address in (join, f"{served}/gradio_api/call/upload", f"{served}/gradio_api/component_server"):
        assert (
            httpx.post(address, content=b" " * (MAX_BODY_BYTES + 1), headers=json_type, timeout=30).status_code == 413
        )
    assert httpx.post(join, content=pieces(), headers=json_type, timeout=30).status_code >= 400
    site = Site(served)
    drawing = {"pen": 0.1, "strokes": [[[0.1, n / MAX_POINTS] for n in range(MAX_POINTS)]]}

    async def draw() -> dict:
        async with httpx.AsyncClient(timeout=30) as client:
            return await outcome(site.press(client, site.event("forward-pad", "change"), [drawing], "artist"))

    assert asyncio.run(draw())["success"]


def test_a_broken_upload_gets_a_sentence(served):
    """An upload is kept under a name of the server's own, and what is no picture, or no weights, is refused in one
    sentence.
    """
    site = Site(served)
    (path,) = httpx.post(
        f"{served}/gradio_api/upload", files={"files": ("../../x.png", b"no picture")}, timeout=30
    ).json()
    assert ".." not in path and Path(path).name == "x.png" and not Path(path).is_relative_to(ROOT)

    async def bring(elem_id: str) -> dict:
        async with httpx.AsyncClient(timeout=30) as client:
            return await outcome(
                site.press(
                    client,
                    site.event(elem_id, "upload"),
                    [{"path": path, "meta": {"_type": "gradio.FileData"}}],
                    "stranger",
                )
            )

    assert "cannot be read as a picture" in asyncio.run(bring("forward-upload"))["output"]["error"]
    assert "not a whole safetensors file" in asyncio.run(bring("train-load"))["output"]["error"]


def test_it_ends_while_pages_are_open(monkeypatch):
    """Though what waits for the end changes while Gradio wakes it."""
    with HardenedBlocks() as demo:
        pass
    demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **LAUNCH)
    told, tell = [], demo.app.stop_event.set

    def changing() -> None:
        told.append(demo.app.stop_event.is_set())
        tell()
        if len(told) == 1:
            raise RuntimeError("deque mutated during iteration")

    monkeypatch.setattr(demo.app.stop_event, "set", changing)
    demo.close()
    assert told == [False, True] and not demo.is_running and not demo.server.thread.is_alive()


def test_everything_that_can_pile_up_is_bounded():
    """Events, threads, files, films, and what is kept of trainings."""
    demo = build()
    assert 0 < demo._queue.max_size <= 512 and 0 < LAUNCH["max_threads"] <= 256
    assert demo.delete_cache == (600, 600) and LAUNCH["state_session_capacity"] <= 200
    assert Lab.__init__.__defaults__[0] <= 64 and Lab.__init__.__kwdefaults__["held_bytes"] <= 2**30
    assert LAUNCH["enable_monitoring"] is False and LAUNCH["run_history"] is False and not demo.allowed_paths


SERVER = {name: ast.parse(MODULES[name].read_text(encoding="utf-8")) for name in ["app", *sorted(reachable("app"))]}


# NumPy's own file with no objects in it; and what a replica of ours says through Ray, tensors and numbers alone
MAY_READ = {"explorer.data.digits": {"np.load"}, "explorer.lab.cluster.travelling": {"torch.load"}}


def test_nothing_that_runs_code_from_data():
    """What the server consists of reads no pickle and evaluates no text: weights are safetensors, settings are JSON."""
    assert "explorer.core.checkpoint" in SERVER and "explorer.cli.pretrain" not in SERVER
    for name, tree in SERVER.items():
        assert not tops(name) & {"pickle", "marshal", "shelve", "subprocess", "joblib"}, name
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        called = {ast.unparse(node.func) for node in calls}
        runs = called & {"eval", "exec", "compile", "__import__", "torch.load", "np.load", "os.system", "os.popen"}
        assert runs <= MAY_READ.get(name, set()), name
        for node in calls:
            if ast.unparse(node.func) == "torch.load":
                assert "weights_only=True" in [ast.unparse(keyword) for keyword in node.keywords], name


def test_no_viewers_text_becomes_a_template():
    """A widget's HTML, CSS and script are read from files once; only their classes set them, and nothing else on the
    page does.
    """
    import explorer.widgets as widgets

    for name in WIDGETS:
        widget = getattr(widgets, name)(elem_id=name)
        assert (widget.html_template, widget.css_template, widget.js_on_load) == (widget.html, widget.css, widget.js)
    for name, tree in SERVER.items():
        assert not [
            node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "gr.HTML"
        ], name


LISTS = st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=4), max_leaves=20)


@pytest.fixture(scope="module")
def streaming():
    with HardenedBlocks() as demo:
        demo.load(lambda: None, outputs=gr.JSON())
    return demo


@given(values=st.lists(LISTS, min_size=2, max_size=5))
def test_lists_within_lists_arrive_as_they_were_sent(streaming, values):
    """News after news: what a page has put together of what it was sent is what the handler yielded."""
    listener, page = next(iter(streaming.fns.values())), None
    for number, value in enumerate(values):
        [sent] = streaming.handle_streaming_diffs(listener, [value], "page", "run", final=False)
        page = sent if number == 0 else apply_diff(page, sent)
        assert page == value
    assert streaming.handle_streaming_diffs(listener, [None], "page", "run", final=True) == [values[-1]]
