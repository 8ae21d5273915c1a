"""A line for each request in the server's log, as JSON: what it was, how long it took, how it ended. Nothing about who
asked.

{"time": "2026-03-02T09:00:12Z", "what": "film", "model": "pretrained", "frames": 251, "outcome": "ok", "seconds":
1.204}
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

log = logging.getLogger(__name__)

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "off": logging.CRITICAL + 1}

MAX_VALUE_CHARACTERS = 200  # characters of one value


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Entry:
    """One request, from its beginning to its end: `with Entry("film", Refused) as fields:`, or with `async with`.

    refused: the exceptions by which a request is declined. `fields` is the line to be, for the request to add to. Its
    outcome is "ok" unless the request says otherwise; "refused" or "failed" after an exception; "left" where the viewer
    has gone.
    """

    def __init__(self, what: str, refused: type[Exception] | tuple[type[Exception], ...] = (), **facts: object) -> None:
        self._refused = refused
        self._fields: dict[str, Any] = {"what": what, **facts, "outcome": "ok"}
        self._began = 0.0

    def __enter__(self) -> dict[str, Any]:
        self._began = time.perf_counter()
        return self._fields

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            refused, failed = issubclass(kind, self._refused), issubclass(kind, Exception)
            # whatever is no Exception closed or cancelled the request from outside
            self._fields["outcome"] = "refused" if refused else "failed" if failed else "left"
        self._fields["seconds"] = round(time.perf_counter() - self._began, 3)
        log.info(self._fields)

    async def __aenter__(self) -> dict[str, Any]:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def logged(
    what: str, refused: type[Exception]
) -> Callable[[Callable[Asked, Awaitable[Answer]]], Callable[Asked, Awaitable[Answer]]]:
    """Makes an async function write an Entry for each call."""

    def decorate(work: Callable[Asked, Awaitable[Answer]]) -> Callable[Asked, Awaitable[Answer]]:
        @wraps(work)
        async def entered(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
            async with Entry(what, refused):
                return await work(*arguments, **named)

        return entered

    return decorate


class Lines(logging.Formatter):
    """A record as one line of JSON, a traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        fields = (
            record.msg
            if isinstance(record.msg, dict)
            else {"what": "note", "level": record.levelname, "message": record.getMessage()}
        )
        # a stranger may have sent it
        fields = {
            name: value[:MAX_VALUE_CHARACTERS] if isinstance(value, str) else value for name, value in fields.items()
        }
        if record.exc_info:
            fields |= {"traceback": self.formatException(record.exc_info)}
        return json.dumps(
            {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))} | fields, ensure_ascii=False
        )


def configure_logging(level: str) -> None:
    """From now on, this program's log goes to stderr; level: one of LEVELS."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    ours = logging.getLogger("explorer")
    ours.handlers, ours.propagate = [handler], False
    ours.setLevel(LEVELS[level])
