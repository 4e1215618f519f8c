"""Events: their facts by kind and name, their JSON field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tradetop.model.bot_event import BotEvent, EventClass, Fact
from tradetop.model.hidden import HIDDEN
from tradetop.model.unit import Kind
from tradetop.redact.names import SECRET, kind_of_label
from tradetop.redact.panels import number
from tradetop.redact.words import named, said

_JUDGED = frozenset(["value", "limit", "condition", "summary"])
"""Facts of an alert in its rule's unit."""
_OURS = _JUDGED | {"alert", "state", "change"}
"""Facts of an alert that we ourselves wrote."""
_OF_ALERTS = frozenset([EventClass.ALERT, EventClass.ONCALL])
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)')


def event(of: BotEvent, bot: Callable[[str], str], visible: Callable[[str], bool]) -> BotEvent:
    """One event; `bot` hides a bot's name where it is an address, `visible` knows the alerts whose values may be told.

    Its id stays, as the key by which the screen finds it: it is never drawn. Its repeats are events of their own.
    """
    alert = next((str(f.value) for f in of.facts if f.name == "alert"), "")
    judged = of.cls is EventClass.ALERT and not visible(alert)
    return replace(
        of,
        bot=bot(of.bot),
        type=named(of.type),
        pair=named(of.pair),
        strategy=named(of.strategy),
        category=named(of.category),
        facts=tuple(_fact(f, judged=judged and f.name in _JUDGED, alert=of.cls in _OF_ALERTS) for f in of.facts),
        written=raw(of.raw),
        repeats=(),
    )


def _fact(fact: Fact, *, judged: bool, alert: bool) -> Fact:
    ours = alert and fact.name in _OURS
    known = fact.kind if fact.kind in SECRET else Kind.TEXT if ours else kind_of_label(fact.name)
    secret = judged or known in SECRET
    if isinstance(fact.value, str):
        if known in (Kind.ID, Kind.HOST):
            return replace(fact, value=HIDDEN)
        return replace(fact, value=named(fact.value) if ours and not judged else said(fact.value))
    keeps = fact.kind in (Kind.PERCENT, Kind.DURATION) and not judged
    value = number(fact.value) if secret and not keeps else fact.value
    assert value is not None
    return replace(fact, value=value)


def raw(text: str) -> str:
    """An event's JSON; what was cut is treated pair by pair."""
    if not text:
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return said(_PAIR.sub(_pair, text))
    return json.dumps(_value("", value), ensure_ascii=False)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _value(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(name, item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if kind_of_label(name) in SECRET:
        return HIDDEN
    if isinstance(value, str):
        return _text(name, value)
    return value


def _key(key: str) -> str:
    hidden = said(key)
    return key if hidden == key or re.fullmatch(r"[A-Za-z_]\w{0,40}", key) else hidden


def _text(name: str, value: str) -> str:
    """A text; JSON inside it is treated like the rest."""
    if value[:1] in "{[":
        return raw(value)
    return (
        named(value) if name in ("time", "timestamp", "created_at", "ts", "pair", "symbol", "strategy") else said(value)
    )


def _pair(match: re.Match[str]) -> str:
    return f'"{match[1]}": "{HIDDEN}"' if kind_of_label(match[1]) in SECRET else match[0]
