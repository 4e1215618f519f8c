"""What can be wrong with a question, its SQL or a model's answer, in words for people."""

from __future__ import annotations


class AskError(Exception):
    """A question cannot be answered; its text is one line: what, where and what to do."""


class HeldError(AskError):
    """Another program holds the events; that passes."""


class UnsafeError(AskError):
    """SQL that would do more than read events, or could not end; nothing of it has been run."""
