"""What the counters and gauges of a bot are about, told by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tradetop.events.counters import EVENT_SERIES
from tradetop.model.bot_event import EventClass


@dataclass(frozen=True, slots=True)
class Meaning:
    """What it means when a counter goes up."""

    type: str
    cls: EventClass
    result: str = ""
    critical: bool = False


_BORING = re.compile(
    r"^(?:python|process|go|promhttp|scrape|tradetop|probe|nodejs|jvm)_"
    r"|^bot_(?:events|trades_closed|trades_decided|trades_won)_total$"
    r"|http_request|_created$|_bucket$|_count$|_sum$"
)
_AMOUNT = re.compile(r"_(?:seconds|bytes|ms|usd)(?:_total)?$")
_RULES: tuple[tuple[re.Pattern[str], Meaning], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"breaker|(?:^|_)trips?(?:_|$)", Meaning("breaker_trip", EventClass.RISK, "tripped", critical=True)),
        (r"no_trade", Meaning("no_trade", EventClass.RISK, "no trade")),
        (r"order.*(?:reject|fail)", Meaning("order_rejected", EventClass.ERROR)),
        (r"reject|blocked|veto", Meaning("risk_rejection", EventClass.RISK, "rejected")),
        (r"error|fail|exception|timeout|disconnect", Meaning("error", EventClass.ERROR)),
        (r"order.*fill|(?:^|_)fills?(?:_|$)", Meaning("order_filled", EventClass.TRADE)),
        (r"order.*cancel", Meaning("order_cancelled", EventClass.OTHER)),
        (r"order", Meaning("order_placed", EventClass.TRADE)),
        (r"(?:trade|position).*open", Meaning("trade_open", EventClass.OPEN)),
        (r"(?:trade|position).*close", Meaning("trade_close", EventClass.CLOSE)),
        (r"(?:^|_)trades?(?:_|$)", Meaning("trade", EventClass.TRADE)),
        (r"signal", Meaning("signal", EventClass.SIGNAL)),
    )
)


@lru_cache(maxsize=2_048)
def meaning_of(name: str, metric_type: str) -> Meaning | None:
    """What an increase of this metric tells; None for what is no counter, or tells of no event."""
    # What we count from an event database is told by its rows; a bot's own metrics may well begin with bot_, too.
    if name in EVENT_SERIES or _BORING.search(name) or _AMOUNT.search(name):
        return None
    if metric_type not in {"counter", "", "unknown", "untyped"}:
        return None
    if metric_type != "counter" and not name.endswith("_total"):
        return None
    return next((meaning for pattern, meaning in _RULES if pattern.search(name)), None)


_STATES = re.compile(r"breaker.*(?:state|open|active|tripped)$|breaker$")
_KILL = re.compile(r"kill_?switch")


@lru_cache(maxsize=2_048)
def switch_of(name: str) -> str:
    """Which switch a gauge shows: "breaker", "kill_switch" or ""."""
    if _KILL.search(name):
        return "kill_switch"
    return "breaker" if _STATES.search(name) and not name.endswith("_total") else ""
