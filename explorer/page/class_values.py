"""From a class's state to what its pages are told, and which question belongs to which lesson."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

from explorer.classroom.group import Drawing, News, Report
from explorer.classroom.polls import Result
from explorer.classroom.questions import ALL, Choices, Question
from explorer.widgets.class_messages import (
    ClassDrawing,
    ClassNews,
    ClassReport,
    PollResult,
    QuestionEntry,
)
from explorer.widgets.classroom import ClassroomValue

SOON_MINUTES = 10  # before the end of a class, its leader is told
# by lesson: what its class is asked
QUESTION_OF = {
    "destroy": "readable",
    "schedule": "schedule",
    "only-add": "only-add",
    "guess": "easier",
    "perfect": "anything-new",
    "generate": "known",
    "copy": "copied",
    "fork": "decided",
    "map": "decided",
    "crowd": "parting",
    "leap": "looks",
    "train": "seconds",
    "what-to-guess": "higher-loss",
    "one-task": "clean-leap",
    "taught-leap": "learnt-leap",
    "only-leap": "clean-leap",
}
# by tab, and by the scene on the stage where that asks something else: what a class is asked where no lesson is open
QUESTION_AT = {
    "add": "readable",
    "guess": "error",
    "guessers": "anything-new",
    "remove": "known",
    "map": "decided",
    "fork": "decided",
    "rescue": "survive",
    "leap": "looks",
    "train": "seconds",
}


def classroom_value() -> ClassroomValue:
    """What the widget is built with."""
    return {"questions": [_entry(question) for question in ALL], "lessons": QUESTION_OF, "views": QUESTION_AT}


def _entry(question: Question) -> QuestionEntry:
    asked = question.answer
    entry: QuestionEntry = {
        "id": question.id,
        "text": question.text,
        "about": question.about,
        "truth": question.truth,
    }
    if isinstance(asked, Choices):
        return entry | {"options": list(asked.options)}
    return entry | {"low": asked.low, "high": asked.high, "step": asked.step, "unit": asked.unit}


def news_value(news: News) -> ClassNews:
    """What every member hears."""
    return {
        "round": news.round,
        "question": news.question.id if news.question else None,
        "result": _result(news.result) if news.result else None,
        "stage": news.stage,
        "turn": news.turn,
        "drawing": news.drawing,
    }


def _result(result: Result) -> PollResult:
    return {
        "counts": list(result.counts),
        "middle": [round(value, 4) for value in result.middle],
        "truth": result.truth,
        "near": result.near,
    }


def report_value(news: News, report: Report, new: Sequence[Drawing]) -> ClassReport:
    """What the leader hears. new: the drawings that its page has not got yet."""
    minutes = math.ceil(report.seconds_left / 60)
    return {
        **news_value(news),
        "members": report.members,
        "answered": report.answered,
        "drawings": list(report.drawings),
        "new": [_drawing(drawing) for drawing in new],
        "minutes_left": minutes if minutes <= SOON_MINUTES else None,
    }


def _drawing(drawing: Drawing) -> ClassDrawing:
    pixels = base64.b64encode(drawing.picture.grey).decode("ascii")
    return {"number": drawing.number, "digit": drawing.picture.label, "pixels": pixels}
