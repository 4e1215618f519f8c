"""What a query gives: scalar, string, instant vector or matrix of range vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from tradetop.model.labels import Labels
from tradetop.model.sample import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What a result of any kind has: what Prometheus would say beside it, each once, one line each."""

    warnings: tuple[str, ...] = field(default=(), compare=False)
    infos: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Scalar(Noted):
    """A number without labels."""

    type: ClassVar[str] = "scalar"
    value: float
    t: int = 0


@dataclass(frozen=True, slots=True)
class String(Noted):
    """A text."""

    type: ClassVar[str] = "string"
    value: str
    t: int = 0


@dataclass(frozen=True, slots=True)
class Vector(Noted):
    """An instant vector: at most one sample for each label set."""

    type: ClassVar[str] = "vector"
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One label set with its samples in time order; gaps are left out."""

    labels: Labels
    times: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Matrix(Noted):
    """The series that a range query, or a range selector, gives."""

    type: ClassVar[str] = "matrix"
    series: tuple[Series, ...]


Value = Scalar | String | Vector | Matrix
