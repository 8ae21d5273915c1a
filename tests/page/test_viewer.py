"""Who is asking: a page's requests belong together, and callers without a page have nothing to do with one another."""

from __future__ import annotations

import asyncio

import gradio as gr

from explorer.page.viewer import Viewer
from explorer.serving.viewers import FilmGroup, FilmsByViewer


def request(session_hash: str | None) -> gr.Request:
    """A request as Gradio hands it to a handler."""
    return gr.Request(session_hash=session_hash)


def test_callers_without_a_session_keep_their_films():
    """Two programs that call without a session: the second film does not replace the first."""

    async def both() -> bool:
        films: FilmsByViewer[FilmGroup] = FilmsByViewer()
        first, second = (Viewer.of(request(None)).slot("fork") for _ in range(2))
        async with films.turn(first, FilmGroup) as one, films.turn(second, FilmGroup):
            assert len(films) == 2
            return one.cancelled

    assert asyncio.run(both()) is False


def test_a_page_has_one_slot_a_player():
    """All requests of a page find the same slots; another page, and another player, have others."""
    fork = Viewer.of(request("page")).slot("fork")
    assert fork == Viewer.of(request("page")).slot("fork")
    assert fork not in {Viewer.of(request("other")).slot("fork"), Viewer.of(request("page")).slot("film")}
