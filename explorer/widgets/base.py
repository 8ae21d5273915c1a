"""What the widgets share: how their files are read, and what each of them is to Gradio."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import gradio as gr

HERE = Path(__file__).parent

# Gradio compiles html_template and css_template as Handlebars and then as a JavaScript template string, again at every
# update. So these four would be code there, not text; a fixed template without them can carry nobody's script.
NOT_IN_TEMPLATES = ("${", "{{", "`", "\\")


class Text(TypedDict):
    """A sentence as it reaches the browser, which translates the text and then fills its places {0}, {1} ..."""

    text: str
    values: list[Told | float | list[Told | float]]


Told = str | Text  # a plain str has no places


def read(*names: str) -> str:
    """The text of these files of this folder, one after the other."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


def read_template(*names: str) -> str:
    """Like read, for HTML and CSS. Raises ValueError where Gradio would take some of the text for code."""
    text = read(*names)
    for code in NOT_IN_TEMPLATES:
        if code in text:
            raise ValueError(f"{' + '.join(names)}: {code} is code in a Gradio template")
    return text


def told_in(elem_id: str, name: str) -> str:
    """JavaScript for what the widget of this id tells in its data-NAME, as JSON: for a listener of which only the
    latest event counts.

    It is read when the question leaves the page. An event's own data would not do: of one that has waited for the
    answer to an earlier one, Gradio sends what that one carried.
    """
    return f"JSON.parse(document.querySelector('#{elem_id} [data-{name}]').dataset.{name})"


class Widget(gr.HTML):
    """A gr.HTML whose value is a JSON object, drawn by JavaScript that watches it.

    The value's type stands beside the subclass, as a TypedDict; the JavaScript sees the same types, as they are written
    down in payload_types.js by `python -m tests.payload_types`. A subclass sets `html`, `css` and `js`. The page builds
    the fixed HTML once; whatever is in the value reaches it through textContent and canvases only, never as markup.
    """

    html = ""
    css = ""
    js = ""

    def __init__(self, value: Mapping[str, object] | None = None, **settings: Any) -> None:  # noqa: ANN401 # as Gradio has them
        """`settings` are gr.HTML's own (elem_id, visible, label, server_functions ...)."""
        super().__init__(
            value=value,
            html_template=self.html,
            css_template=self.css,
            js_on_load=self.js,
            apply_default_css=False,  # "prose" styling would restyle our buttons and captions
            **settings,
        )

    def postprocess(self, value: Mapping[str, object] | None) -> Mapping[str, Any] | None:
        """The value on its way to the browser: as it is."""
        return value

    def preprocess(self, payload: dict[str, Any] | None) -> dict[str, Any] | None:
        """The value on its way from the browser: as it is, to be checked by whoever uses it."""
        return payload

    def api_info(self) -> dict[str, Any]:
        """What the API's documentation says of it."""
        return {"type": "object", "description": (type(self).__doc__ or "").split("\n")[0]}

    def example_payload(self) -> dict[str, Any]:
        """An example of what comes from the browser."""
        return {}

    def example_value(self) -> dict[str, Any]:
        """An example of what goes there."""
        return {}
