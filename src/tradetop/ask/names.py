"""The names that a database is about: bots, strategies and pairs, as questions may say them."""

from __future__ import annotations

from tradetop.ask.answer import Answer
from tradetop.ask.words import Known

_MOST = 300
SQL = " UNION ALL ".join(
    f"SELECT * FROM (SELECT DISTINCT '{name}', {name} FROM events WHERE {name} IS NOT NULL LIMIT {_MOST})"  # noqa: S608
    for name in ("bot_id", "strategy", "pair")
)
"""Kinds of names, and names."""


def known_of(answer: Answer) -> Known:
    """The names that this statement gave."""

    def of(kind: str) -> tuple[str, ...]:
        return tuple(str(row[1]) for row in answer.rows if row[0] == kind)

    return Known(of("bot_id"), of("strategy"), of("pair"))
