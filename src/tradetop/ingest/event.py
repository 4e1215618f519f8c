"""From the body of a request to rows: every event is judged by itself, and told what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import msgspec

from tradetop.events.metadata import METADATA_LIMIT
from tradetop.events.moment import milliseconds
from tradetop.events.row import AHEAD, NAME_LIMIT
from tradetop.ingest.problem import ID_LIMIT, STAMP_LIMIT, TYPES, Problem, problems_of, too_long
from tradetop.model.text import clean

BATCH_LIMIT = 10_000
"""Most events of one request."""
_NUL = b"\\u0000"
_Name = Annotated[str, msgspec.Meta(max_length=NAME_LIMIT)]
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]


class BodyError(ValueError):
    """A body in which no events can be found; one line."""


class _Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event as it is sent; metadata stays the text that it came as."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_LIMIT)]
    bot_id: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LIMIT)]
    event_type: str
    timestamp: Annotated[str, msgspec.Meta(max_length=STAMP_LIMIT)] | _Number | float
    pair: _Name | None = None
    strategy: _Name | None = None
    metadata: msgspec.Raw = msgspec.Raw(b"null")


class EventRow(NamedTuple):
    """One event as it is stored."""

    id: str
    bot_id: str
    event_type: str
    pair: str | None
    strategy: str | None
    timestamp: str | int | float
    metadata: str | None
    """JSON, as it was sent."""
    created_at: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What a body holds: what can be stored, and what is wrong with the rest."""

    rows: Sequence[EventRow]
    problems: Sequence[Problem] = ()
    refused: int = 0
    """How many events have problems."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a batch came."""

    now: int
    """Milliseconds since the epoch."""
    stamp: str
    """As `created_at`: as SQLite's datetime() writes it, with milliseconds, and in the same order."""
    latest: datetime

    @classmethod
    def at(cls, now: int) -> Arrival:
        """The arrival at a time (ms)."""
        latest = datetime.fromtimestamp((now + AHEAD) / 1_000, UTC)
        stamp = datetime.fromtimestamp(now / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{now % 1_000:03d}"
        return cls(now, stamp, latest)

    def may_follow(self, stamp: str | float) -> bool:
        """Whether what came then may have happened at `stamp`."""
        try:
            # Nearly all of it, and ten times as fast.
            if _EARLIEST <= datetime.fromisoformat(stamp) <= self.latest:  # type: ignore[arg-type]
                return True
        except (TypeError, ValueError):
            pass
        t = milliseconds(stamp)
        return t is not None and t <= self.now + AHEAD


@dataclass(slots=True)
class _Sorted:
    rows: list[EventRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: int = 0


class _DoubtError(Exception):
    """An event that is well formed and yet wrong."""


_one = msgspec.json.Decoder(_Event)
_several = msgspec.json.Decoder(list[_Event] | _Event)
_pieces = msgspec.json.Decoder(list[msgspec.Raw])


class Judge:
    """Tells good events from bad ones."""

    def __init__(self, more_types: Sequence[str] = ()) -> None:
        self.types = frozenset((*TYPES, *more_types))

    def sort(self, body: bytes, now: int) -> Batch:
        """The events of a body at `now` (ms): an object, or a list of them; BodyError where it is neither."""
        try:
            found = _several.decode(body)
        except (msgspec.MsgspecError, RecursionError):
            return self._each(_split(body), now)
        events = found if isinstance(found, list) else [found]
        _check_count(len(events))
        arrival, nul = Arrival.at(now), _NUL in body
        try:
            return Batch([self._row(event, arrival, nul) for event in events])
        except (_DoubtError, UnicodeDecodeError):
            return self._each(map(msgspec.json.encode, events), now)

    def _each(self, pieces: Iterator[bytes], now: int) -> Batch:
        """As `sort`, one by one: the way of batches in which something is wrong."""
        done, arrival = _Sorted(), Arrival.at(now)
        for index, piece in enumerate(pieces):
            try:
                done.rows.append(self._row(_one.decode(piece), arrival, _NUL in piece))
            except (msgspec.MsgspecError, RecursionError, _DoubtError, UnicodeDecodeError) as error:
                found = self._explained(piece, index, now)
                done.problems += found or [Problem(index, "", "", clean(str(error), 200))]
                done.refused += 1
        return Batch(done.rows, done.problems, done.refused)

    def _explained(self, piece: bytes, index: int, now: int) -> list[Problem]:
        """What is wrong with an event; nothing where Python cannot read it either."""
        try:
            event = json.loads(piece.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            return []
        return problems_of(event, index, self.types, now)

    def _row(self, event: _Event, arrival: Arrival, nul: bool) -> EventRow:
        kind, stamp = event.event_type, event.timestamp
        if kind not in self.types or not arrival.may_follow(stamp) or (nul and _has_nul(event)):
            raise _DoubtError
        metadata = _text(event.metadata)
        cells = (event.id, event.bot_id, kind, event.pair, event.strategy, stamp, metadata, arrival.stamp)
        # What calling it does, in half the time: there is one for each event.
        return tuple.__new__(EventRow, cells)


def _check_count(count: int) -> None:
    if count > BATCH_LIMIT:
        raise BodyError(f"{count:,} events at once: send at most {BATCH_LIMIT:,}")


def _text(raw: msgspec.Raw) -> str | None:
    """Metadata as JSON text; a bot may send it as an object, or as a string that holds one."""
    text = str(raw, "utf-8")
    if text[:1] == '"':
        text = msgspec.json.decode(raw, type=str)
        try:
            msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError):
            raise _DoubtError from None
        text = text.strip()
    if text == "null":
        return None
    if text[:1] != "{":
        raise _DoubtError
    if len(text) > METADATA_LIMIT:
        raise _DoubtError(too_long(len(text)))
    return text


def _has_nul(event: _Event) -> bool:
    return any("\0" in (text or "") for text in (event.id, event.bot_id, event.pair, event.strategy))


def _split(body: bytes) -> Iterator[bytes]:
    """The events of a body that is not quite right, each as JSON; BodyError where it is no JSON at all."""
    try:
        pieces = _pieces.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        found = _loaded(body)
        several = found if isinstance(found, list) else [found]
        _check_count(len(several))
        return (json.dumps(one).encode() for one in several)
    _check_count(len(pieces))
    return map(bytes, pieces)


def _loaded(body: bytes) -> object:
    """What Python reads of it, which is more than JSON allows: not-a-numbers, and halves of characters."""
    try:
        return json.loads(body.decode())
    except UnicodeDecodeError as error:
        raise BodyError(f"not UTF-8: byte {error.start:,} of the body") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno:,}, column {error.colno:,}"
        raise BodyError(f"not JSON: {error.msg} in {place}; send one event, or a list of them") from None
    except ValueError:
        raise BodyError("not JSON: a number of more than 4,300 digits") from None
    except RecursionError:
        raise BodyError("nested too deeply") from None
