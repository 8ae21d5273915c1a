"""The page as one file, as a server hands it out: written once for all who ask, and whole."""

from __future__ import annotations

import asyncio
import sys
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from explorer.page import take_along
from explorer.page.take_along import NAME, PROBLEM, ROUTE, TakeAlong

CONTENT = "<!doctype html>" + "x" * 200_000


class Writer:
    """Writes when it may; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked, self.may, self.fails = 0, asyncio.Event(), False

    async def __call__(self, path: Path) -> None:
        self.asked += 1
        await self.may.wait()
        if self.fails:
            raise OSError("no room")
        path.write_text(CONTENT)


async def visit(root_path: str = "") -> None:
    writer = Writer()
    site = Starlette(routes=[Mount(ROUTE, app=TakeAlong(writer))])
    transport = httpx.ASGITransport(app=site, root_path=root_path)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://here{root_path}{ROUTE}/") as client:
        assert (await client.get(NAME)).status_code == 404 and writer.asked == 0
        waiting = await asyncio.gather(*(client.get("state") for _ in range(30)))
        assert {told.text for told in waiting} == {'{"bytes":0,"problem":""}'}
        writer.fails = True
        writer.may.set()
        await asyncio.sleep(0)
        told = await until_told(client)
        assert told == {"bytes": 0, "problem": PROBLEM} and writer.asked == 1
        writer.fails = False
        told = await until_told(client)  # whoever asks again lets it be tried again
        assert told == {"bytes": len(CONTENT), "problem": ""} and writer.asked == 2
        answer = await client.get(NAME, headers={"Accept-Encoding": "gzip"})
        assert answer.text == CONTENT and answer.headers["content-length"] == str(len(CONTENT))
        assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}"'
        assert (await client.get("other")).status_code == 404 and writer.asked == 2


async def until_told(client: httpx.AsyncClient) -> dict:
    while not any((told := (await client.get("state")).json()).values()):
        await asyncio.sleep(0)
    return told


def test_it_is_written_once_for_all_who_ask():
    asyncio.run(visit())


def test_so_it_is_behind_a_path():
    asyncio.run(visit("/ddpm"))


@pytest.mark.parametrize(
    ("code", "fails"), [("open(sys.argv[1], 'w').write('x')", False), ("sys.exit('no room')", True)]
)
def test_a_process_of_its_own_writes_it(code, fails, tmp_path, monkeypatch):
    monkeypatch.setattr(take_along, "WRITER", (sys.executable, "-c", f"import sys; {code}"))
    with pytest.raises(OSError, match="no room") if fails else nullcontext():
        asyncio.run(take_along.write(tmp_path / NAME))
    assert fails or (tmp_path / NAME).read_text() == "x"
