"""Explanations: an expression worked out part by part, each with its value at one moment, or why it has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tradetop.model.labels import Labels
from tradetop.model.panel import Threshold
from tradetop.model.unit import Kind, Unit


class Gives(Enum):
    """What a part gives: one number, a text, a value for each series, or the samples of a stretch of time."""

    SCALAR = "scalar"
    TEXT = "text"
    VECTOR = "vector"
    RANGE = "range"


class Lack(Enum):
    """Why a part gives nothing."""

    NAME = "no series has this name"
    LABELS = "series of this name have other labels"
    OLD = "the last sample is too old"
    GONE = "the series has gone"
    SHORT = "too few samples for this function"
    COMPARED = "the comparison holds for none"
    UNMATCHED = "no two series agree in their labels"
    EXCLUDED = "every series has its match on the other side"
    PRESENT = "it is there"
    BUCKETS = "there are no buckets"
    OPERAND = "what it is made of gives nothing"


@dataclass(frozen=True, slots=True)
class Empty:
    """Why a part gives nothing, as far as that can be told."""

    lack: Lack
    said: str = ""
    """NAME: the name. LABELS: the matchers that fit none. UNMATCHED: the label sets of both sides."""
    have: tuple[str, ...] = ()
    """LABELS: some values that the label has instead."""
    t: int | None = None
    """OLD, GONE: when the last sample was (ms)."""


@dataclass(frozen=True, slots=True)
class Element:
    """One series of a part."""

    labels: Labels
    value: float
    """Of a range the newest."""
    t: int
    """Of a series that was scraped the sample's own time, else the evaluation's (ms)."""
    count: int = 1
    """How many samples of it a range has."""


@dataclass(frozen=True, slots=True)
class Part:
    """An expression within an expression, and what it gave."""

    text: str
    gives: Gives
    op: str = ""
    """Its operator, aggregation or function; "" for what selects series. Where a comparison has its one number on the
    left, the operator as if it stood on the right."""
    leaf: bool = False
    """It selects series: nothing lies below it but samples."""
    elements: tuple[Element, ...] = ()
    """The most telling ones first."""
    more: int = 0
    """Elements that there are besides."""
    parts: tuple[Part, ...] = ()
    cut: int = 0
    """Parts that were left out, because there are too many."""
    empty: Empty | None = None
    holds: bool | None = None
    """Of a comparison: whether it holds for any series."""
    limit: float | None = None
    """Of a comparison with one number: that number; the other side is `judged`."""
    problem: str = ""
    """Why it could not be worked out; one line for people."""
    unit: Unit = Unit.NONE
    kind: Kind = Kind.COUNT
    against: Threshold | None = None
    """The limit that its values stand against."""

    @property
    def count(self) -> int:
        """How many series it gives."""
        return len(self.elements) + self.more

    @property
    def judged(self) -> Part | None:
        """What a comparison with one number holds against it."""
        if self.limit is None:
            return None
        return next((part for part in self.parts if part.gives is Gives.VECTOR), None)

    def walk(self) -> Iterator[Part]:
        """The part and everything within it, as it is read."""
        yield self
        for part in self.parts:
            yield from part.walk()
