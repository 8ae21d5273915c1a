"""Who is asking: a viewer is a page that is open in some browser."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

import gradio as gr

from explorer.page.connections import KEY_HEADER

KEY = re.compile(r"[0-9a-f]{32}")  # as widgets/page_key.js makes it: 128 random bits, that nobody guesses


@dataclass(frozen=True)
class Viewer:
    """Whoever sent a request.

    key: the same for all requests of one page, and nobody else's; lasting: also when the page is loaded anew.
    """

    key: str
    lasting: bool = False

    @staticmethod
    def of(request: gr.Request) -> Viewer:
        """The request's sender: by the page's own key; where it sends none, by its session; one without either (a
        program's plain call) is a viewer of its own.
        """
        key = request.headers.get(KEY_HEADER, "") if request.request is not None else ""
        if KEY.fullmatch(key):
            return Viewer(key, lasting=True)
        return Viewer(request.session_hash or uuid.uuid4().hex)

    def slot(self, what: str) -> str:
        """The owner's name of one of the players on this viewer's page: each player holds one film at a time."""
        return f"{self.key} {what}"
