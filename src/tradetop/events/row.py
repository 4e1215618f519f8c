"""Rows of `bot_events`, and the events that they become."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from tradetop.events.classify import category_of, class_of, level_of
from tradetop.events.facts import facts_of
from tradetop.events.metadata import Metadata, read
from tradetop.events.moment import milliseconds
from tradetop.model.bot_event import BotEvent, EventClass, EventSource
from tradetop.model.clock import MINUTE
from tradetop.model.text import clean

METADATA_LIMIT = 65_536
"""Characters of metadata that are read; longer JSON is shown cut and not understood."""
RAW_LIMIT = 16_384
NAME_LIMIT = 120
AHEAD = 10 * MINUTE
"""An event further in the future than this has a wrong clock (Prometheus' bound for samples)."""

Cell = str | bytes | int | float | None


class Row(NamedTuple):
    """One row as it was read; a column that the table lacks is None."""

    key: int | None
    """The rowid, where the table has one."""
    id: Cell
    bot_id: Cell
    event_type: Cell
    pair: Cell
    strategy: Cell
    timestamp: Cell
    metadata: Cell
    created_at: Cell
    metadata_size: Cell

    @property
    def identity(self) -> int:
        """Tells the event from every other: by its id, else by all that it says."""
        return hash(self.id) if self.id is not None else hash(self[1:9])


def event_of(row: Row, now: int, sequence: int, *, brief: bool = False) -> BotEvent:
    """The event that a row tells; `now` is its arrival (ms). A brief one keeps only what counting needs."""
    kind = _name(row.event_type) or "(no type)"
    cls = class_of(kind)
    text = text_of(row.metadata)
    size = row.metadata_size if isinstance(row.metadata_size, int) else 0
    # Of most events of a long past nothing counts but that they were; only a severity would still be worth reading.
    meta = Metadata() if brief and cls not in _BRIEF and not _SEVERITY.search(text) else read(text, size)
    category = category_of(kind, meta.values) if cls is EventClass.ERROR else ""
    t, guessed = _time(row, now)
    only = _BRIEF.get(cls, frozenset()) if brief else None
    return BotEvent(
        id=clean(text_of(row.id), NAME_LIMIT) or f"row {row.key}",
        t=t,
        bot=_name(row.bot_id),
        type=kind,
        cls=cls,
        source=EventSource.DATABASE,
        pair=_name(row.pair),
        strategy=_name(row.strategy),
        category=category,
        level=level_of(cls, category, meta.values),
        facts=() if brief and not only else facts_of(cls, meta.values, meta.text, only=only),
        raw="" if brief else _raw(row, meta),
        guessed_time=guessed,
        sequence=sequence,
    )


_SEVERITY = re.compile(r"severity|level|\\", re.IGNORECASE)
"""In metadata that may say how bad an event is."""
_IDS = frozenset({"trade_id", "position_id"})
_BRIEF = {
    EventClass.OPEN: _IDS | {"side", "size", "price"},
    EventClass.CLOSE: _IDS | {"pnl_usd", "mode"},
    EventClass.ERROR: frozenset({"message"}),
}
"""What counting, pairing and grouping need of an event."""


def text_of(cell: Cell) -> str:
    """A cell of any type as text."""
    if cell is None:
        return ""
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


@lru_cache(maxsize=512, typed=True)
def _name(cell: Cell) -> str:
    return intern(clean(text_of(cell).strip(), NAME_LIMIT))


def _time(row: Row, now: int) -> tuple[int, bool]:
    """The event's own time; else, and then guessed, when it was written or when it arrived."""
    t = milliseconds(row.timestamp)
    if t is not None and t <= now + AHEAD:
        return t, False
    written = milliseconds(row.created_at)
    return (written if written is not None and written <= now + AHEAD else now), True


def _raw(row: Row, meta: Metadata) -> str:
    names = ("id", "bot_id", "event_type", "pair", "strategy", "timestamp")
    values: dict[str, object] = {name: _plain(cell) for name, cell in zip(names, row[1:7], strict=True)}
    values["metadata"] = meta.document
    values["created_at"] = _plain(row.created_at)
    try:
        whole = _encode(values)
    except (ValueError, RecursionError):
        whole = _encode({**values, "metadata": meta.text})
    return clean(whole, RAW_LIMIT)


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _plain(cell: Cell) -> str | int | float | None:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell
