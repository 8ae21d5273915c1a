"""A tab's part in lesson links: its controls by the settings' names, and how it takes up what a link says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from gradio.components import FormComponent

from explorer.page.links import View
from explorer.widgets.lesson_bar import selecting, telling


@dataclass(frozen=True)
class Linked:
    """controls: what can be hidden and locked, by the names of links.TABS; a form's control also takes its value from
    the link.

    restore: from all values of the tab, the new values of `also`, which is what else they change.
    """

    controls: dict[str, gr.blocks.Block]
    restore: Callable[[dict[str, Any]], dict[gr.blocks.Block, Any]] = lambda values: {}
    also: set[gr.blocks.Block] = field(default_factory=set)

    @property
    def outputs(self) -> set[gr.blocks.Block]:
        """Every component that `show` may change."""
        return {*self.controls.values(), *self.also}

    def follow(self, name: str, tab: gr.Tab) -> None:
        """Tell the lesson bar, in the browser, when this tab is opened and what its forms hold."""
        tab.select(None, None, None, js=selecting(name), api_visibility="private")
        for setting, control in self.controls.items():
            if isinstance(control, FormComponent):
                control.change(None, control, None, js=telling(name, setting), api_visibility="private")  # type: ignore[attr-defined] # made by Gradio

    def show(self, view: View) -> dict[gr.blocks.Block, Any]:
        """The updates that make this tab what the view says."""
        changes: dict[gr.blocks.Block, Any] = {}
        for name, control in self.controls.items():
            change: dict[str, Any] = {}
            if name in view.values and isinstance(control, FormComponent):
                change["value"] = list(view.values[name]) if isinstance(view.values[name], tuple) else view.values[name]
            if name in view.hidden:
                change["visible"] = False
            if name in view.locked:
                change["interactive"] = False
            if change:
                changes[control] = gr.update(**change)
        return changes | (self.restore(view.all_values) if view.values else {})
