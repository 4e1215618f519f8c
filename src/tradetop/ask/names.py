"""The names that a database is about: bots, strategies and pairs, as questions may say them."""

from __future__ import annotations

from tradetop.ask.answer import Answer
from tradetop.ask.words import Known

MOST = 300
"""Most names of one kind."""
NAMED = ("bot_id", "strategy", "pair")
"""The columns that hold them."""
SQL = " UNION ALL ".join(
    f"SELECT * FROM (SELECT DISTINCT '{name}', {name} FROM events WHERE {name} IS NOT NULL LIMIT {MOST})"  # noqa: S608
    for name in NAMED
)
"""Kinds of names, and names."""


def known_of(answer: Answer) -> Known:
    """The names that this statement gave."""

    def of(kind: str) -> tuple[str, ...]:
        return tuple(str(row[1]) for row in answer.rows if row[0] == kind)

    return Known(of("bot_id"), of("strategy"), of("pair"))
