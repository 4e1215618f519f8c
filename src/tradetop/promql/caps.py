"""What a query's text may cost."""

from __future__ import annotations

from tradetop.promql.error import PromQLError

TEXT = 4_096
"""Longest query, in bytes of UTF-8."""

OPERATORS = 1_000
NESTING = 100
"""How deep brackets may stand within brackets, and operands within operands."""


def check_text(text: str) -> None:
    """PromQLError where a query is too long to be read at all."""
    size = len(text.encode("utf-8", "replace"))
    if size > TEXT:
        raise PromQLError(f"the query is {size:,} bytes long; at most {TEXT:,} are read: {quoted(text)}")


def quoted(text: str, limit: int = 120) -> str:
    """A query as an error quotes it: on one line, cut where it is long."""
    # No more of a huge text is looked at than is shown of it.
    line = " ".join(text[: 8 * limit].split())
    return f'"{line if len(line) <= limit else line[: limit - 1] + "…"}"'
