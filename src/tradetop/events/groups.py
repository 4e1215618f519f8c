"""Errors that are alike, told as one with a count."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from tradetop.events.facts import text_in
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.frame import ErrorGroup

_STATUS = re.compile(r"(?:^|http[ /]?|status(?: code)?[ :=]*|code[ :=]*|error[ :=]*)([45]\d\d)\b", re.IGNORECASE)
_CHANGING = re.compile(
    r"\b0x[0-9a-f]+\b"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?=[a-z]*\d)[0-9a-z]{20,}\b"
    r"|[-+]?\d[\d.,:]*(?:e[-+]?\d+)?(?:ms|s|m|h|%)?",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def error_groups(events: Iterable[BotEvent], *, since: int, until: int, limit: int = 50) -> tuple[ErrorGroup, ...]:
    """The errors with `since < t <= until` (ms) in groups, the newest first and of those the most frequent."""
    found: dict[tuple[str, str], ErrorGroup] = {}
    for event in events:
        if event.cls is not EventClass.ERROR or not since < event.t <= until:
            continue
        text, count = message_of(event), _count(event)
        key = (event.category, essence(text))
        old = found.get(key)
        if old is None:
            found[key] = ErrorGroup(event.category, text, count, event.t, event.level, event)
            continue
        newest = event.t >= old.last
        found[key] = ErrorGroup(
            category=event.category,
            text=text if newest else old.text,
            count=old.count + count,
            last=max(old.last, event.t),
            level=max(old.level, event.level),
            newest=event if newest else old.newest,
        )
    return tuple(sorted(found.values(), key=lambda group: (-group.last, -group.count, group.text))[:limit])


def message_of(event: BotEvent) -> str:
    """What an error says, in one line."""
    return text_in(event, "message") or text_in(event, "reason") or text_in(event, "metadata") or event.type


@lru_cache(maxsize=2_048)
def essence(text: str) -> str:
    """A message without what differs from one occurrence to the next: numbers, ids and addresses; a status stays."""
    status = _STATUS.search(text)
    words = _SPACE.sub(" ", _CHANGING.sub("#", text[:400])).strip().lower()
    return f"{status[1]} {words}" if status else words


def _count(event: BotEvent) -> int:
    """A derived event may stand for several."""
    count = next((fact.value for fact in event.facts if fact.name == "count"), 1)
    return max(1, round(count)) if isinstance(count, float) else 1
