"""What Python and JavaScript must state alike has its home in Python, from where explorer/widgets/constants.js and
shared_texts.js are written:

    python -m explorer.page.shared_constants

A test says when that has been forgotten.
"""

from __future__ import annotations

import json
from pathlib import Path

from explorer.classroom.questions import NOISE_OVER_DIGIT
from explorer.core.sampling import IMAGE_SHAPE, NULL_LABEL
from explorer.demos.two_ways import COPIES, SHOWN
from explorer.page import class_door, connections, languages
from explorer.page.audience import ASKING_SECONDS
from explorer.page.payloads import shared_texts
from explorer.serving.film import STRIPS
from explorer.widgets import modules

FILE = modules.HERE / "constants.js"
TEXTS_FILE = modules.HERE / "shared_texts.js"
LINE = 120  # characters; prettier breaks a longer one
CONSTANTS: dict[str, tuple[object, str]] = {
    "SIDE": (IMAGE_SHAPE[-1], "pixels of a picture's side"),
    "NULL_LABEL": (NULL_LABEL, "stands for any digit; below it are the digits"),
    "NOISE_OVER_DIGIT": (NOISE_OVER_DIGIT, "standard deviations: where most can no longer read a digit"),
    "STRIPS": (list(STRIPS), "of a film, in their order"),
    "COPIES": (COPIES, "of one picture that walk the long way and the short one"),
    "COPIES_SHOWN": (SHOWN, "of them, as pictures"),
    "BEAT_SECONDS": (connections.BEAT_SECONDS, "between two signs of life, if there is no other reason to speak"),
    "ASKING_SECONDS": (ASKING_SECONDS, "between two questions of the status line, at most"),
    "KEY_HEADER": (connections.KEY_HEADER, "of a request: the page's key"),
    "SESSION_HEADER": (connections.SESSION_HEADER, "of a request: Gradio's name of the page"),
    "AFTER_HEADER": (connections.AFTER_HEADER, "of a request: the number of the last event that the page has"),
    "LANGUAGE_HEADER": (languages.LANGUAGE_HEADER, "of a request: the code of the page's language"),
    "CLASS_ROUTE": (class_door.ROUTE, "where a class answers, from the page's root on"),
    "MEMBER_HEADER": (class_door.MEMBER_HEADER, "of a request: a member's key"),
    "LEADER_HEADER": (class_door.LEADER_HEADER, "of a request: the leader's secret"),
    "WAIT_HEADER": (class_door.WAIT_HEADER, "of an answer: milliseconds until the page asks again"),
    "SERVER_HEADER": (connections.SERVER_HEADER, "of an answer: which run of the server gives it"),
    "DEVICE_HEADER": (connections.DEVICE_HEADER, "of a request: 1 where the page's device can compute films"),
    "HOLDS_HEADER": (connections.HOLDS_HEADER, "of an answer: what the server holds that is this page's own"),
}


def as_javascript() -> str:
    """The text of the module that the widgets import."""
    lines = [f"export const {name} = {literal(value)}; // {about}" for name, (value, about) in CONSTANTS.items()]
    return "\n".join(
        ["// Written by explorer/page/shared_constants.py from what Python says: change it there.", "", *lines, ""]
    )


def texts_as_javascript() -> str:
    """The same of the texts that both make sentences of."""
    lines = [
        f"export const {name} = {json.dumps(text, ensure_ascii=False)};" for name, text in shared_texts.ALL.items()
    ]
    broken = [line if len(line) <= LINE else line.replace(" = ", " =\n  ", 1) for line in lines]
    return "\n".join(
        ["// Written by explorer/page/shared_constants.py from what Python says: change it there.", "", *broken, ""]
    )


def literal(value: object) -> str:
    """The value as JavaScript; of a list tsc is to know each item."""
    text = json.dumps(value)
    return f"/** @type {{const}} */ ({text})" if isinstance(value, list) else text


def main(file: Path = FILE, texts: Path = TEXTS_FILE) -> None:
    """Write the modules."""
    file.write_text(as_javascript(), encoding="utf-8")
    texts.write_text(texts_as_javascript(), encoding="utf-8")


if __name__ == "__main__":
    main()
