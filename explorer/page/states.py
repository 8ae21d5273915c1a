"""What a page remembers of its viewer's choices, by name."""

from __future__ import annotations

import gradio as gr


def state(name: str, value: object) -> gr.State:
    """A gr.State. name: by which the page as one file finds it, as it finds components by their ids (see
    explorer.page.offline.layout).
    """
    made = gr.State(value)
    made.elem_id = name
    return made
