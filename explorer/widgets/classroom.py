"""A class that acts together: opened by one page, which leads it, and joined by others with a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from explorer.widgets.base import Widget, read_template
from explorer.widgets.class_messages import QuestionEntry
from explorer.widgets.modules import loader


class ClassroomValue(TypedDict):
    """What can be asked; and which question belongs to which lesson, and else to which tab or scene of the stage."""

    questions: list[QuestionEntry]
    lessons: dict[str, str]
    views: dict[str, str]


class Classroom(Widget):
    """Opens a class, joins one, and shows what it does: a ClassroomValue. What the class says travels past Gradio, see
    page/class_door.py. Fires the event train, which carries {"code": str, "secret": str}.
    """

    html = read_template("classroom.html").replace("<!-- the pad -->", read_template("pad.html"))
    css = read_template("shared.css", "pad.css", "classroom.css")
    js = loader("classroom.js", ["train"])

    def trained(self) -> Callable[..., Any]:
        """The listener for the wish to train on the class's drawings."""
        return getattr(self, "train")  # noqa: B009 # Gradio makes it
