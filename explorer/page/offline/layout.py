"""What the page shows and what happens on it, read from Gradio's own description of it: nothing is laid out twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any, NotRequired, TypedDict

import gradio as gr

from explorer.data.pictures import Picture
from explorer.data.pixels import to_base64
from explorer.page.offline.missing import CHOICES, HANDLERS, HIDDEN, LABELS, LESSONS, SCENES, TEXTS
from explorer.page.payloads.texts import told as sentence
from explorer.widgets.base import Widget

MODULE = re.compile(r'modules\["([^"]+)"\];')  # in a widget's loader: what is mounted
# What the host needs to know of a component.
PROPS = (
    *("value", "label", "info", "choices", "minimum", "maximum", "step", "visible", "interactive", "open", "variant"),
    *("scale", "min_width", "equal_height", "elem_classes", "size", "lines", "file_types", "id", "selected"),
)
UNSEEN = ("api", "state")  # the first are of the endpoints for programs


class Part(TypedDict):
    """A component: its kind as Gradio names it, its name (an id on the page), what it contains."""

    kind: str
    name: str
    props: dict[str, Any]
    children: list[Part]
    widget: NotRequired[str]  # the class of a gr.HTML


class WidgetKind(TypedDict):
    """What all widgets of a class share."""

    html: str
    css: str
    module: str


class Event(TypedDict):
    """What happens when, see gr.events. handler: who answers; "" where only `js` runs."""

    on: list[tuple[str, str]]  # a component's name, and its event
    handler: str
    inputs: list[str]
    outputs: list[str]
    js: str
    after: int  # the number of the event that it follows; -1 for none
    on_success: bool
    mode: str


class Layout(TypedDict):
    """The page."""

    root: Part
    states: dict[str, Any]
    widgets: dict[str, WidgetKind]
    events: list[Event]
    missing: dict[str, str]  # by handler, what is told of it


def layout(demo: gr.Blocks) -> Layout:
    """The page of `page.build`. Raises ValueError for what the file has no form of."""
    config = demo.get_config_file()
    components = {entry["id"]: entry for entry in config["components"]}
    names = {number: name_of(block, number) for number, block in demo.blocks.items()}
    widgets: dict[str, WidgetKind] = {}

    def part(node: Mapping[str, Any]) -> Part | None:
        entry = components.get(node["id"])
        if entry is None:
            kind, props = "column", dict[str, Any]()
        else:
            kind, props = entry["type"], {k: v for k, v in entry["props"].items() if k in PROPS and v is not None}
        if kind in UNSEEN:
            return None
        if kind == "plot":
            props["value"] = entry["props"]["value"]["plot"] if entry else ""
        name = names.get(node["id"], "")
        kind, props = fitted(kind, name, props)
        made: Part = {
            "kind": kind,
            "name": name,
            "props": props,
            "children": [inner for child in node.get("children") or () if (inner := part(child)) is not None],
        }
        block = demo.blocks.get(node["id"])
        if isinstance(block, Widget):
            made["widget"] = type(block).__name__
            module = MODULE.search(block.js)
            assert module is not None, type(block)
            widgets[type(block).__name__] = {"html": block.html, "css": block.css, "module": module[1]}
        return made

    root = part(config["layout"])
    assert root is not None
    states = {names[number]: plain(block.value) for number, block in demo.blocks.items() if isinstance(block, gr.State)}
    told = {name: missing.told for name, missing in HANDLERS.items()}
    happens = events(demo, config, names)
    return {"root": root, "states": states, "widgets": widgets, "events": happens, "missing": told}


def fitted(kind: str, name: str, props: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A component's kind and properties in a page that lacks what is listed in missing.py. name: as in Part."""
    if kind == "markdown":
        props = props | {"visible": props["value"] not in TEXTS, "value": html_of(str(props["value"]))}
    if name in CHOICES:
        props = props | {"choices": [choice for choice in props["choices"] if choice[1] not in CHOICES[name]]}
    if props.get("label") in LABELS:
        props = props | {"label": LABELS[props["label"]]}
    if name in HIDDEN:
        props = props | {"visible": False}
    if name == "lesson-bar":
        props = props | {"value": without_missing(props["value"])}
    return kind, props


