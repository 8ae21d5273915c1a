"""The functions that programs may call, on the page's view-API page and through gradio_client."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_type_hints

import gradio as gr


def add_endpoint(function: Callable) -> None:
    """Make this an endpoint under its own name, with its parameters' names, types, defaults, its docstring, and the
    type of its answer.
    """
    function.__annotations__ = get_type_hints(
        function
    )  # as types: Gradio does not resolve the text that annotations are in our files
    gr.api(function, api_name=function.__name__, concurrency_limit=None)
