"""Requests as curl sends them: parameters left out, values of the wrong type, addresses that do not exist."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest

from explorer.page.settings import NoisyDigit
from explorer.page.strange_requests import StrangeRequests
from explorer.validation import InvalidSetting, rules
from tests.load.site import Site

ODD = [None, 5, "x", [], {}, [[]], {"a": 1}, True, 1e308, [None] * 40]


def called(served: str, name: str, body: object) -> str:
    """What /call answers in the end, as text."""
    call = f"{served}/gradio_api/call/{name}"
    event = httpx.post(call, json=body, timeout=30).raise_for_status().json()["event_id"]
    return httpx.get(f"{call}/{event}", timeout=60).text


@pytest.mark.parametrize("data", [[], [7], [7, 300]])
def test_parameters_left_out_take_their_defaults(served, data, capfd):
    whole = called(served, "noise_image", {"data": [7, 300, 0, 0, "linear"]})
    assert whole.startswith("event: complete")
    said = called(served, "noise_image", {"data": data})
    assert said == whole if data else said.startswith("event: complete")
    run = httpx.post(f"{served}/gradio_api/run/noise_image", json={"data": data}, timeout=30)
    assert run.status_code == 200
    assert "Traceback" not in capfd.readouterr().err


def test_too_few_values_for_the_page_itself_get_a_sentence(served, capfd):
    play = Site(served).event("film-play")
    body = {"data": [], "fn_index": play["id"], "session_hash": "curl"}
    answer = httpx.post(f"{served}/gradio_api/run/predict", json=body, timeout=30)
    assert answer.json()["error"] == f"{len(play['inputs'])} values are wanted, not 0"
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_wrong_types_leave_no_traceback(served, odd, capfd, caplog):
    """Wherever they are posted."""
    api = f"{served}/gradio_api"
    bodies = [(f"{kind}/{name}", {"data": odd}) for kind in ("call", "run") for name in ("noise_image", "nothing")]
    bodies += [(f"call/v2/{name}", {"label": odd}) for name in ("noise_image", "nothing")]
    bodies += [("queue/join", {"data": odd, "fn_index": number, "session_hash": "q"}) for number in (3, -1, 10**6, odd)]
    bodies += [("run/predict", {"data": [], "fn_index": number, "session_hash": "q"}) for number in (3, -1, odd)]
    server = {"data": odd, "session_hash": "q"}
    bodies += [("component_server", server | {"component_id": number, "fn_name": "pulse"}) for number in (-1, odd)]
    bodies += [
        ("cancel", {"session_hash": odd, "fn_index": odd, "event_id": odd}),
        ("reset", odd),
        ("heartbeat/x", odd),
    ]
    with caplog.at_level(logging.ERROR):
        answers = [httpx.post(f"{api}/{path}", json=body, timeout=30) for path, body in bodies]
    for answer in answers:
        assert "Traceback" not in answer.text and 'File "' not in answer.text
    assert not caplog.records and "Traceback" not in capfd.readouterr().err


def test_a_stream_of_a_session_that_does_not_exist_leaves_no_traceback(served, capfd, caplog):
    with caplog.at_level(logging.ERROR):
        said = httpx.get(f"{served}/gradio_api/queue/data?session_hash=nobody", timeout=30).text
    assert "session_not_found" in said
    assert not caplog.records and "Traceback" not in capfd.readouterr().err


def test_mistakes_of_our_own_are_not_hidden():
    """Only what Gradio raises over a request becomes a sentence: an exception out of the house goes on."""

    async def gradio(scope, receive, send):
        raise KeyError("a function that does not exist")

    async def ours(scope, receive, send):
        rules(NoisyDigit)["label"].check("eight")

    async def answered(app) -> list[int]:
        told = []

        async def send(message):
            told.append(message.get("status"))

        await StrangeRequests(app)({"type": "http", "method": "POST", "path": "/"}, None, send)
        return told

    assert asyncio.run(answered(gradio))[0] == 400
    with pytest.raises(InvalidSetting):
        asyncio.run(answered(ours))
