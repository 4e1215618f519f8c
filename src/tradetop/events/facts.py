"""An event's details in the order worth reading, each with its unit and kind."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping
from functools import lru_cache
from typing import NamedTuple

from tradetop.events.classify import MESSAGE_KEYS, STATUS_KEYS
from tradetop.events.metadata import Scalar
from tradetop.model.bot_event import BotEvent, EventClass, Fact
from tradetop.model.unit import Kind, Unit

_ORDER: dict[EventClass, tuple[str, ...]] = {
    EventClass.SIGNAL: ("side", "score", "rsi", "price"),
    EventClass.RISK: ("result", "reason", "size", "score"),
    EventClass.OPEN: ("side", "size", "price"),
    EventClass.CLOSE: ("pnl_usd", "held", "pnl_pct", "side", "size", "price", "reason"),
    EventClass.TRADE: ("side", "size", "price", "pnl_usd", "status"),
    EventClass.SETTLEMENT: ("pnl_usd", "status", "size", "price"),
    EventClass.ERROR: ("message", "status", "endpoint"),
}
_LAST = ("mode", "trade_id", "position_id", "order_id", "stack", "stacktrace", "traceback", "stack_trace")
_ALIASES: dict[str, tuple[str, ...]] = {
    "side": ("side", "action", "direction", "signal", "signal_type"),
    "score": ("score", "confidence", "strength", "probability"),
    "reason": ("reason", "reject_reason", "rejection_reason", "message", "rule", "check"),
    "size": ("size", "size_usd", "qty", "quantity", "amount", "amount_usd", "position_size", "position_size_usd"),
    "price": ("price", "entry_price", "exit_price", "fill_price", "avg_price", "entry", "exit"),
    "pnl_usd": ("pnl_usd", "realized_pnl_usd", "net_pnl_usd", "profit_usd", "pnl", "realized_pnl", "net_pnl"),
    "pnl_pct": ("pnl_pct", "pnl_percent", "profit_pct", "return_pct"),
    "message": MESSAGE_KEYS,
    "status": STATUS_KEYS,
    "endpoint": ("endpoint", "path", "route", "rpc", "url", "host", "node"),
    "trade_id": ("trade_id", "tradeid", "trade"),
    "position_id": ("position_id", "positionid", "position", "deal_id"),
}
_HOLDING = ("held", "hold", "holding", "held_for", "hold_time", "holding_time", "duration", "trade_duration")
_SPANS = {
    "": 1.0,
    "_ms": 0.001,
    "_s": 1.0,
    "_sec": 1.0,
    "_secs": 1.0,
    "_seconds": 1.0,
    "_min": 60.0,
    "_minutes": 60.0,
    "_h": 3600.0,
    "_hours": 3600.0,
}
_HELD = {stem + ending: seconds for stem in _HOLDING for ending, seconds in _SPANS.items()}
"""Seconds in one of what a holding time counts, by its name; the first names first."""
_VERDICTS = ("passed", "approved", "ok", "allowed", "accepted", "rejected", "blocked")
_VERDICT_TEXTS = ("result", "decision", "verdict", "status", "outcome", "action")
_YES = frozenset({"true", "yes", "1", "pass", "passed", "ok", "approve", "approved", "allow", "allowed", "accepted"})
_NO = frozenset(
    {"false", "no", "0", "fail", "failed", "reject", "rejected", "deny", "denied", "block", "blocked", "veto"}
)


def facts_of(
    cls: EventClass, values: Mapping[str, Scalar], unread: str = "", *, only: Container[str] | None = None
) -> tuple[Fact, ...]:
    """An event's details in the order worth reading, or only those of some names.

    `unread` is metadata that could not be understood.
    """
    rest = {name.lower(): value for name, value in values.items()}
    judged = _verdict(rest) if cls is EventClass.RISK else _held(rest) if cls is EventClass.CLOSE else None
    found = []
    for step in _order(cls, tuple(rest)):
        if step.key is not None:
            if only is None or step.name in only:
                found.append(_told(step, rest[step.key]))
        elif judged is not None and only is None:
            found.append(judged)
    if unread and only is None:
        found.append(Fact("metadata", unread))
    return tuple(found)


def values_of(cls: EventClass, values: Mapping[str, Scalar], only: frozenset[str]) -> dict[str, float | str]:
    """The details of some names as `facts_of` tells them, without their units: a fifth of the time.

    `only` names none that a verdict or a holding time may be told by.
    """
    return {step.name: _value(step, values[key]) for step, key in _chosen(cls, tuple(values), only)}


@lru_cache(maxsize=1_024)
def _chosen(cls: EventClass, keys: tuple[str, ...], only: frozenset[str]) -> tuple[tuple[_Step, str], ...]:
    """The steps to some details, each with the name that the bot gives it."""
    own = {key.lower(): key for key in keys}
    steps = [(step, own[step.key]) for step in _order(cls, tuple(own)) if step.key is not None and step.name in only]
    # The first of a name counts.
    return tuple({step.name: (step, key) for step, key in reversed(steps)}.values())


class _Step(NamedTuple):
    """One detail of the events that bring the same values."""

    name: str
    key: str | None
    """Which of the values says it; None where more than its name decides that."""
    number: bool
    """Whether it is a number where it can be read as one."""
    kind: Kind
    """Of a number."""
    unit: Unit
    words: Kind
    """Of a text."""


@lru_cache(maxsize=1_024)
def _order(cls: EventClass, keys: tuple[str, ...]) -> tuple[_Step, ...]:
    """The order of the details that values of these names tell: worked out once for all events that are alike."""
    rest = dict.fromkeys(keys)
    first, last = ([step for name in names if (step := _taken(name, rest))] for names in (_ORDER.get(cls, ()), _LAST))
    return (*first, *(_step(key, key) for key in rest), *last)


def _taken(name: str, rest: dict[str, None]) -> _Step | None:
    """Take a wanted detail out of the rest, whatever the bot calls it."""
    if name in {"held", "result"}:
        return _Step(name, None, False, Kind.TEXT, Unit.NONE, Kind.TEXT)
    for key in _ALIASES.get(name, (name,)):
        if key in rest:
            del rest[key]
            return _step(name, key)
    return None


def _step(name: str, key: str) -> _Step:
    kind, unit = _meaning(name, key)
    words = kind if kind in {Kind.ID, Kind.HOST} else Kind.TEXT
    return _Step(name, key, name not in _TEXTS and kind not in {Kind.TEXT, Kind.ID, Kind.HOST}, kind, unit, words)


def _told(step: _Step, value: Scalar) -> Fact:
    found = _value(step, value)
    return (
        Fact(step.name, found, step.words) if isinstance(found, str) else Fact(step.name, found, step.kind, step.unit)
    )


def _value(step: _Step, value: Scalar) -> float | str:
    number = _number(value) if step.number else None
    if number is not None:
        return number
    return str(value).lower() if isinstance(value, bool) else str(value)


def _held(rest: dict[str, Scalar]) -> Fact | None:
    """How long a position was held; that value is no other detail then."""
    for key in filter(rest.__contains__, _HELD):
        number = _number(rest[key])
        if number is not None:
            del rest[key]
            return Fact("held", number * _HELD[key], Kind.DURATION, Unit.SECONDS)
    return None


def _verdict(rest: dict[str, Scalar]) -> Fact | None:
    """Passed or rejected: from a flag such as `passed`, or a text such as `decision`; no other detail then."""
    for key in filter(rest.__contains__, (*_VERDICTS, *_VERDICT_TEXTS)):
        said = str(rest[key]).strip().lower()
        if said in _YES or said in _NO:
            del rest[key]
            passed = (said in _YES) is (key not in {"rejected", "blocked"})
            return Fact("result", "passed" if passed else "rejected")
    return None


_TEXTS = frozenset({"side", "reason", "message", "status", "endpoint", "mode", "result"})
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def _number(value: Scalar | None) -> float | None:
    """A finite number, also one written as text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str) and (len(value) > 40 or not _PLAIN.fullmatch(value.strip())):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


