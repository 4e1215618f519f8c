"""Which rows of a table on a server may be of a time, so that few others need be sent.

Bots spell times in many ways, which a server does not read. But texts that begin with a day, and digits that count
from 1970, lie in the order of their times. Rows whose times are spelled otherwise are taken, and read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tradetop.ask.span import Span
from tradetop.events.row import Cell
from tradetop.events.schema import Schema
from tradetop.model.clock import DAY, HOUR, SECOND

_DIGIT = "[0-9]"
_FIRST = 1_000_000_000 * SECOND
"""Since then seconds have ten digits: 2001 (ms)."""
_ZONES = 14 * HOUR
"""How far a zone's clock is from UTC at most: a text may be of any."""
_LAST = 9_000_000_000 * SECOND
_SQLITE = (
    f"{{0}} GLOB '{_DIGIT * 4}-{_DIGIT * 2}-*'",
    "(length({0}) >= 10 AND {0} >= '1' AND substr({0}, 1, 10) NOT GLOB '*[^0-9]*' AND {0} NOT GLOB '*[^0-9.]*')",
)
"""No pattern is longer than D1 takes: 50 characters."""
_POSTGRES = ("{0} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'", "{0} ~ '^[1-9][0-9]{{9,}}[.0-9]*$'")

Condition = tuple[str, tuple[Cell, ...]]
"""SQL with `?` for each value, and the values."""


def near(schema: Schema, span: Span, now: int) -> Condition:
    """The condition for rows that may be of the span, at `now` (ms); ("", ()) where everything may be."""
    if span.since is None or span.until is None or "timestamp" not in schema.columns:
        return "", ()
    within = (*_both(span.since, _ZONES, SECOND), *_both(span.until, -_ZONES - DAY, -2 * SECOND))
    bounds = (within[0], within[2], within[1], within[3])
    column = _Column("timestamp", bool(schema.cast))
    sql, values = column.wide(), tuple[Cell, ...](bounds)
    if "created_at" in schema.columns:
        # An event whose time is none, or lies ahead, happened when it was written; of one long past, its time says all.
        past = _both(now, _ZONES, SECOND)
        sql = f"{column.past()} ELSE ({sql}) OR ({_Column('created_at', column.postgres).wide()}) END"
        values = (past[0], *bounds[:2], past[1], *bounds[2:], *bounds, *bounds)
    return f"({sql})", values


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of times."""

    name: str
    postgres: bool

    @property
    def _text(self) -> str:
        return f"CAST({self.name} AS TEXT)" + (' COLLATE "C"' if self.postgres else "")

    def _spelled(self) -> tuple[str, str]:
        """The conditions for a text that begins with a day, and for one of digits."""
        day, digits = _POSTGRES if self.postgres else _SQLITE
        return day.format(self._text), digits.format(self._text)

    def wide(self) -> str:
        """Whether it may lie within bounds: those of days, then those of digits."""
        within = f"{self._text} >= ? AND {self._text} < ?"
        day, digits = self._spelled()
        return f"CASE WHEN {day} THEN {within} WHEN {digits} THEN {within} ELSE {self._text} <> '' END"

    def past(self) -> str:
        """The beginning of a CASE: what lies before a bound lies within two others, or not; of days, then of digits."""
        within = f"{self._text} >= ? AND {self._text} < ?"
        day, digits = self._spelled()
        return (
            f"CASE WHEN {day} AND {self._text} >= '2000-01-02' AND {self._text} < ? THEN {within} "
            f"WHEN {digits} AND {self._text} < ? THEN {within}"
        )


def _both(t: int, hours: int, seconds: int) -> tuple[str, str]:
    """A time less so much as a day, and less so much in digits, which may have been rounded (ms)."""
    t = min(max(t, _FIRST + 3 * DAY), _LAST)
    day = datetime.fromtimestamp((t - hours) / SECOND, UTC)
    return f"{day:%Y-%m-%d}", str((t - seconds) // SECOND)
