"""What reports need of one event, taken from its row in the one way that the screen takes it too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from tradetop.events.categorise import Categories
from tradetop.events.classify import category_of, class_of
from tradetop.events.counters import mode_said
from tradetop.events.facts import values_of
from tradetop.events.fingerprint import essence
from tradetop.events.metadata import Scalar
from tradetop.events.row import NAME_LIMIT, UNTYPED, Row, metadata_of, name_in, text_of, time_of
from tradetop.model.bot_event import EventClass, earned
from tradetop.model.text import clean

PAIRED = ("trade_id", "position_id")
"""Ids by which a closing event finds its opening one."""
LINKED = ("signal_id", *PAIRED, "correlation_id", "trace_id")
"""Ids by which the stages of a trade find each other."""
NO_IDS = ("",) * len(LINKED)
"""Of an event that names none."""
_LINKING = frozenset(LINKED)
_WANTED = frozenset({"mode", "pnl_usd", "message", "reason", *LINKED})
_TAG_LIMIT = 40
_NO_TAGS = frozenset({"message", "reason", "pnl_usd", "stack", "stacktrace", "traceback", "stack_trace"})
_ID_ENDS = ("id", "hash", "tx", "txid", "signature", "wallet", "address", "mint", "key", "token")

_USUAL = Categories()
CLASSES = tuple(EventClass)
"""A class is kept as its place in this."""
_PLACES = {cls: place for place, cls in enumerate(CLASSES)}
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


def told(row: Row, now: int, categories: Categories = _USUAL) -> Told:
    """What a row tells; `now` is its arrival (ms), for rows whose own times cannot be read.

    The same as `event_of` tells, piece by piece of its pieces: an event with all that the screen shows of it takes
    three times as long to make.
    """
    kind = name_in(row.event_type) or UNTYPED
    of = class_of(kind)
    cls = _PLACES[of]
    metadata = metadata_of(row)
    values = metadata.values
    facts = values_of(of, values, _WANTED)
    t, guessed_time = time_of(row, now)
    error, trade = cls == ERROR, cls in {OPEN, CLOSE}
    return Told(
        row.key or 0,
        t,
        cls,
        name_in(row.bot_id),
        mode_said(facts.get("mode")),
        name_in(row.strategy),
        name_in(row.pair),
        categories.named(kind, _message(facts) or metadata.text or kind, category_of(kind, values)) if error else "",
        essence(_message(facts) or kind) if error else "",
        earned(facts.get("pnl_usd")) if cls == CLOSE else None,
        _ids(facts, row, cls) if trade or cls in STAGED else (),
        tags_of(values) if trade else "",
        guessed_time,
    )


def _message(facts: Mapping[str, float | str]) -> str:
    return next((said for name in ("message", "reason") if isinstance(said := facts.get(name), str) and said), "")


def _ids(facts: Mapping[str, float | str], row: Row, cls: int) -> tuple[str, ...]:
    if cls != SIGNAL and _LINKING.isdisjoint(facts):
        return NO_IDS
    first, *others = map(str, map(facts.get, LINKED, NO_IDS))
    if cls == SIGNAL and "signal_id" not in facts and row.id is not None:
        first = clean(text_of(row.id), NAME_LIMIT) or f"row {row.key}"
    return (first, *others)


def tags_of(values: Mapping[str, Scalar]) -> str:
    """The values of metadata that may tell groups of trades apart, as a JSON object in the order of their names."""
    # As text at once: inside a key of a cache, true and 1 would be the same.
    found = [(name.lower(), _encoded(value)) for name, value in values.items() if _may_be_tag(name.lower(), value)]
    return _tag_text(tuple(found))


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
