"""The one exception of the evaluator."""

from __future__ import annotations

from tradetop.model.text import clean

LIMIT = 1_000
"""Longest text of an error, in characters."""


class PromQLError(ValueError):
    """A query that cannot be read or evaluated; its text is for people and names the expression."""

    def __init__(self, text: str) -> None:
        super().__init__(clean(text, LIMIT))
