"""The functions that programs may call, on the page's view-API page and through gradio_client."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import gradio as gr

from explorer.page.events import told_to_viewer
from explorer.validation import Settings, checked, described

Answer = dict[str, Any]


def add_endpoint(function: Callable[[], dict[str, float]]) -> None:
    """Make this an endpoint under its own name, with its docstring and the type of its answer."""
    function.__annotations__ = get_type_hints(
        function
    )  # as types: Gradio does not resolve the text that annotations are in our files
    gr.api(function, api_name=function.__name__, concurrency_limit=None)


def add_settings_endpoint(
    settings: type[Settings], function: Callable[[Settings, gr.Request], Awaitable[Answer]]
) -> None:
    """Make this an endpoint under its own name, which is asked by the fields of `settings`; see `asking`."""
    gr.api(asking(settings, function), api_name=function.__name__, concurrency_limit=None)


def asking(
    settings: type[Settings], function: Callable[[Settings, gr.Request], Awaitable[Answer]]
) -> Callable[..., Awaitable[Answer]]:
    """The function as Gradio wants it: its parameters are the fields of `settings`, with their names, types and
    defaults; their ranges stand behind its docstring.

    Called, it raises gr.Error with one sentence for a value that cannot be, and for what else the function may say.
    """
    fields, hints = described(settings), get_type_hints(settings)

    async def endpoint(request: gr.Request, *given: object) -> Answer:
        with told_to_viewer():
            return await function(checked(settings, dict(zip(fields, given))), request)

    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # what inspect.signature looks for first
        [
            inspect.Parameter("request", positional, annotation=gr.Request),
            *(
                inspect.Parameter(name, positional, default=told.rule.default, annotation=hints[name])
                for name, told in fields.items()
            ),
        ],
        return_annotation=Answer,
    )
    endpoint.__annotations__ = {"request": gr.Request, **{name: hints[name] for name in fields}, "return": Answer}
    endpoint.__name__, ranges = function.__name__, "; ".join(f"{n}: {told.rule.allowed}" for n, told in fields.items())
    endpoint.__doc__ = f"{inspect.getdoc(function)}\n\n{ranges}."
    return endpoint
