"""Regular expressions: RE2, as in Prometheus, so that no pattern can hang the program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, cast


class Match(Protocol):
    """What a pattern found."""

    def group(self, which: int | str) -> str | None: ...


class Pattern(Protocol):
    """A compiled regular expression."""

    groups: int
    groupindex: dict[str, int]

    def fullmatch(self, text: str) -> Match | None: ...


class RegexError(ValueError):
    """RE2 refuses a pattern; the text is for people and says why, not what."""


_PLAIN = r"(?:[\w :/-]|\\[!-/:-@\[-`{-~]|\.)*"
_TEXT = rf"{_PLAIN}(?:\({_PLAIN}\){_PLAIN})?(?:\.[*+]|\(\.[*+]\))?"
_TEXTS = re.compile(rf"{_TEXT}(?:\|{_TEXT})*", re.ASCII)
"""Plain texts with `|` between them, in which a dot is any character; each may have a group, and end with any more.

Python's own expressions understand these as RE2 does, and cannot hang on them: most matchers load no RE2 (3 MiB).
"""


def escaped(text: str) -> str:
    """An expression for this text alone."""
    return re.escape(text)


@lru_cache(maxsize=1_024)
def compiled(text: str) -> Pattern:
    """Compile a regular expression whose dot matches line feeds too; RegexError where it is none."""
    if _TEXTS.fullmatch(text):
        return cast(Pattern, re.compile(text, re.DOTALL))
    pattern: Pattern = _made(text, f"(?s:{text})")
    return pattern


class Hit(Protocol):
    """Where a pattern was found in bytes."""

    def span(self) -> tuple[int, int]: ...

    def group(self, which: int) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for a pattern in UTF-8, from a byte on."""

    find: Callable[[bytes, int], Hit | None]
    groups: int
    names: Mapping[str, int]
    """Groups that have a name."""


@lru_cache(maxsize=256)
def searcher(text: str) -> Search:
    """A search for a pattern as it is written, its groups kept; RegexError where it is none."""
    pattern = _made(text, text.encode("utf-8", "replace"))
    return Search(pattern.search, pattern.groups, {name.decode(): at for name, at in pattern.groupindex.items()})


def finder(text: str, *, ignore_case: bool) -> Callable[[str], bool]:
    """Whether a regular expression matches anywhere in a text; RegexError where it is none."""
    # Bytes, and no groups: with text RE2's wrapper works out where in it every group begins and ends.
    search = _made(text, f"(?{'is' if ignore_case else 's'}:{text})".encode("utf-8", "replace"), capture=False).search
    return lambda said: search(said.encode("utf-8", "replace")) is not None


def _made(text: str, pattern: str | bytes, *, capture: bool = True) -> Any:
    import re2  # 9 ms that only a regular expression needs.

    options = re2.Options()
    options.log_errors = False
    options.never_capture = not capture
    try:
        re2.compile(text, options)  # Alone first: its error quotes the text as it was written.
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise RegexError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None
    except UnicodeEncodeError:
        raise RegexError("half of a character in it") from None
