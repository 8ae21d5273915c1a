"""Who is asking: a viewer is a page that is open in some browser."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True)
class Viewer:
    """Whoever sent a request. key: the same for all requests of one open page, and nobody else's."""

    key: str

    @staticmethod
    def of(request: gr.Request) -> Viewer:
        """The request's sender; one without a session (a program's plain call) is a viewer of its own."""
        return Viewer(request.session_hash or uuid.uuid4().hex)

    def slot(self, what: str) -> str:
        """The owner's name of one of the players on this viewer's page: each player holds one film at a time."""
        return f"{self.key} {what}"
