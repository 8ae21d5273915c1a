"""Whatever is posted to the server: an answer or a sentence comes back, never a traceback, and the server is
as before.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from functools import cache
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.load.site import GOOD, Site, outcome

SHORT = {
    "film_steps": 3,
    "leap_t": 3,
    "futures_t": 3,
    "rescue_t": 3,
    "train_seconds": 10,
}  # little work for the page's own events

ROOT = Path(__file__).parents[2]
ODD = st.sampled_from(
    [
        "../../etc/passwd",
        "${1 + 1}",
        "{{ 1 + 1 }}",
        "<img src=x onerror=alert(1)>",
        "\u2028\ud7ff\n",
        1e308,
        -1,
        2**63,
        {"__type__": "update", "choices": []},
        {"path": str(ROOT / "README.md"), "meta": {"_type": "gradio.FileData"}},
        {"path": "https://example.com/7.png", "meta": {"_type": "gradio.FileData"}},
        {"pen": 0.1, "strokes": [[[0.5, 0.5], [1e308, -1]]]},
        {"settings": {"model": "pretrained", "steps": 3}, "t": 1000, "picture": 0},
        {"settings": {"model": "none"}, "t": 1, "picture": 0},
    ]
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
JSON = ODD | st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def examples(number: int):
    return settings(max_examples=number, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def site(url: str) -> Site:
    return Site(url)


def ask(work):
    """What `work(client)` returns."""

    async def run():
        async with httpx.AsyncClient(timeout=60, verify=False) as client:
            return await work(client)

    return asyncio.run(run())


def harmless(said: str | None, capsys) -> None:
    """What the viewer is told is one sentence, and no exception has passed through our code unhandled."""
    if said is not None:
        assert "Traceback" not in said and 'File "' not in said and len(said.splitlines()) == 1
    printed = capsys.readouterr().err
    assert not re.search(rf'File "{ROOT}/(explorer|app)', printed), printed


@pytest.mark.parametrize("name", GOOD)
@examples(25)
@given(data=st.data())
def test_public_endpoints(served, capsys, name, data):
    """One argument replaced by anything, or any list of arguments: a complete answer, or "must be"; Gradio says nothing
    of files that are none.
    """
    arguments = list(GOOD[name])
    if arguments and data.draw(st.booleans()):
        arguments[data.draw(st.integers(0, len(arguments) - 1))] = data.draw(JSON)
        kind, said = ask(lambda client: site(served).call(client, name, *arguments))
        assert (
            kind == "complete"
            or said["error"] is None
            or any(words in said["error"] for words in ("must be", "fetches nothing", "cannot be used"))
        )
    else:
        arguments = data.draw(st.lists(JSON, max_size=8))
        kind, said = ask(lambda client: site(served).call(client, name, *arguments))
    harmless(said["error"] if kind == "error" else None, capsys)


@examples(80)
@given(data=st.data())
def test_the_pages_own_events(served, capsys, data):
    """Private is no protection: each event's function is posted to as a stranger could, with one input replaced by
    anything.
    """
    page = site(served)
    private = [d for d in page.config["dependencies"] if d["backend_fn"] and d["api_name"] not in GOOD]
    dependency = data.draw(st.sampled_from(private))
    values = page.data(dependency, **SHORT)
    if values:
        values[data.draw(st.integers(0, len(values) - 1))] = data.draw(JSON)
    event_data = data.draw(JSON)
    message = ask(
        lambda client: outcome(page.press(client, dependency, values, uuid.uuid4().hex, event_data), enough=2)
    )
    harmless((message.get("output") or {}).get("error"), capsys)


@examples(25)
@given(
    name=st.sampled_from(["pulse", "download", "postprocess", "__init__", "_repr_html_"]) | st.text(max_size=10),
    value=JSON,
)
@example(name="download", value="pretrained")
@example(name="pulse", value="x" * 1000)
def test_functions_that_widgets_call(served, capsys, name, value):
    """Only what a widget was given can be called, with any value."""
    for elem_id, own in (("status-line", "pulse"), ("lab", "download")):
        body = {"session_hash": "me", "component_id": site(served).ids[elem_id], "fn_name": name, "data": value}
        answer = httpx.post(f"{served}/gradio_api/component_server", json=body, timeout=60)
        assert answer.status_code == (200 if name == own else 404)
        harmless(None, capsys)


def test_afterwards_the_server_is_as_before(served):
    """No film, no training is left, and the pictures are the ones that they always were."""
    page = site(served)
    until = time.perf_counter() + 20
    while (status := ask(page.status))["films"] + status["waiting"] + status["trainings"]:
        assert time.perf_counter() < until, status
        time.sleep(0.1)
    one, other = (ask(lambda client: page.call(client, "generate", *GOOD["generate"])) for _ in range(2))
    assert one == other and one[0] == "complete"
