"""A page of ours from outside: its own configuration, and Gradio's protocol as a browser speaks it, one POST to join
and one stream of events.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing
from typing import Any

import httpx
from gradio_client.utils import apply_diff

# all arguments of each public endpoint, for little work
GOOD: dict[str, list] = {
    "noise_image": [7, 300, 0, 0, "linear"],
    "guess_noise": [7, 300, 0, 0, "nothing"],
    "generate": [3, 1, "ddpm", 2, 1.0, 0.0, 1],
    "rescue": [7, 3, 0, 0],
    "status": [],
}


class Problem(RuntimeError):
    """What a page would say of what was pressed on it."""


class Site:
    """What can be pressed, read from the page's configuration."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.config = httpx.get(f"{self.url}/config", timeout=30).json()
        self.components = {component["id"]: component for component in self.config["components"]}
        self.ids = {component["props"].get("elem_id"): number for number, component in self.components.items()}

    def event(self, elem_id: str, event: str = "click") -> dict:
        """What the server does after this event of this element: the first of it that has a function there."""
        target = [self.ids[elem_id], event]
        return next(d for d in self.config["dependencies"] if target in d["targets"] and d["backend_fn"])

    def data(self, dependency: dict, **own: Any) -> list:
        """The values of its inputs: those given, by elem_id with _ for -, else the page's first ones."""
        props = [self.components[number]["props"] for number in dependency["inputs"]]
        return [own.get((prop.get("elem_id") or "").replace("-", "_"), prop.get("value")) for prop in props]

    async def press(
        self, client: httpx.AsyncClient, dependency: dict, data: list, session: str, event_data: Any = None
    ) -> AsyncIterator[dict]:
        """Do it, and hear the server's messages to the end. Raises httpx.HTTPError. Closing this generator is closing
        the page.
        """
        body = {"data": data, "fn_index": dependency["id"], "session_hash": session, "event_data": event_data}
        (await client.post(f"{self.url}/gradio_api/queue/join", json=body)).raise_for_status()
        async with client.stream(
            "GET", f"{self.url}/gradio_api/queue/data", params={"session_hash": session}
        ) as events:
            async for line in events.aiter_lines():
                if line.startswith("data:"):
                    message = json.loads(line[5:])
                    yield message
                    if message["msg"] in ("process_completed", "unexpected_error", "server_stopped"):
                        return

    async def values(self, client: httpx.AsyncClient, dependency: dict, data: list) -> AsyncIterator[Any]:
        """The same by a page of its own: what its first output becomes, as the page would hold it. Raises
        httpx.HTTPError, and Problem for what the page would say.
        """
        value: Any = None
        async with aclosing(self.press(client, dependency, data, uuid.uuid4().hex)) as messages:
            async for message in messages:
                output = message.get("output") or {}
                if message["msg"] == "process_completed" and not message.get("success", True):
                    raise Problem(str(output.get("error")))
                if message["msg"] == "process_generating" and output.get("data"):
                    news = output["data"][0]  # the first time the value itself, then what has changed in it
                    value = apply_diff(value, news) if isinstance(news, list) else news
                    yield value

    async def press_now(self, client: httpx.AsyncClient, dependency: dict, data: list, session: str) -> None:
        """The same for what does not queue, as a stop button. Raises httpx.HTTPError."""
        body = {"data": data, "fn_index": dependency["id"], "session_hash": session}
        (await client.post(f"{self.url}/gradio_api/run/predict", json=body)).raise_for_status()

    async def call(self, client: httpx.AsyncClient, name: str, *arguments: Any) -> tuple[str, Any]:
        """A public endpoint's answer: ("complete", its values) or ("error", what the server says)."""
        call = f"{self.url}/gradio_api/call/{name}"
        event_id = (await client.post(call, json={"data": list(arguments)})).raise_for_status().json()["event_id"]
        text = (await client.get(f"{call}/{event_id}")).text
        lines = [line.split(": ", 1) for line in text.splitlines() if ": " in line]
        (_, kind), (_, data) = lines[-2:]
        return kind, json.loads(data)

    async def status(self, client: httpx.AsyncClient) -> dict:
        """The server's own account of its load."""
        _, (answer,) = await self.call(client, "status")
        return answer


async def in_time(work: Awaitable[None], timeout: float) -> str:
    """What went wrong with it, "" where nothing did."""
    try:
        await asyncio.wait_for(work, timeout)
    except TimeoutError:
        return f"not finished after {timeout:g} s"
    except httpx.HTTPError as error:
        return repr(error)
    except Problem as problem:
        return str(problem)
    return ""


async def outcome(messages: AsyncIterator[dict], enough: int | None = None) -> dict:
    """The message that ends it; or, where it streams, the `enough`-th of it, after which the page is closed."""
    heard = 0
    async with aclosing(messages) as heard_messages:
        async for message in heard_messages:
            heard += message["msg"] == "process_generating"
            if enough is not None and heard >= enough:
                break
    return message
