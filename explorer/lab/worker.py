"""A training as work for the computing thread, and what there is to tell of it as a stream of updates."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress

from explorer.lab.session import LabUpdate, StopRequest, Training, pieces
from explorer.serving.scheduler import ComputeScheduler

News = LabUpdate | Exception | None  # an update, what the training broke off with, or its end


class TrainingWorker:
    """A training that the scheduler asks for one piece after another (scheduler.Worker). Made anywhere; what it
    computes, and `tell`, are called in the computing thread.
    """

    def __init__(
        self, training: Training, wish: StopRequest, scheduler: ComputeScheduler, tell: Callable[[News], None]
    ) -> None:
        """tell: is given each update, and at the end None or an exception. Raises Closed."""
        self._pieces = pieces(training, wish)
        self._scheduler, self._tell = scheduler, tell
        scheduler.serve_training(self)

    @property
    def busy(self) -> bool:
        """Until it has ended, and is withdrawn, there is always something to compute."""
        return True

    def work(self) -> None:
        """The next piece."""
        end: Exception | None = None
        try:
            news = next(self._pieces)
        except StopIteration:
            news = None
        except Exception as error:  # belongs to whoever wanted the training
            news, end = None, error
        else:
            if news is not None:
                self._tell(news)
            return
        self._scheduler.withdraw(self)
        self._tell(end)


def updates(training: Training, scheduler: ComputeScheduler, wish: StopRequest | None = None) -> Iterator[LabUpdate]:
    """The training's updates, see `pieces`, for a thread that may wait for them. Closing this ends the training."""
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    wish = wish or StopRequest()
    TrainingWorker(training, wish, scheduler, news.put)
    try:
        while (told := news.get()) is not None:
            if isinstance(told, Exception):
                raise told
            yield told
    finally:
        wish.left = True


async def updates_as_they_come(
    training: Training, scheduler: ComputeScheduler, wish: StopRequest
) -> AsyncGenerator[LabUpdate, None]:
    """The same for an event loop. Closing this ends the training."""
    news: asyncio.Queue[News] = asyncio.Queue()  # no longer than the training: some hundred updates
    loop = asyncio.get_running_loop()

    def tell(told: News) -> None:
        with suppress(RuntimeError):  # the loop has ended, and whoever watched with it
            loop.call_soon_threadsafe(news.put_nowait, told)

    TrainingWorker(training, wish, scheduler, tell)
    try:
        while (told := await news.get()) is not None:
            if isinstance(told, Exception):
                raise told
            yield told
    finally:
        wish.left = True
