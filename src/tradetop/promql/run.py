"""One evaluation: its grid, its sources and what it may cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from tradetop.floats import format_general
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column, Queryable
from tradetop.promql.bounds import Bounds, Places
from tradetop.promql.error import PromQLError
from tradetop.promql.marks import Known, Marks
from tradetop.promql.nodes import At, Edge, Node, Text
from tradetop.promql.notes import Notes

Cell = float | None
"""A value at one step, or a gap."""


class Curve:
    """One series of a result: a value or gap for each step; `unnamed` says that it loses its name at the end."""

    __slots__ = ("labels", "unnamed", "values")

    def __init__(self, labels: Labels, values: Sequence[Cell], unnamed: bool) -> None:
        self.labels = labels
        self.values = values
        self.unnamed = unnamed


Result = list[Curve] | list[float] | str
"""What a node gives: a vector's curves, a scalar's value at each step, or a text."""


def as_vector(result: Result) -> list[Curve]:
    """A result that is a vector: the parser has checked the types of the whole query."""
    return cast("list[Curve]", result)


def as_scalar(result: Result) -> list[float]:
    """A result that is a scalar: the parser has checked the types of the whole query."""
    return cast("list[float]", result)


class Grid:
    """The times (ms) that an expression is evaluated at, and how many they are."""

    __slots__ = ("count", "times")

    def __init__(self, times: range) -> None:
        self.times = times
        self.count = len(times)


class Budget:
    """How many samples one query may still look at."""

    __slots__ = ("left", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.left = limit

    def spend(self, samples: int) -> None:
        """PromQLError once more than the limit was looked at."""
        self.left -= samples
        if self.left < 0:
            raise PromQLError(f"it would look at more than {self.limit:,} samples, which is the limit for one query")


class Setting(NamedTuple):
    """What stays the same through one query, its subqueries included; a tuple, since each query makes one."""

    source: Queryable
    visit: Visit
    marks: Known
    bounds: Bounds
    budget: Budget
    start: int
    end: int
    step: int
    """Of the whole query; 0 for an instant."""
    lookback: int
    resolution: int
    """Step of a subquery that names none."""
    born: bool
    notes: Notes
    """What is said beside the result."""


class Run:
    """The evaluation of nodes over one grid."""

    __slots__ = ("grid", "set")

    def __init__(self, setting: Setting, times: range) -> None:
        setting.budget.spend(len(times))
        self.set = setting
        self.grid = Grid(times)

    def vector(self, node: Node) -> list[Curve]:
        """The curves that a vector expression gives."""
        return as_vector(self.set.visit(node, self))

    def scalar(self, node: Node) -> list[float]:
        """The values that a scalar expression gives, one for each step."""
        return as_scalar(self.set.visit(node, self))

    def text(self, node: Node) -> str:
        """A text argument."""
        assert isinstance(node, Text)
        return node.value

    def warn_of_quantiles(self, levels: Sequence[float], node: Node) -> None:
        """Note the levels that are no quantile's."""
        for level in dict.fromkeys(level for level in levels if not 0 <= level <= 1):
            self.set.notes.warn(f"quantile value should be between 0 and 1, got {format_general(level)}", node.place)

    def refs(self, offset: int, at: At) -> tuple[range, int]:
        """The times that a selector looks at, and how often each counts: one for all steps where `@` fixes it."""
        times = self.grid.times
        if at is None:
            return range(times.start - offset, times.stop - offset, times.step), 1
        fixed = (self.set.start if at is Edge.START else self.set.end if at is Edge.END else at) - offset
        return range(fixed, fixed + 1), len(times)

    def select(self, matchers: Sequence[Matcher], refs: range, span: int, ahead: int = 0) -> Sequence[Column]:
        """The columns that match and may have samples from `span` before each of `refs` to `ahead` after it (ms)."""
        try:
            columns = self.set.source.select(matchers, refs[0] - span + 1, refs[-1] + ahead)
        except ValueError as error:
            raise PromQLError(str(error)) from None
        self.set.budget.spend(len(columns) * len(refs))
        return columns

    def bounds(self, times: Sequence[int], refs: range, span: int) -> Places:
        """For each of `refs` the indices of (ref - span, ref]: of the first time within, and of the first after."""
        return self.set.bounds.of(times, refs, span)

    def marks(self, column: Column) -> Marks:
        """What is known of a column, up to date."""
        return self.set.marks.of(column)


Visit = Callable[[Node, Run], Result]
"""Gives what a node gives over a run's grid."""
