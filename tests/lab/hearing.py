"""What a training's listener has heard."""

from __future__ import annotations


async def hear(stream, until=lambda update: False, then=lambda: None):
    """All updates; `then` is called once, at the first that is as wanted."""
    news, called = [], False
    async for update in stream:
        news.append(update)
        if not called and until(update):
            called = True
            then()
    return news
