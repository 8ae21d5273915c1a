"""What one does with streams of the engine: see a film to its end, or watch several at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

import numpy as np

from explorer.serving.bell import Bell
from explorer.serving.errors import FilmFailed
from explorer.serving.film_news import FilmNews, Frames

Item = TypeVar("Item")


async def finished(stream: AsyncIterator[FilmNews]) -> np.ndarray:
    """The pictures that a film ends in, (pictures, 28, 28) uint8. Raises FilmFailed where it has none."""
    last: np.ndarray | None = None
    async for news in stream:
        last = news.pixels[-1, 0] if isinstance(news, Frames) else last
    if last is None:
        raise FilmFailed("the film ended before its first picture")
    return last


async def until(
    over: Callable[[], bool], changed: Bell, stream: AsyncGenerator[Item, None]
) -> AsyncGenerator[Item, None]:
    """The stream's items, until it ends or is over, which is looked at when `changed` rings; then it is closed."""
    item: asyncio.Task[Item] | None = None
    news = asyncio.create_task(changed.wait())
    try:
        while True:
            item = asyncio.create_task(anext(stream))
            while not item.done():
                if over():
                    return
                await asyncio.wait({item, news}, return_when=asyncio.FIRST_COMPLETED)
                if news.done():
                    news = asyncio.create_task(changed.wait())
            try:
                yield item.result()
            except StopAsyncIteration:
                return
    finally:
        tasks = [task for task in (item, news) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await stream.aclose()


async def together(
    streams: Sequence[AsyncGenerator[Item, None]], pause: float = 0.0
) -> AsyncGenerator[list[tuple[int, Item]], None]:
    """(which stream, its item), in the order in which they came, until all have ended: the first as soon as there is
    one, the others in lists, `pause` seconds from one to the next. An exception in one ends all; closing this closes
    them.
    """
    # whoever reads slowly is sent less
    news: asyncio.Queue[tuple[int, Item] | Exception | None] = asyncio.Queue(maxsize=len(streams))

    async def pump(number: int, stream: AsyncGenerator[Item, None]) -> None:
        try:
            async with aclosing(stream):
                async for item in stream:
                    await news.put((number, item))
            await news.put(None)
        except Exception as error:  # raised again where they are read
            await news.put(error)

    pumps = [asyncio.create_task(pump(number, stream)) for number, stream in enumerate(streams)]
    try:
        running = len(pumps)
        while running:
            come = [await news.get()]
            while not news.empty():
                come.append(news.get_nowait())
                await asyncio.sleep(0)  # whoever waited for room
            running -= come.count(None)
            if items := [item for item in come if isinstance(item, tuple)]:
                yield items
            for error in come:
                if isinstance(error, Exception):
                    raise error
            await asyncio.wait(pumps, timeout=pause)
    finally:
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
