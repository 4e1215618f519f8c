"""Regular expressions: RE2, as in Go, over the whole text."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from tradetop.promql.error import PromQLError


class Match(Protocol):
    """What a pattern found."""

    def group(self, which: int | str) -> str | None: ...


class Pattern(Protocol):
    """A compiled regular expression."""

    groups: int
    groupindex: dict[str, int]

    def fullmatch(self, text: str) -> Match | None: ...


@lru_cache(maxsize=1_024)
def compiled(text: str) -> Pattern:
    """Compile a regular expression; PromQLError where RE2 refuses it."""
    import re2  # 9 ms that only a regular expression needs.

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(text, options)
        pattern: Pattern = re2.compile(f"(?s:{text})", options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        raise PromQLError(f'"{text}" is no RE2 regular expression: {reason}') from None
    return pattern
