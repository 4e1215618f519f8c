"""What came of a test, for people: where, when, what was expected and what came."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.document import Place, Problem
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

_UNITS = (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1))


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met."""

    place: Place
    what: str
    """Such as "alert InstanceDown at 5m"."""
    expected: tuple[str, ...] = ()
    got: tuple[str, ...] = ()
    """What came in its place; both are empty where there is nothing to compare."""
    note: str = ""
    """Why, where that is known."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one test; it passed where nothing failed."""

    name: str
    place: Place
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of a file of tests."""

    source: str
    cases: tuple[CaseResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Of the file itself, or of its rule files: with one of them it fails."""
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(bool(case.failures) for case in self.cases)

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not self.failed and not self.problems


def span_text(ms: int) -> str:
    """A span of time as Prometheus writes it: `1h30m`."""
    parts = []
    for unit, size in _UNITS:
        count, ms = divmod(ms, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"
