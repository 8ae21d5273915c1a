"""What a class's pages and the server tell one another, past Gradio: see page/class_door.py."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from explorer.widgets.base import Told


class QuestionEntry(TypedDict):
    """A question: on a scale from low to high, or one of options."""

    id: str
    text: str
    about: str  # what is said of the truth, when it is shown
    options: NotRequired[list[str]]
    low: NotRequired[float]
    high: NotRequired[float]
    step: NotRequired[float]
    unit: NotRequired[str]
    truth: float | None


class PollResult(TypedDict):
    """counts: how many answers stand in each bar; middle: the quartiles and the median, or nothing."""

    counts: list[int]
    middle: list[float]
    truth: float | None
    near: int


class ClassNews(TypedDict):
    """What every member hears, see explorer/classroom/group.py."""

    round: int
    question: str | None
    result: PollResult | None
    stage: str | None
    turn: int
    drawing: bool


class ClassDrawing(TypedDict):
    """A drawing on the leader's wall: 28 x 28 grey levels, in base64."""

    number: int
    digit: int
    pixels: str


class ClassReport(ClassNews):
    """What the leader hears: beside the news all drawings' numbers, and those that are new."""

    members: int
    answered: int
    drawings: list[int]
    new: list[ClassDrawing]
    minutes_left: int | None  # when it is to end soon


class OpenedClass(TypedDict):
    """A class that was opened. link: by which it is joined; qr: the same as a picture's address; local: whether no
    other device can reach it.
    """

    code: str
    secret: str
    link: str
    qr: str
    local: bool


class ClassRefusal(TypedDict):
    """Why something was not done."""

    told: Told
