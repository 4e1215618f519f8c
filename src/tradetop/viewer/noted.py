"""What a person wrote onto the time axis, and did to alerts, as parts of a frame."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import SECOND
from tradetop.model.mark import Mark
from tradetop.model.silence import Silence, SilenceKind
from tradetop.model.target import Target, TargetStatus
from tradetop.model.unit import Kind, Unit


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


def events_of(silences: Iterable[Silence], bot: str) -> tuple[BotEvent, ...]:
    """What people did to a bot's alerts as events, oldest first; what was done to several at once is one of them."""
    found: list[BotEvent] = []
    for _, alike in groupby(silences, lambda each: (each.kind, each.made, each.planned, each.until, each.reason)):
        found += _done(tuple(alike), bot)
    return tuple(sorted(found, key=lambda event: event.t))


def _done(alike: Sequence[Silence], bot: str) -> Iterator[BotEvent]:
    """That alerts were silenced, and that this was taken back, or is over."""
    first = alike[0]
    snoozed = first.kind is SilenceKind.SNOOZE
    yield _attention(alike, bot, "snoozed" if snoozed else "acknowledged", first.made, first.id)
    if first.until is None:
        return
    if snoozed and first.until == _planned(first):
        change = "snooze over"
    else:
        change = "no longer snoozed" if snoozed else "no longer acknowledged"
    yield _attention(alike, bot, change, first.until, f"{first.id} end")


def _attention(alike: Sequence[Silence], bot: str, change: str, t: int, id: str) -> BotEvent:
    first = alike[0]
    end = _planned(first)
    facts = [Fact("change", change), Fact("alert", first.alert)]
    told = {
        "change": change,
        "alerts": [each.alert for each in alike],
        "labels": dict(first.labels),
        "bot": bot,
        "t": t,
    }
    if len(alike) > 1:
        facts.append(Fact("others", float(len(alike) - 1), Kind.COUNT, Unit.SHORT))
    if t == first.made and end is not None:
        facts.append(Fact("until", end / SECOND, Kind.DURATION, Unit.TIME))
        told["until"] = end
    if t == first.made and first.reason:
        facts.append(Fact("reason", first.reason))
        told["reason"] = first.reason
    raw = json.dumps(told, ensure_ascii=False)
    return BotEvent(id, t, bot, change, EventClass.ONCALL, EventSource.PERSON, facts=tuple(facts), written=raw)


def _planned(silence: Silence) -> int | None:
    """When a snooze was to end (ms), as far as that was written down."""
    if silence.kind is SilenceKind.ACK:
        return None
    return silence.until if silence.planned is None else silence.planned


def known(marks: Iterable[Mark], at: int) -> tuple[Mark, ...]:
    """The marks that there were at `at` (ms)."""
    return tuple(mark for mark in marks if mark.t <= at)


def deployment(marks: Iterable[Mark], at: int) -> Mark | None:
    """The latest deployment up to `at` (ms) that somebody marked."""
    return max((m for m in marks if m.is_deployment and m.t <= at), key=lambda m: m.t, default=None)


def deployed(target: Target, status: TargetStatus, marks: Iterable[Mark], at: int) -> int | None:
    """The latest deployment up to `at` (ms) that the user said, a version told or a mark says; None where none did."""
    marked = deployment(marks, at)
    told = (target.since, status.deployed_at, marked.t if marked else None)
    return max((t for t in told if t is not None and t <= at), default=None)


def in_window(marks: Sequence[Mark], at: int, span: int) -> tuple[Mark, ...]:
    """The marks of a window that ends at `at` (ms), and the latest deployment however long ago."""
    latest = deployment(marks, at)
    return tuple(mark for mark in marks if at - span <= mark.t <= at or mark is latest)
