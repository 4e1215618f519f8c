"""`errors:` of the config: categories of errors, what belongs to them, and from how many on they ring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated

from tradetop.config.value import one_of
from tradetop.document import Parse, Place, Problem, duration
from tradetop.document.scalar import number
from tradetop.model.clock import HOUR, SECOND
from tradetop.model.error_category import OTHER, USUAL, ErrorCategory
from tradetop.model.level import Level, severity_level
from tradetop.regex import RegexError, finder

MOST = 20
"""Categories at most: each is a series for every bot, strategy and pair."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,29}")
_LONGEST = 500
_UNSAID = -1.0


def _pattern(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    try:
        finder(text, ignore_case=True)
    except RegexError as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


def _above(text: str) -> float | None:
    """From how many on; `off` for never."""
    if text == "off":
        return None
    found = number(text)
    if found < 0:
        raise ValueError(f"{text} is less than none: 0 rings with the first error, off never")
    return found


def _within(text: str) -> int:
    found = duration(text)
    if not 10 * SECOND <= found <= 24 * HOUR:
        raise ValueError(f"{text} is not between 10s and 24h")
    return found


Pattern = Annotated[str, Parse(_pattern)]
Above = Annotated[float | None, Parse(_above)]
Within = Annotated[int, Parse(_within)]
Severity = Annotated[str, Parse(one_of("warning", "critical"))]


@dataclass(frozen=True, slots=True)
class CategoryConfig:
    """One entry of `errors.categories:`; what is not said stays as it is."""

    patterns: tuple[Pattern, ...] | Pattern = ()
    above: Above | None = _UNSAID
    within: Within = 0
    severity: Severity = ""
    review: bool | None = None
    place: Place = field(default_factory=Place)

    def over(self, usual: ErrorCategory) -> ErrorCategory:
        """The category, with what is said here."""
        above = usual.above if self.above == _UNSAID else self.above
        level = severity_level(self.severity) if self.severity else usual.level
        return replace(
            usual,
            patterns=(self.patterns,) if isinstance(self.patterns, str) else self.patterns,
            above=above,
            within=self.within or usual.within,
            level=level if above is None else max(level, Level.WARNING),
            review=usual.review if self.review is None else self.review,
        )


@dataclass(frozen=True, slots=True)
class ErrorsConfig:
    """`errors:` itself."""

    categories: dict[str, CategoryConfig] = field(default_factory=dict)

    def made(self) -> tuple[ErrorCategory, ...]:
        """The user's categories in their order, then those that are built in and not named."""
        usual = {category.name: category for category in USUAL}
        own = [said.over(usual.get(name, ErrorCategory(name))) for name, said in self.categories.items()]
        return (*own, *(category for category in USUAL if category.name not in self.categories)) if own else USUAL


def problems(config: ErrorsConfig, source: str) -> Iterator[Problem]:
    """What is wrong with the names of the categories."""
    for index, (name, said) in enumerate(config.categories.items()):
        key = "errors.categories"
        if name == OTHER:
            yield Problem(source, said.place, key, "other is what belongs to no category: give it another name")
        elif _NAME.fullmatch(name) is None:
            text = f"{name!r} is no name: small letters, digits, - and _, at most 30"
            yield Problem(source, said.place, key, text)
        elif index == MOST:
            yield Problem(source, said.place, key, f"there are more than {MOST}")
