"""Answers: a table of clean cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tradetop.model.text import clean

Value = str | int | float | None
LENGTH = 20_000
"""Longest SQL (characters)."""
ROWS = 1_000
"""Most rows of an answer."""
CELL = 2_000
"""Longest text of a cell (characters)."""
WHOLE = 4 * 1024 * 1024
"""Most characters of all cells together."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gave; every text in it is clean."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    more: bool = False
    """Whether there were more rows than are kept."""
    note: str = ""
    """What events it leaves out, for people; "" for none."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is shown of a question on the screen: its answer, or the SQL that waits to be run, or why there is none."""

    question: str
    says: str = ""
    """What was understood, or whose SQL it is."""
    answer: Answer | None = None
    sql: str = ""
    """A model's: what runs once somebody has said so, or has run."""
    problem: str = ""


def answer_of(columns: Iterable[object], rows: Iterable[Sequence[object]]) -> Answer:
    """The answer in a statement's rows, as many as may be kept; no more than one of the others is fetched."""
    names = tuple(clean(str(name), 60) for name in columns)
    kept: list[tuple[Value, ...]] = []
    size = 0
    for row in rows:
        if len(kept) == ROWS or size > WHOLE:
            return Answer(names, tuple(kept), more=True)
        cells = tuple(map(_cell, row))
        size += sum(len(cell) for cell in cells if isinstance(cell, str))
        kept.append(cells)
    return Answer(names, tuple(kept))


def _cell(value: object) -> Value:
    if value is None or isinstance(value, (int, float)):
        return value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return clean(text, CELL)
