"""A report as text: a table for people, CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import Field, asdict, fields
from typing import Any, NamedTuple

from tradetop.cli.zone import Zone
from tradetop.model.unit import Unit
from tradetop.panes.numbers import UNKNOWN, amount
from tradetop.reports import Report
from tradetop.reports.asked import TITLE, UNIT
from tradetop.reports.estimate import Estimate

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet would run."""
_UNNAMED = "(none)"
_NARROW = {Unit.USD: 2, Unit.RATIO: 1, Unit.NONE: 2}
"""Decimals."""


class About(NamedTuple):
    """What is said above a report."""

    database: str
    of: str
    """Bot and strategies that were asked for."""
    zone: Zone
    side_by_side: bool = False
    """Whether rows become columns."""


def table(report: Report, about: About) -> str:
    """Lines for people: numbers to the right, each estimate with its 95 % interval and n."""
    window = report.window
    head = f"{report.name}  {about.zone.stamp(window.since)} to {about.zone.stamp(window.until)}  {about.database}"
    lines = [f"{head}{about.of}"]
    if not report.rows:
        return "\n".join([*lines, *report.notes]) + "\n"
    grid = cells(report, about)
    columns = fields(report.row)
    right = [column.metadata[UNIT] is not Unit.NONE or "Estimate" in str(column.type) for column in columns]
    if about.side_by_side:
        right = [False] + [True] * len(report.rows)
    widths = [max(map(len, line)) for line in zip(*grid, strict=True)]
    for line in grid:
        parts = [cell.rjust(w) if to else cell.ljust(w) for cell, w, to in zip(line, widths, right, strict=True)]
        lines.append("  ".join(parts).rstrip())
    return "\n".join([*lines, *report.notes]) + "\n"


def cells(report: Report, about: About) -> list[list[str]]:
    """The headings and the rows as texts; what stands side by side has its headings in the first column."""
    columns = fields(report.row)
    body = [[_cell(getattr(row, column.name), column.metadata[UNIT]) for column in columns] for row in report.rows]
    grid = [[column.metadata[TITLE] for column in columns], *body]
    return [list(line) for line in zip(*grid, strict=True)] if about.side_by_side else grid


def sheet(report: Report, _about: About) -> str:
    """CSV (RFC 4180) with a line of names; an estimate has five columns. No cell can begin a formula."""
    columns = fields(report.row)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([name for column in columns for name in _names(column)])
    for row in report.rows:
        writer.writerow([_safe(value) for column in columns for value in _values(getattr(row, column.name))])
    return out.getvalue()


def document(report: Report, about: About) -> str:
    """JSON: times in milliseconds since the epoch, rows as objects, what is not known as null."""
    offset, zone = about.zone.at(report.window.since)
    found = {
        "report": report.name,
        "database": about.database,
        "since": report.window.since,
        "until": report.window.until,
        "zone": zone,
        "utc_offset_minutes": offset,
        "rows": [_finite(asdict(row)) for row in report.rows],
        "notes": list(report.notes),
    }
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


FORMS: dict[str, Callable[[Report, About], str]] = {"table": table, "csv": sheet, "json": document}


def _cell(value: Any, unit: Unit) -> str:
    if isinstance(value, Estimate):
        return _estimate(value, unit)
    if isinstance(value, str):
        return value or _UNNAMED
    if isinstance(value, int):
        return f"{value:,}" if unit is Unit.SHORT else str(amount(value, unit))
    return str(amount(value, unit, decimals=_NARROW.get(unit)))


def _estimate(found: Estimate, unit: Unit) -> str:
    """`61.2% (54.1 to 67.8, n 190)`, with "too few" where it is."""
    if found.value is None:
        return f"{UNKNOWN} (n {found.n:,}{', too few' if found.n else ''})"
    ends = ""
    if found.low is not None and found.high is not None:
        low, high = (amount(end, unit, decimals=_NARROW.get(unit)) for end in (found.low, found.high))
        ends = f"{low.digits if low.unit == high.unit else low} to {high.digits if low.unit == high.unit else high}, "
    few = ", too few" if found.too_few else ""
    return f"{amount(found.value, unit, decimals=_NARROW.get(unit))} ({ends}n {found.n:,}{few})"


def _names(column: Field[Any]) -> Iterator[str]:
    yield column.name
    if "Estimate" in str(column.type):
        yield from (f"{column.name}_{end}" for end in ("n", "low", "high", "too_few"))


def _values(value: Any) -> Iterator[Any]:
    if not isinstance(value, Estimate):
        yield value
        return
    yield from (value.value, value.n, value.low, value.high, str(value.too_few).lower())


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula begins with an apostrophe; numbers are what they are."""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip().startswith(_FORMULA) else value
    return _number(value)


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return _number(value)
