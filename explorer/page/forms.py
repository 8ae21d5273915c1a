"""Forms: from the fields of a settings class to controls on the page, and from their values back to settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from explorer.page.events import Values
from explorer.validation import Choice, Described, Real, Settings, Subset, Whole, checked, described

Field = gr.Radio | gr.Dropdown | gr.CheckboxGroup | gr.Slider | gr.Number
Fields = dict[str, Field]  # a form's controls, by the settings' names


def build(settings: type, prefix: str, group: str = "") -> Fields:
    """The controls of a settings class that belong to this group, one below the other, each at its default.

    prefix: begins their ids on the page.
    """
    return {
        name: control(settings, name, prefix)
        for name, told in described(settings).items()
        if told.control is not None and told.control.group == group
    }


def control(
    settings: type,
    name: str,
    prefix: str,
    more: Sequence[str] = (),
    *,
    scale: int | None = None,
    min_width: int = 160,  # Gradio's own default
) -> Field:
    """The control of one field. more: further options. scale, min_width: see Gradio's components.

    Raises ValueError for a field that no form shows.
    """
    told = described(settings)[name]
    if told.control is None:
        raise ValueError(f"no form shows {name}")
    look, rule = told.control, told.rule
    elem_id = f"{prefix}-{look.id or name.replace('_', '-')}"
    common: dict[str, Any] = {
        "label": look.label,
        "info": look.info,
        "elem_id": elem_id,
        "scale": scale,
        "min_width": min_width,
    }
    if isinstance(rule, Subset):
        return gr.CheckboxGroup(options(told), value=list(rule.default), **common)
    if look.kind == "list":
        return gr.Dropdown(options(told, more), value=rule.default, **common)
    if look.kind == "buttons" or isinstance(rule, Choice):
        return gr.Radio(options(told, more), value=rule.default, **common)
    if look.kind == "slider":
        return gr.Slider(rule.low, rule.high, rule.default, step=look.step, **common)
    return gr.Number(rule.default, precision=0 if isinstance(rule, Whole) else None, **common)


def options(told: Described, more: Sequence[str] = ()) -> list[tuple[str, str | int]]:
    """What can be chosen, each with the text that stands on the page for it; those that have a name come first."""
    rule, names = told.rule, told.control.names if told.control else {}
    if isinstance(rule, Real):
        raise ValueError(f"{rule.name} is not chosen among a few")
    offered = range(rule.low, rule.high + 1) if isinstance(rule, Whole) else rule.options
    ordered = [
        *(option for option in names if option in offered),
        *(option for option in offered if option not in names),
    ]
    return [(names.get(option, str(option)), option) for option in ordered] + [(text, text) for text in more]


def read(settings: type[Settings], fields: Mapping[str, Field | gr.State], values: Values) -> Settings:
    """The settings that a form says, the others at their defaults. Raises InvalidSetting."""
    return checked(settings, {name: values[field] for name, field in fields.items()})
