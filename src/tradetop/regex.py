"""Regular expressions: RE2, as in Prometheus, so that no pattern can hang the program."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol


class Match(Protocol):
    """What a pattern found."""

    def group(self, which: int | str) -> str | None: ...


class Pattern(Protocol):
    """A compiled regular expression."""

    groups: int
    groupindex: dict[str, int]

    def fullmatch(self, text: str) -> Match | None: ...

    def search(self, text: str) -> Match | None: ...


class RegexError(ValueError):
    """RE2 refuses a pattern; the text is for people and says why, not what."""


@lru_cache(maxsize=1_024)
def compiled(text: str, flags: str = "s") -> Pattern:
    """Compile a regular expression with RE2's `flags`: s for a dot that matches line feeds too, i to ignore case.

    RegexError where it is none.
    """
    import re2  # 9 ms that only a regular expression needs.

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(text, options)  # Alone first: its error quotes the text as it was written.
        pattern: Pattern = re2.compile(f"(?{flags}:{text})", options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise RegexError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None
    return pattern
