"""What a class refuses; each message is one sentence for whoever asked."""

from __future__ import annotations


class ClassRefused(ValueError):
    """It cannot be done, now or at all."""


class NoClass(ClassRefused):
    """There is no class with this code, or it has ended."""


class NotTheLeader(ClassRefused):
    """Only the page that opened the class may do this."""


class TooMany(ClassRefused):
    """A limit is reached."""
