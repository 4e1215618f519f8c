"""Small questions to a querier."""

from __future__ import annotations

from tradetop.model.labels import Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.model.text import clean
from tradetop.model.value import Matrix, Scalar, Vector
from tradetop.promql import PromQLError


def samples(querier: Querier, expr: str, at: int) -> tuple[Sample, ...]:
    """The samples of an instant vector at `at` (ms)."""
    match querier.instant(expr, at=at):
        case Vector(samples=found):
            return found
        case Scalar(value=value):
            return (Sample(Labels(), at, value),)
        case _:
            return ()


def notes(querier: Querier, expr: str, at: int) -> tuple[str, ...]:
    """What is said beside the value of an expression; nothing where it has none."""
    try:
        value = querier.instant(expr, at=at)
    except PromQLError:
        return ()
    return tuple(map(clean, (*value.warnings, *value.infos)))


def number(querier: Querier, expr: str, at: int) -> float | None:
    """The largest value of an expression at `at` (ms); None where it gives nothing."""
    return max((s.value for s in samples(querier, expr, at) if s.value == s.value), default=None)


def steps(querier: Querier, expr: str, start: int, end: int, step: int) -> frozenset[int]:
    """The times of a range at which an expression gives anything (ms)."""
    value = querier.range(expr, start=start, end=end, step=step)
    return frozenset(t for s in value.series for t in s.times) if isinstance(value, Matrix) else frozenset()
