"""Scopes: one bot's part of a store that holds many."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column, Queryable


class Scope:
    """A queryable that adds its own matchers to every selection."""

    def __init__(self, queryable: Queryable, matchers: Sequence[Matcher]) -> None:
        self._queryable = queryable
        self._matchers = tuple(matchers)

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series within the scope that match and have samples in [start, end] (ms)."""
        return self._queryable.select((*matchers, *self._matchers), start, end)
