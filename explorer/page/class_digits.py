"""The class's handwriting on its way to the Train tab of the leader's page."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import gradio as gr

from explorer.classroom.classes import Classes
from explorer.data.pictures import Picture
from explorer.page.events import SHARED, Updates, told_to_viewer
from explorer.widgets import Classroom
from explorer.widgets.lesson_bar import turning_to


@dataclass(frozen=True)
class ClassDigits:
    """The drawings to train on. wish: the how manieth, so that the same drawings can be asked for again."""

    wish: int = 0
    pictures: tuple[Picture, ...] = ()


def hand_over(widget: Classroom, classes: Classes, class_digits: gr.State, tabs: gr.Tabs) -> None:
    """When the leader wants to train on the class's drawings, they come to `class_digits`, and the Train tab opens."""
    wishes = itertools.count(1)

    def take(event: gr.EventData, request: gr.Request) -> Updates:
        asked = event._data if isinstance(event._data, dict) else {}
        source = request.client.host if request.client else ""
        with told_to_viewer():
            drawings = classes.drawings(asked.get("code"), asked.get("secret"), source)
        digits = ClassDigits(next(wishes), tuple(drawing.picture for drawing in drawings))
        return {class_digits: digits}

    handed_over = widget.trained()(take, None, [class_digits], **SHARED)
    handed_over.success(None, None, tabs, js=turning_to("train"))
