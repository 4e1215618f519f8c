"""Answers on standard output: as a table for people, as CSV or JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping

from tradetop.ask.answer import Answer, Value
from tradetop.ask.question import Found
from tradetop.ask.words import Asked
from tradetop.cli.zone import Zone
from tradetop.panes import cells

_WIDEST = 100
"""Columns of a cell in a table."""
_FORMULA = ("=", "+", "-", "@")
"""What spreadsheets would run instead of show, where a stranger's text begins so."""


def table(answer: Answer) -> str:
    """Columns side by side; numbers to the right."""
    if not answer.rows:
        return "no rows"
    texts = [answer.columns, *(tuple(map(_shown, row)) for row in answer.rows)]
    wide = [max(cells.width(cells.cut(row[i], _WIDEST)) for row in texts) for i in range(len(answer.columns))]
    numeric = [
        all(row[i] is None or isinstance(row[i], (int, float)) for row in answer.rows)
        for i in range(len(answer.columns))
    ]
    lines = ("  ".join(_placed(row[i], wide[i], numeric[i]) for i in range(len(wide))).rstrip() for row in texts)
    count = f"{len(answer.rows):,} row{'s' if len(answer.rows) != 1 else ''}"
    return "\n".join((*lines, f"{count}, and more that are not shown" if answer.more else count))


def comma_separated(answer: Answer) -> str:
    """CSV with a header; no text in it begins as a formula does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_plain(cell) for cell in row] for row in answer.rows)
    return out.getvalue().rstrip("\n")


def as_json(question: str, says: str, sql: str, values: Mapping[str, Value], answer: Answer) -> str:
    """Everything that there is to say, as one object."""
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    told = {"question": question, "understood": says, "sql": sql, "parameters": dict(values)}
    return json.dumps({**told, "columns": answer.columns, "rows": rows, "more": answer.more}, indent=2, default=str)


def understood(found: Found, zone: Zone) -> str:
    """What was understood of a question: its subject, and every condition."""
    asked = found.asked
    parts = [found.says, _bounds(asked), _span(asked, zone)]
    parts += [f"bot {asked.bot}" if asked.bot else "", f"strategy {asked.strategy}" if asked.strategy else ""]
    pair = f"pair {asked.asset}" if "/" in asked.asset else f"pairs with {asked.asset}"
    parts += [pair if asked.asset else "", f"{asked.mode} trades" if asked.mode else ""]
    parts.append(f'messages with "{asked.text}"' if asked.text else "")
    return ", ".join(filter(None, parts))


def annotated(sql: str, values: Mapping[str, Value], zone: Zone) -> str:
    """SQL with the values of its parameters in comments."""
    notes = [f"-- :{name} = {_noted(name, value, zone)}" for name, value in values.items()]
    return "\n".join((sql, *notes))


def _noted(name: str, value: Value, zone: Zone) -> str:
    if name in {"since", "until"} and isinstance(value, int):
        return f"{value} ({zone.stamp(value)})"
    return repr(value)


def _bounds(asked: Asked) -> str:
    if asked.least is not None and asked.least == asked.most:
        return f"exactly {asked.least}"
    least = f"at least {asked.least}" if asked.least is not None else ""
    return " and ".join(filter(None, (least, f"at most {asked.most}" if asked.most is not None else "")))


def _span(asked: Asked, zone: Zone) -> str:
    span = asked.span
    if span.since is None or span.until is None:
        return "all events"
    return f"from {zone.stamp(span.since)} to {zone.stamp(span.until)}"


def _shown(cell: Value) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}" if abs(cell) >= 1_000 else f"{cell:.6g}"
    return "" if cell is None else str(cell)


def _placed(text: str, wide: int, number: bool) -> str:
    cut = cells.cut(text, _WIDEST)
    return cells.right(cut, wide) if number else cells.fit(cut, wide)


def _plain(cell: Value) -> Value:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
