"""How the page's events run: presets for Gradio's listeners, and the one place where a mistake becomes a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from explorer.classroom.errors import ClassRefused
from explorer.core.sentences import sentence_of
from explorer.data.mnist_style import BadPicture
from explorer.lab.trainings import TrainingRefused
from explorer.serving.errors import FilmFailed, Refused
from explorer.validation import InvalidSetting

# What people can do wrong, or the server cannot do now: each message is one sentence for whoever asked.
MISTAKES = (InvalidSetting, BadPicture, Refused, FilmFailed, TrainingRefused, ClassRefused)

Preset = dict[str, Any]
Values = dict[Any, Any]  # what Gradio hands to a handler of a set of inputs: their values, by component
Updates = dict[Any, Any]  # what a handler gives back: new values or properties, by component

# Not shown in the API, without Gradio's own progress over the players. It is kept for no component either: otherwise
# Gradio copies, at every news of any event, all that each component holds which an event has ever led to.
QUIET: Preset = {"show_progress": "hidden", "show_progress_on": [], "api_visibility": "private"}
# For handlers that wait for others to compute: many viewers are served at the same time.
SHARED: Preset = QUIET | {"concurrency_limit": None}
# Pressing again begins anew at once, and the handler ends what ran before.
RESTART: Preset = SHARED | {"trigger_mode": "multiple"}
# While one call runs, the latest change is kept and all between are skipped. Not for handlers that read the event's
# own data: Gradio sends what the first event carried, with the inputs of now.
LATEST: Preset = QUIET | {"trigger_mode": "always_last"}
# Past the queue, in which it would stand behind what it is to stop.
AT_ONCE: Preset = QUIET | {"queue": False}


@contextmanager
def told_to_viewer() -> Iterator[None]:
    """Within it, one of MISTAKES appears on the viewer's page as a sentence. Raises gr.Error in its place."""
    try:
        yield
    except MISTAKES as error:
        raise gr.Error(sentence_of(error), print_exception=False) from None
