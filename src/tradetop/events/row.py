"""Rows of `bot_events`, and the events that they become."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from sys import intern
from typing import NamedTuple, overload

from tradetop.events.classify import category_of, class_of, level_of
from tradetop.events.facts import facts_of
from tradetop.events.metadata import METADATA_LIMIT, Metadata, read
from tradetop.events.moment import milliseconds
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import MINUTE
from tradetop.model.text import clean

RAW_LIMIT = 16_384
NAME_LIMIT = 120
UNTYPED = "(no type)"
FLAWS = ("time", "type", "bot", "metadata")
"""What may be missing of an event, or unreadable."""
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


def event_of(row: Row, now: int, sequence: int, *, brief: bool = False, only: frozenset[str] | None = None) -> BotEvent:
    """The event that a row tells; `now` is its arrival (ms). A brief one keeps only what counting needs.

    `only` names the facts that the event shall have, worked out at once.
    """
    kind = name_in(row.event_type) or UNTYPED
    cls = class_of(kind)
    bot, pair, strategy = name_in(row.bot_id), name_in(row.pair), name_in(row.strategy)
    # Names that thousands of rows have in common are kept once.
    shared = (
        bot if bot == row.bot_id else row.bot_id,
        kind if kind == row.event_type else row.event_type,
        pair if pair == row.pair else row.pair,
        strategy if strategy == row.strategy else row.strategy,
    )
    details = Details(Row(row.key, row.id, *shared, *row[6:]), cls)
    # Of most events nothing counts but that they were; only a severity would be worth reading at once.
    values = details.meta.values if cls is EventClass.ERROR or _may_say_how_bad(text_of(row.metadata)) else {}
    category = category_of(kind, values) if cls is EventClass.ERROR else ""
    t, guessed = time_of(row, now)
    untyped, nameless = kind == UNTYPED, not bot
    unread = _size(row) > METADATA_LIMIT or _unreadable(text_of(row.metadata))
    return BotEvent(
        id=clean(text_of(row.id), NAME_LIMIT) or f"row {row.key}",
        t=t,
        bot=bot,
        type=kind,
        cls=cls,
        source=EventSource.DATABASE,
        pair=pair,
        strategy=strategy,
        category=category,
        level=level_of(cls, category, values),
        facts=details.brief() if brief else details if only is None else details.named(only),
        # Errors are to be looked at for longer than others.
        written="" if brief and cls is not EventClass.ERROR else details,
        guessed_time=guessed,
        sequence=sequence,
        flaws=_flaws(guessed, untyped, nameless, unread),
    )


@lru_cache(maxsize=16)
def _flaws(*found: bool) -> tuple[str, ...]:
    return tuple(name for name, flawed in zip(FLAWS, found, strict=True) if flawed)


def _unreadable(metadata: str) -> bool:
    """Whether metadata is plainly no JSON object, or one that was cut off; told without reading it all."""
    text = metadata.strip()
    return bool(text) and not (text[0] in '{"' and text[-1] in '}"')


class Details(Sequence[Fact]):
    """What a row says beside its names: its facts, and as a text the whole of it as JSON; read when asked for."""

    __slots__ = ("_cls", "_facts", "_meta", "_row")

    def __init__(self, row: Row, cls: EventClass) -> None:
        self._row = row
        self._cls = cls
        self._meta: Metadata | None = None
        self._facts: tuple[Fact, ...] | None = None

    @property
    def row(self) -> Row:
        """The row itself."""
        return self._row

    @property
    def meta(self) -> Metadata:
        """What could be understood of the metadata."""
        if self._meta is None:
            self._meta = metadata_of(self._row)
        return self._meta

    def brief(self) -> tuple[Fact, ...]:
        """What counting, pairing and grouping need."""
        only = BRIEF.get(self._cls)
        return () if only is None else self.named(only)

    def named(self, only: frozenset[str]) -> tuple[Fact, ...]:
        """The facts of these names."""
        return facts_of(self._cls, self.meta.values, self.meta.text, only=only)

    def _all(self) -> tuple[Fact, ...]:
        if self._facts is None:
            self._facts = facts_of(self._cls, self.meta.values, self.meta.text)
        return self._facts

    @overload
    def __getitem__(self, index: int) -> Fact: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Fact]: ...
    def __getitem__(self, index: int | slice) -> Fact | Sequence[Fact]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Details) and self._row == other._row and self._cls is other._cls)

    def __hash__(self) -> int:
        return hash(self._row)

    def __str__(self) -> str:
        return _raw(self._row, self.meta)


def _may_say_how_bad(metadata: str) -> bool:
    """Whether there may be a severity in it; an escape may spell one."""
    text = metadata.lower()
    return "severity" in text or "level" in text or "\\" in text


_IDS = frozenset({"trade_id", "position_id"})
BRIEF = {
    EventClass.OPEN: _IDS | {"side", "size", "price"},
    EventClass.CLOSE: _IDS | {"pnl_usd", "mode"},
    EventClass.ERROR: frozenset({"message"}),
}
"""What counting, pairing and grouping need of events."""


def metadata_of(row: Row) -> Metadata:
    """What could be understood of a row's metadata."""
    return read(text_of(row.metadata), _size(row))


def _size(row: Row) -> int:
    """The characters of its metadata, those that were not read too; 0 where that is not known."""
    return row.metadata_size if isinstance(row.metadata_size, int) else 0


def text_of(cell: Cell) -> str:
    """A cell of any type as text."""
    if cell is None:
        return ""
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


@lru_cache(maxsize=512, typed=True)
def name_in(cell: Cell) -> str:
    """A bot's, type's, pair's or strategy's name, clean; "" where there is none."""
    return intern(clean(text_of(cell).strip(), NAME_LIMIT))


def time_of(row: Row, now: int) -> tuple[int, bool]:
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
