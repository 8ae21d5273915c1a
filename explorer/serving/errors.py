"""What can go wrong with a request; each message is one sentence for the viewer."""

from __future__ import annotations


class Refused(ValueError):
    """The request cannot be served; the message is one sentence for the viewer."""


class FilmFailed(RuntimeError):
    """The film broke off; the message is one sentence for the viewer."""
