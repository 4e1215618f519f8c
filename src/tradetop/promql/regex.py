"""Regular expressions of PromQL, over the whole text."""

from __future__ import annotations

from tradetop import regex
from tradetop.promql.error import PromQLError
from tradetop.regex import Match, Pattern, RegexError

__all__ = ["Match", "Pattern", "compiled"]


def compiled(text: str) -> Pattern:
    """Compile a regular expression; PromQLError where RE2 refuses it."""
    try:
        return regex.compiled(text)
    except RegexError as error:
        raise PromQLError(f'"{text}" is no RE2 regular expression: {error}') from None
