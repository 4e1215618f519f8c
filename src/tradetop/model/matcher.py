"""Label matchers, as selectors and scopes use them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class MatchOp(Enum):
    """How a matcher compares; regular expressions are RE2 and match the whole value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; an absent label counts as ""."""

    name: str
    op: MatchOp
    value: str

    def __str__(self) -> str:
        return f'{self.name}{self.op.value}"{self.value}"'