def without_missing(bar: Mapping[str, Any]) -> dict[str, Any]:
    """The lesson bar's value without what the file has not."""
    return {
        **bar,
        "lessons": [lesson for lesson in bar["lessons"] if lesson["id"] not in LESSONS],
        "scenes": [scene for scene in bar["scenes"] if scene["id"] not in SCENES],
    }


def name_of(block: gr.blocks.Block, number: int) -> str:
    """A component's name: its id, or for what stands there once, its kind."""
    if block.elem_id:
        return str(block.elem_id)
    if isinstance(block, gr.Tabs):
        return "tabs"
    if isinstance(block, gr.Tab):
        return f"tab-{block.id}"
    return f"part-{number}"


def events(demo: gr.Blocks, config: Mapping[str, Any], names: Mapping[int, str]) -> list[Event]:
    """All that happens on the page; what programs and the server's own life want is left out."""
    made: list[Event] = []
    numbers: dict[int, int] = {}
    for entry in config["dependencies"]:
        targets = [(names[number], event) for number, event in entry["targets"] if number is not None]
        if not targets and entry["trigger_after"] is None:
            continue
        numbers[entry["id"]] = len(made)
        made.append(
            {
                "on": targets,
                "handler": handler_name(demo.fns[entry["id"]].fn, targets) if entry["backend_fn"] else "",
                "inputs": [names[number] for number in entry["inputs"]],
                "outputs": [names[number] for number in entry["outputs"]],
                "js": entry["js"] if isinstance(entry["js"], str) else "",
                "after": -1 if entry["trigger_after"] is None else numbers[entry["trigger_after"]],
                "on_success": bool(entry["trigger_only_on_success"]),
                "mode": entry["trigger_mode"] or "once",
            }
        )
    return made


def handler_name(handler: object, targets: list[tuple[str, str]]) -> str:
    """A name that stays while the handler does: where it stands in the code; a lambda's says what it is asked by."""
    inside = str(getattr(handler, "__qualname__", type(handler).__qualname__)).replace("<locals>.", "")
    name = f"{str(getattr(handler, '__module__', '')).rpartition('.')[2]}.{inside}"
    return f"{name} of {' '.join(sorted('.'.join(target) for target in targets))}" if "<lambda>" in name else name


def plain(value: object) -> Any:  # noqa: ANN401 # whatever JSON a state holds
    """A state's value as JSON."""
    if isinstance(value, Picture):
        return {
            "grey": to_base64(value.pixels()),
            "label": value.label,
            "caption": sentence(value.caption),
            "example": value.example,
        }
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return list(value) if isinstance(value, tuple) else None


def html_of(markdown: str) -> str:
    """The page's Markdown as HTML. Raises ValueError for a form of it that is not known here."""
    if re.search(r"[`\[\]_|]|^\s*(?:[-+>]|\d+\.) ", markdown, re.MULTILINE):
        raise ValueError(f"this Markdown has a form that the file does not know: {markdown[:60]!r}")
    parts = []
    for block in re.split(r"\n\n+", re.sub(r"(?m)^(#+ .*)\n(?!\n)", r"\1\n\n", markdown)):
        text = escape(block.strip(), quote=False)
        text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text, flags=re.DOTALL)
        text = re.sub(r"\*(.+?)\*", r"<em>\1</em>", text, flags=re.DOTALL)
        head = re.match(r"(#+) ", text)
        tag = f"h{len(head[1])}" if head else "p"
        parts.append(f"<{tag}>{text[head.end() if head else 0 :]}</{tag}>")
    return "".join(parts)