_MEANINGS: tuple[tuple[re.Pattern[str], Kind, Unit], ...] = tuple(
    (re.compile(pattern), kind, unit)
    for pattern, kind, unit in (
        (r"(?:^|_)(?:id|tx|txid|hash|signature|wallet|address|mint|account_id|key|token)$|_ids?$", Kind.ID, Unit.NONE),
        (r"(?:^|_)(?:host|url|rpc|node|server|ip)$", Kind.HOST, Unit.NONE),
        (r"_pct$|_percent$|_percentage$|^percent$", Kind.PERCENT, Unit.PERCENT),
        (r"_ms$|_millis$", Kind.DURATION, Unit.MILLISECONDS),
        (r"_s$|_sec$|_secs$|_seconds$", Kind.DURATION, Unit.SECONDS),
        (r"usd|pnl|profit|loss|^fees?$|^cost$|equity|balance|notional|account_value", Kind.MONEY, Unit.USD),
        (r"price|^entry$|^exit$|^stop|^take_profit|^tp$|^sl$", Kind.MONEY, Unit.NONE),
        (r"size|qty|quantity|amount|volume", Kind.QUANTITY, Unit.NONE),
    )
)


@lru_cache(maxsize=1_024)
def _meaning(name: str, key: str) -> tuple[Kind, Unit]:
    for pattern, kind, unit in _MEANINGS:
        if pattern.search(key) or (key != name and pattern.search(name)):
            return kind, unit
    return Kind.COUNT, Unit.SHORT


def fact(name: str, value: Scalar) -> Fact:
    """A detail under its own name, its unit and kind told by that name."""
    return _told(_step(name, name), value)


def number_in(event: BotEvent, name: str) -> float | None:
    """A number among an event's details."""
    return next((f.value for f in event.facts if f.name == name and isinstance(f.value, float)), None)


def text_in(event: BotEvent, name: str) -> str:
    """A text among an event's details; "" where there is none."""
    return next((f.value for f in event.facts if f.name == name and isinstance(f.value, str)), "")
