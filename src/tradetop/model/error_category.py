"""Categories of errors: what belongs to one, from how many on it rings, and whether a person must look at it."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.clock import MINUTE
from tradetop.model.level import Level

CONNECTION, EXECUTION, VALIDATION, OTHER = "connection", "execution", "validation", "other"


@dataclass(frozen=True, slots=True)
class ErrorCategory:
    """One category, and its threshold."""

    name: str
    patterns: tuple[str, ...] = ()
    """RE2 expressions, any of which in an error's type or message puts it here before all that is built in."""
    above: float | None = None
    """More than so many within `within` ring; None for never."""
    within: int = 5 * MINUTE
    level: Level = Level.WARNING
    review: bool = False
    """Whether each of its errors stays to be reviewed until a person has marked it."""


USUAL = (
    ErrorCategory(CONNECTION, above=5),
    ErrorCategory(EXECUTION, above=0, level=Level.CRITICAL, review=True),
    ErrorCategory(VALIDATION, level=Level.OK),
)
"""The documents' three; `other` is what belongs to none of them."""


def reviewed(categories: tuple[ErrorCategory, ...]) -> frozenset[str]:
    """The names of those whose errors a person must look at."""
    return frozenset(category.name for category in categories if category.review)
