"""The one exception of the evaluator."""

from __future__ import annotations


class PromQLError(ValueError):
    """A query that cannot be read or evaluated; its text is for people and names the expression."""
