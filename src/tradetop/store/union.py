"""Unions: several stores read as one."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column, Queryable


class Union:
    """A queryable that has the series of several; of two that are alike it has that of the first."""

    def __init__(self, queryables: Sequence[Queryable]) -> None:
        self._queryables = tuple(queryables)

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series that match and have samples in [start, end] (ms)."""
        found = [*filter(None, (each.select(matchers, start, end) for each in self._queryables))]
        if len(found) < 2:
            return found[0] if found else ()
        unlike: dict[Labels, Column] = {}
        for columns in found:
            for column in columns:
                unlike.setdefault(column.labels, column)
        return [*unlike.values()]
