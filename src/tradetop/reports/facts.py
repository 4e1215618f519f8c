"""What reports need of one event, taken from its row in the one way that the screen takes it too."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from tradetop.events.counters import mode_in
from tradetop.events.fingerprint import essence, message_of
from tradetop.events.metadata import Scalar
from tradetop.events.row import Details, Row, event_of
from tradetop.model.bot_event import BotEvent, EventClass

PAIRED = ("trade_id", "position_id")
"""Ids by which a closing event finds its opening one."""
LINKED = ("signal_id", *PAIRED, "correlation_id", "trace_id")
"""Ids by which the stages of a trade find each other."""
_WANTED = frozenset({"mode", "pnl_usd", "message", "reason", *LINKED})
_TAG_LIMIT = 40
_MOST_PNL = 1e15
"""No trade earns or loses as much (USD): it is a mistake, and would drown all others."""
_NO_TAGS = frozenset({"message", "reason", "pnl_usd", "stack", "stacktrace", "traceback", "stack_trace"})
_ID_ENDS = ("id", "hash", "tx", "txid", "signature", "wallet", "address", "mint", "key", "token")

CLASSES = tuple(EventClass)
"""A class is kept as its place in this."""
SIGNAL, RISK, OPEN, CLOSE, ERROR = (
    CLASSES.index(cls)
    for cls in (EventClass.SIGNAL, EventClass.RISK, EventClass.OPEN, EventClass.CLOSE, EventClass.ERROR)
)
STAGED = (SIGNAL, RISK, OPEN)
"""The classes whose order is a trade's way from idea to execution."""


class Told(NamedTuple):
    """One event; every text in it is clean."""

    key: int
    t: int
    cls: int
    bot: str
    mode: str
    strategy: str
    pair: str
    category: str
    """Of an error, and what it says but for numbers and ids."""
    message: str
    pnl: float | None
    """Of a close, where it can be read as a finite number."""
    ids: tuple[str, ...]
    """In the order of `LINKED`, "" for each that it does not name."""
    tags: str
    """Of trades: what may tell groups apart, as JSON."""
    guessed_time: bool


def told(row: Row, now: int) -> Told:
    """What a row tells; `now` is its arrival (ms), for rows whose own times cannot be read."""
    event = event_of(row, now, 0, only=_WANTED)
    cls = CLASSES.index(event.cls)
    error = cls == ERROR
    return Told(
        row.key or 0,
        event.t,
        cls,
        event.bot,
        mode_in(event),
        event.strategy,
        event.pair,
        event.category,
        essence(message_of(event)) if error else "",
        _pnl(event) if cls == CLOSE else None,
        _ids(event, row) if cls in {*STAGED, CLOSE} else (),
        tags_of(event) if cls in {OPEN, CLOSE} else "",
        event.guessed_time,
    )


def _pnl(event: BotEvent) -> float | None:
    pnl = event.pnl
    return pnl if pnl is not None and abs(pnl) <= _MOST_PNL else None


def _ids(event: BotEvent, row: Row) -> tuple[str, ...]:
    known = {fact.name: str(fact.value) for fact in event.facts}
    own = event.id if event.cls is EventClass.SIGNAL and row.id is not None else ""
    return (known.get("signal_id", own), *(known.get(name, "") for name in LINKED[1:]))


def tags_of(event: BotEvent) -> str:
    """The values that may tell groups of trades apart, as a JSON object in the order of their names."""
    if not isinstance(event.written, Details):
        return ""
    values = event.written.meta.values.items()
    # As text at once: inside a key of a cache, true and 1 would be the same.
    return _tag_text(
        tuple((name.lower(), _encoded(value)) for name, value in values if _may_be_tag(name.lower(), value))
    )


def tag(tags: str, name: str) -> str | None:
    """The value that a tag has in such an object, as text; None where there is none."""
    value = json.loads(tags).get(name) if tags else None
    return None if value is None else value if isinstance(value, str) else json.dumps(value)


def _may_be_tag(name: str, value: Scalar) -> bool:
    if isinstance(value, bool):
        return True
    if name in _NO_TAGS or name.rpartition("_")[2] in _ID_ENDS:
        return False
    if isinstance(value, str):
        return 0 < len(value) <= _TAG_LIMIT and not value.replace(".", "", 1).lstrip("+-")[1:].isdigit()
    return isinstance(value, int) and 0 <= value <= 9


@lru_cache(maxsize=4_096, typed=True)
def _encoded(value: Scalar) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=4_096)
def _tag_text(found: tuple[tuple[str, str], ...]) -> str:
    inside = ", ".join(f"{_encoded(name)}: {value}" for name, value in sorted(dict(found).items()))
    return f"{{{inside}}}" if inside else ""
