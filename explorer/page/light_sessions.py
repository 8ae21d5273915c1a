"""A page's state on the server, without what this page never asks for."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
from gradio import state_holder
from gradio.state_holder import SessionState


class LightSession(SessionState):
    """As Gradio's, but the settings of a component are noted when they change, not of all components when a page first
    speaks.

    Only Gradio's deep links read them, which this page has not. For a page of ours it took 50 ms in the thread that
    also serves the films, and 0.3 MB.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type] # all that it reads


def lighten() -> None:
    """Have Gradio make such sessions, in the whole process."""
    state_holder.SessionState = LightSession  # type: ignore[misc]
