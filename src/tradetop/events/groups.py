"""Errors that are alike, told as one with a count."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from tradetop.events.facts import text_in
from tradetop.events.log import moved_on
from tradetop.model.bot_event import BotEvent, EventSource
from tradetop.model.frame import ErrorGroup

_Key = tuple[str, str]
"""Of what category an error is, and what it says but for what changes."""

_STATUS = re.compile(r"(?:^|http[ /]?|status(?: code)?[ :=]*|code[ :=]*|error[ :=]*)([45]\d\d)\b", re.IGNORECASE)
_CHANGING = re.compile(
    r"\b0x[0-9a-f]+\b"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?=[a-z]*\d)[0-9a-z]{20,}\b"
    r"|[-+]?\d[\d.,:]*(?:e[-+]?\d+)?(?:ms|s|m|h|%)?",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


class ErrorGroups:
    """Groups the errors of a stretch of time that moves on; each of them is looked at once."""

    def __init__(self) -> None:
        self._errors: Sequence[BotEvent] = ()
        self._alike: dict[_Key, deque[BotEvent]] = {}
        self._groups: dict[_Key, ErrorGroup] = {}

    def of(self, errors: Sequence[BotEvent], limit: int = 50) -> tuple[ErrorGroup, ...]:
        """The groups of errors in the order of time, the newest first and of those the most frequent."""
        gone = moved_on(self._errors, errors)
        if gone is None:
            self._alike.clear()
            self._groups.clear()
        changed = {_key(error) for error in self._errors[: gone or 0]}
        for error in self._errors[: gone or 0]:
            self._alike[_key(error)].popleft()
        for error in errors if gone is None else errors[len(self._errors) - gone :]:
            changed.add(key := _key(error))
            self._alike.setdefault(key, deque()).append(error)
        self._errors = errors
        for key in changed:
            if self._alike[key]:
                self._groups[key] = _group(self._alike[key])
            else:
                del self._alike[key]
                self._groups.pop(key, None)
        return tuple(sorted(self._groups.values(), key=lambda group: (-group.last, -group.count, group.text))[:limit])


def _key(error: BotEvent) -> _Key:
    return error.category, essence(message_of(error))


def _group(alike: Sequence[BotEvent]) -> ErrorGroup:
    newest = alike[-1]
    return ErrorGroup(
        category=newest.category,
        text=message_of(newest),
        count=sum(map(_count, alike)),
        last=newest.t,
        level=max(error.level for error in alike),
        newest=newest,
    )


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
    if event.source is not EventSource.DERIVED:
        return 1
    count = next((fact.value for fact in event.facts if fact.name == "count"), 1)
    return max(1, round(count)) if isinstance(count, float) else 1
