"""No way out: this server fetches nothing from elsewhere, whoever asks.

Gradio would: for /gradio_api/file=https://..., and for a file in an input that is given by its address, it gets the file from any
public host and hands it on. That makes a classroom's server a stranger's proxy, and the page has no use for it.
"""

from __future__ import annotations

from typing import Any, NoReturn

import gradio as gr
import safehttpx  # by which Gradio fetches; both of its ways there pass one of these two functions


async def refuse(*_: Any, **__: Any) -> NoReturn:
    raise gr.Error("this server fetches nothing from elsewhere: send the file itself", print_exception=False)


def shut() -> None:
    """From now on, for the whole process."""
    safehttpx.get = safehttpx.async_validate_url = refuse
