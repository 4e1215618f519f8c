"""What is wrong with an event, field by field, in words for whoever wrote the bot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from tradetop.events.metadata import METADATA_LIMIT
from tradetop.events.moment import milliseconds
from tradetop.events.row import AHEAD, NAME_LIMIT
from tradetop.model.clock import MINUTE
from tradetop.model.text import clean

ID_LIMIT = 200
STAMP_LIMIT = 64
TYPES = ("signal", "risk_eval", "trade_open", "trade_close", "settlement", "error")
"""The types of events that are documented: a trade's way from signal to settlement, and what goes wrong."""
_FIELDS = ("id", "bot_id", "event_type", "timestamp", "pair", "strategy", "metadata")
_MOST = 20
"""Most problems that one event is told."""
_SAMPLE = '{"id": "…", "bot_id": "…", "event_type": "signal", "timestamp": "2026-01-31T09:00:00Z"}'
_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of one event; every text is clean."""

    index: int
    """The event's place in its batch, from 0."""
    id: str
    """The event's own id, where it has one."""
    field: str
    """"" for the event as a whole."""
    message: str


def problems_of(event: object, index: int, types: AbstractSet[str], now: int) -> list[Problem]:
    """What is wrong with an event, all of it unless it has too many fields, as Python reads its JSON, at `now` (ms)."""
    if not isinstance(event, dict):
        return [Problem(index, "", "", f"is {_kind(event)}; an event is an object such as {_SAMPLE}")]
    own = event.get("id")
    name = clean(own, ID_LIMIT) if isinstance(own, str) else ""
    return [Problem(index, name, clean(key, 60), said) for key, said in islice(_wrong(event, types, now), _MOST)]


def _wrong(event: Mapping[str, object], types: AbstractSet[str], now: int) -> Iterator[tuple[str, str]]:
    for key, limit in (("id", ID_LIMIT), ("bot_id", NAME_LIMIT)):
        if said := _text(event.get(key), limit, needed=True):
            yield key, said
    for key in ("pair", "strategy"):
        if said := _text(event.get(key), NAME_LIMIT, needed=False):
            yield key, said
    if said := _type(event.get("event_type"), types):
        yield "event_type", said
    if said := _stamp(event.get("timestamp"), now):
        yield "timestamp", said
    if said := _metadata(event.get("metadata")):
        yield "metadata", said
    for key in event:
        if key in ("created_at", "rowid"):
            yield key, "is written by the server: leave it out"
        elif key not in _FIELDS:
            yield key, f"is no field of an event ({', '.join(_FIELDS)}): put it into metadata"


def _text(value: object, limit: int, *, needed: bool) -> str:
    if value is None:
        return "is missing" if needed else ""
    if not isinstance(value, str):
        return f"is {_kind(value)}, must be a text"
    if needed and not value:
        return "is empty"
    if len(value) > limit:
        return f"has {len(value):,} characters, at most {limit:,}"
    return _letters(value)


def _letters(value: str) -> str:
    if "\0" in value:
        return "holds a NUL character"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "holds half a character (a lone surrogate, or what is not UTF-8): was it cut in the middle?"
    return ""


def _type(value: object, types: AbstractSet[str]) -> str:
    if said := _text(value, NAME_LIMIT, needed=True):
        return said
    if value in types:
        return ""
    return f'"{clean(str(value), 60)}" is not known ({", ".join(sorted(types))}); serve with --type to take more'


def _stamp(value: object, now: int) -> str:
    if value is None:
        return "is missing"
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return f"is {_kind(value)}, must be a time"
    if isinstance(value, str) and (said := _text(value, STAMP_LIMIT, needed=True)):
        return said
    t = milliseconds(value) if not isinstance(value, int) or abs(value) < 1 << 63 else None
    if t is None:
        shown = clean(value, 40) if isinstance(value, str) else f"{value:.6g}" if isinstance(value, float) else "it"
        return f'"{shown}" is no time: write 2026-01-31T09:00:00.123Z, or a number since 1970'
    if t > now + AHEAD:
        here = datetime.fromtimestamp(now / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"is {(t - now) // MINUTE:,} min ahead of the server's clock ({here}): one of the two is wrong"
    return ""


def _metadata(value: object) -> str:
    if isinstance(value, str):
        if len(value) > METADATA_LIMIT:
            return too_long(len(value))
        try:
            value = json.loads(value, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            return f"is a text, but no JSON: {clean(str(error), 120)}"
    if value is None:
        return ""
    if not isinstance(value, dict):
        return f"is {_kind(value)}, must be an object, or a text that holds one as JSON"
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return "holds a number that JSON does not have (NaN or infinity)"
    except RecursionError:
        return "is nested too deeply"
    return too_long(len(text)) if len(text) > METADATA_LIMIT else _letters(text)


def too_long(size: int) -> str:
    """What is said of metadata of so many characters."""
    return f"has {size:,} characters of JSON, at most {METADATA_LIMIT:,}"


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


def _kind(value: object) -> str:
    return "nothing" if value is None else _KINDS.get(type(value), "something else")
