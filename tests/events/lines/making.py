"""Lines and interpreters for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from events.hands import HandClock
from tradetop.events.lines.interpret import Interpreter
from tradetop.events.lines.line import Line
from tradetop.events.store import EventStore
from tradetop.model.bot_event import BotEvent
from tradetop.model.lines import Form


def interpreter(form: Form = Form.TEXT, mapping: str = "", clock: HandClock | None = None) -> Interpreter:
    """An interpreter whose clock stands still."""
    return Interpreter(form, mapping, clock or HandClock())


def lines(*texts: str | bytes) -> list[Line]:
    """Lines by their number."""
    raw = [text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape") for text in texts]
    return [Line(text, f"line {i}") for i, text in enumerate(raw, 1)]


def messages(events: Sequence[BotEvent]) -> list[str]:
    """What events say."""
    return [said(event, "message") for event in events]


def said(event: BotEvent, name: str) -> str:
    """One fact of an event; "" where it has none of that name."""
    return next((str(fact.value) for fact in event.facts if fact.name == name), "")


async def whole_past(store: EventStore) -> list[BotEvent]:
    """All events that a store holds, oldest first."""
    found = list(await store.newest())
    while page := await store.older():
        found[:0] = page
    return found


async def all_new(store: EventStore) -> list[BotEvent]:
    """What a store has that is new, however many reads that takes."""
    found = list(await store.read_new())
    while store.behind:
        found += await store.read_new()
    return found


async def until_new(store: EventStore) -> list[BotEvent]:
    """As `all_new`, once another process has written something."""
    async with asyncio.timeout(30):
        while not (found := await all_new(store)):
            await asyncio.sleep(0)
    return found
