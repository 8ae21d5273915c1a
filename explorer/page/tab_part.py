"""What every tab's `build` is given and what it returns: page.build knows no more of a tab than this."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from gradio.components import FormComponent

from explorer.lab.trainings import Lab
from explorer.page.belongings import Belongings
from explorer.page.device_films import DeviceFilms
from explorer.page.device_trainings import DeviceTrainings
from explorer.page.links import View
from explorer.page.readers import Readers
from explorer.serving.film_source import FilmSource
from explorer.serving.model_store import ModelStore
from explorer.serving.scheduler import ComputeScheduler
from explorer.validation import SettingValue
from explorer.widgets.lesson_bar import LessonBar, selecting, telling


@dataclass(frozen=True)
class PageContext:
    """What every tab's `build` is given: who computes, who reads, and the components through which tabs reach one
    another.

    bar: its keys, on the stage, do what buttons of the tabs do. compute: what the viewer says of who computes, one of
    computing.CHOICES. own_model: the name of the model that this viewer has trained, or None. watch_requests: how often
    the viewer has asked to watch that model generate; whoever makes films answers its changes. class_digits: the
    ClassDigits that the leader of a class wants to train on.
    """

    models: ModelStore
    scheduler: ComputeScheduler
    films: FilmSource
    lab: Lab
    readers: Readers
    belongings: Belongings
    tabs: gr.Tabs
    bar: LessonBar
    devices: DeviceFilms
    trainings: DeviceTrainings
    compute: gr.State
    own_model: gr.State
    watch_requests: gr.State
    class_digits: gr.State


@dataclass(frozen=True)
class TabPart:
    """A tab, or one of its sections, as lesson links know it: what every `build` returns.

    controls: what can be hidden and locked, by the names of links.TABS; a form's control also takes its value from
    the link.

    restore: from all values of the tab, the new values of `also`, which is what else they change.
    """

    controls: dict[str, gr.blocks.Block] = field(default_factory=dict)
    restore: Callable[[dict[str, SettingValue]], dict[gr.blocks.Block, Any]] = lambda values: {}
    also: set[gr.blocks.Block] = field(default_factory=set)

    @staticmethod
    def joined(sections: Iterable[TabPart]) -> TabPart:
        """The sections of a tab as one; their controls' names differ."""
        parts = tuple(sections)

        def restore(values: dict[str, SettingValue]) -> dict[gr.blocks.Block, Any]:
            return {component: value for part in parts for component, value in part.restore(values).items()}

        controls = {name: control for part in parts for name, control in part.controls.items()}
        return TabPart(controls, restore, {component for part in parts for component in part.also})

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
                value = view.values[name]
                change["value"] = list(value) if isinstance(value, tuple) else value
            if name in view.hidden:
                change["visible"] = False
            if name in view.locked:
                change["interactive"] = False
            if change:
                changes[control] = gr.update(**change)
        return changes | (self.restore(view.all_values) if view.values else {})
