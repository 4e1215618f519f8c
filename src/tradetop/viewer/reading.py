"""Small questions that the header asks a querier."""

from __future__ import annotations

from tradetop.model.labels import Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.model.value import Matrix, Scalar, Vector


def samples(querier: Querier, expr: str, at: int) -> tuple[Sample, ...]:
    """The samples of an instant vector at `at` (ms)."""
    match querier.instant(expr, at=at):
        case Vector(samples=found):
            return found
        case Scalar(value=value):
            return (Sample(Labels(), at, value),)
        case _:
            return ()


def number(querier: Querier, expr: str, at: int) -> float | None:
    """The largest value of an expression at `at` (ms); None where it gives nothing."""
    return max((s.value for s in samples(querier, expr, at) if s.value == s.value), default=None)


def steps(querier: Querier, expr: str, start: int, end: int, step: int) -> frozenset[int]:
    """The times of a range at which an expression gives anything (ms)."""
    value = querier.range(expr, start=start, end=end, step=step)
    return frozenset(t for s in value.series for t in s.times) if isinstance(value, Matrix) else frozenset()
