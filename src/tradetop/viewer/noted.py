"""What a person wrote onto the time axis, as parts of a frame."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.mark import Mark


@lru_cache(maxsize=4_096)
def event_of(mark: Mark, bot: str = "") -> BotEvent:
    """A mark as an event of the feed; `bot` is "" where it is on everybody's axis."""
    return BotEvent(
        id=mark.id,
        t=mark.t,
        bot=bot,
        type="mark",
        cls=EventClass.MARK,
        source=EventSource.PERSON,
        facts=(Fact("text", mark.text),),
        written=json.dumps({"mark": mark.text, "t": mark.t, "bot": bot or "all"}, ensure_ascii=False),
    )


def known(marks: Iterable[Mark], at: int) -> tuple[Mark, ...]:
    """The marks that there were at `at` (ms)."""
    return tuple(mark for mark in marks if mark.t <= at)


def deployment(marks: Iterable[Mark], at: int) -> Mark | None:
    """The latest deployment up to `at` (ms) that somebody marked."""
    return max((m for m in marks if m.is_deployment and m.t <= at), key=lambda m: m.t, default=None)


def in_window(marks: Sequence[Mark], at: int, span: int) -> tuple[Mark, ...]:
    """The marks of a window that ends at `at` (ms), and the latest deployment however long ago."""
    latest = deployment(marks, at)
    return tuple(mark for mark in marks if at - span <= mark.t <= at or mark is latest)
