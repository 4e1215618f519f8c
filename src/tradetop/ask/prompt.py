"""The prompt: the schema, examples, the time and the question; nothing that stands in the database.

Events hold texts of strangers (names of tokens, messages of servers). What a model has not read cannot steer it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from tradetop.ask.fault import AskError
from tradetop.ask.span import Calendar
from tradetop.model.clock import SECOND
from tradetop.model.text import clean

QUESTION = 1_000
"""Longest question (characters)."""
SCHEMA = """CREATE VIEW events (
  id TEXT,
  bot_id TEXT,
  event_type TEXT,  -- as the bot wrote it: signal, risk_eval, trade_open, trade_close, error, ...
  class TEXT,       -- signal, risk, open, close, trade, error, health, restart, alert, mark, other
  pair TEXT,        -- such as SOL/USDC; may be NULL
  strategy TEXT,    -- may be NULL
  t INTEGER,        -- when it happened: milliseconds since 1970, UTC
  category TEXT,    -- of errors: connection, execution, validation, other; else NULL
  message TEXT,     -- of errors
  pnl_usd REAL,     -- of closed trades, in USD; else NULL
  result TEXT,      -- of risk checks: passed, rejected
  mode TEXT,        -- live or paper, where the bot says so
  metadata TEXT     -- JSON or NULL
)"""
FUNCTIONS = """has(pair, 'SOL')       whether a pair has this asset, or is this pair
day(t)                 the day of a time, such as '2026-11-29'
hour(t)                its hour, such as '2026-11-29 13:00'
at(t)                  the time for people
ms('2026-11-29')       a day or time in UTC as milliseconds
fact(event_type, metadata, 'score')   any other detail of an event
median(x), stdev(x)    aggregates"""
_EXAMPLES: Sequence[tuple[str, str]] = (
    (
        "Show me bots that had more than 3 errors yesterday with SOL pairs",
        (
            "SELECT bot_id, count(*) AS errors FROM events WHERE class = 'error' AND day(t) = '{yesterday}'"
            " AND has(pair, 'SOL') GROUP BY bot_id HAVING count(*) > 3 ORDER BY errors DESC"
        ),
    ),
    (
        "What is the win rate per strategy and pair in live trading?",
        (
            "SELECT strategy, pair, count(*) AS trades, round(100.0 * sum(pnl_usd > 0) / count(*), 1) AS win_pct"
            " FROM events"
            " WHERE class = 'close' AND pnl_usd IS NOT NULL AND mode = 'live'"
            " GROUP BY strategy, pair ORDER BY win_pct DESC"
        ),
    ),
    (
        "Which errors were most frequent in the last 6 hours?",
        (
            "SELECT message, category, count(*) AS errors, at(max(t)) AS last FROM events WHERE class = 'error'"
            " AND t >= {now} - 6 * 3600000 GROUP BY message, category ORDER BY errors DESC LIMIT 20"
        ),
    ),
    (
        "How many signals did each bot generate per hour today?",
        (
            "SELECT bot_id, hour(t) AS hour, count(*) AS signals FROM events WHERE class = 'signal'"
            " AND day(t) = '{today}' GROUP BY bot_id, hour(t) ORDER BY hour, bot_id"
        ),
    ),
)
_POSTGRES = """CREATE TABLE bot_events (
  id text, bot_id text, event_type text, pair text, strategy text,
  timestamp text,   -- ISO 8601, UTC
  metadata text,    -- JSON, such as {"pnl_usd": 1.2} of a trade_close, {"message": "..."} of an error
  created_at text
)

The table holds the events of every bot: an answer is about all of them unless the SQL names a bot_id."""
_POSTGRES_EXAMPLES: Sequence[tuple[str, str]] = (
    (
        "Show me bots that had more than 3 errors yesterday with SOL pairs",
        (
            "SELECT bot_id, count(*) AS errors FROM bot_events WHERE event_type = 'error'"
            " AND timestamp::timestamptz::date = DATE '{yesterday}' AND pair ILIKE '%SOL%'"
            " GROUP BY bot_id HAVING count(*) > 3 ORDER BY errors DESC"
        ),
    ),
    (
        "What did each bot make today?",
        (
            "SELECT bot_id, round(sum((metadata::json->>'pnl_usd')::numeric), 2) AS pnl_usd FROM bot_events"
            " WHERE event_type = 'trade_close' AND timestamp::timestamptz::date = DATE '{today}' GROUP BY bot_id"
        ),
    ),
)
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)


def messages(question: str, calendar: Calendar, *, postgres: bool = False) -> list[dict[str, str]]:
    """The chat that asks a model for SQL; AskError where the question is too long."""
    text = " ".join(question.split())
    if len(text) > QUESTION:
        raise AskError(f"the question is longer than {QUESTION:,} characters")
    system = _system(calendar, postgres)
    return [{"role": "system", "content": system}, {"role": "user", "content": clean(text, QUESTION)}]


def sql_in(answer: str) -> str:
    """The SQL in a model's answer, which may stand in a fence or behind its thoughts."""
    text = _THOUGHT.sub("", answer)
    fenced = _FENCE.search(text)
    return (fenced[1] if fenced is not None else text).strip()


def _system(calendar: Calendar, postgres: bool) -> str:
    moment = datetime.fromtimestamp(calendar.now / SECOND, calendar.zone)
    words = {
        "now": str(calendar.now),
        "today": f"{moment:%Y-%m-%d}",
        "yesterday": f"{moment.date() - timedelta(days=1):%Y-%m-%d}",
    }
    kind = "PostgreSQL" if postgres else "SQLite"
    examples = "\n\n".join(
        f"Question: {asked}\nSQL: {_filled(sql, words)}"
        for asked, sql in (_POSTGRES_EXAMPLES if postgres else _EXAMPLES)
    )
    functions = "" if postgres else f"\n\nFunctions beside {kind}'s own:\n\n{FUNCTIONS}"
    return (
        f"You translate questions about the events of trading bots into one {kind} SELECT statement.\n\n"
        f"Schema:\n\n{_POSTGRES if postgres else SCHEMA}{functions}\n\n"
        f"Now is {moment:%A %Y-%m-%d %H:%M} {moment.tzname() or ''} ({calendar.now} ms).\n\n"
        f"Examples:\n\n{examples}\n\n"
        "Return ONLY the SQL: one SELECT, no explanation, no semicolon, nothing that changes anything. "
        "Only what stands in the schema can be read; recursive queries are refused."
    )


def _filled(sql: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        sql = sql.replace(f"{{{name}}}", value)
    return sql
