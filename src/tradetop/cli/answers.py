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
from tradetop.panes.answer import counted, table_lines

_WIDEST = 100
"""Columns of a cell in a table."""
_FORMULA = ("=", "+", "-", "@")
"""What spreadsheets would run instead of show, where a stranger's text begins so."""


def table(answer: Answer) -> str:
    """Columns side by side, and how many rows there are."""
    return "\n".join((*(table_lines(answer, _WIDEST) if answer.rows else ()), counted(answer)))


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
    return json.dumps(
        {**told, "columns": answer.columns, "rows": rows, "more": answer.more, "note": answer.note},
        indent=2,
        default=str,
    )


def understood(found: Found, zone: Zone, only: str = "") -> str:
    """What was understood of a question: its subject, every condition, and whose events they are `only`."""
    asked = found.asked
    parts = [found.says, _bounds(asked), _span(asked, zone)]
    parts += [f"bot {' or '.join(asked.bots)}" if asked.bots else only]
    parts += [f"strategy {' or '.join(asked.strategies)}" if asked.strategies else ""]
    pairs = " or ".join(f"pair {asset}" if "/" in asset else f"pairs with {asset}" for asset in asked.assets)
    parts += [pairs, f"events that say {asked.mode}" if asked.mode else ""]
    parts.append(f'messages with "{asked.text}"' if asked.text else "")
    return ", ".join(filter(None, parts))


def annotated(sql: str, values: Mapping[str, Value], zone: Zone, only: str = "") -> str:
    """SQL with the values of its parameters in comments, and whose events it sees `only`."""
    notes = [f"-- events: those of {only}"] if only else []
    notes += [f"-- :{name} = {_noted(name, value, zone)}" for name, value in values.items()]
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


def _plain(cell: Value) -> Value:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
