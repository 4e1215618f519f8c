"""Lines to events, for every source of lines alike: by a mapping, counting what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tradetop.events.classify import category_of, level_of
from tradetop.events.facts import facts_of
from tradetop.events.lines import severity
from tradetop.events.lines.changes import Changes, Seen
from tradetop.events.lines.line import Line
from tradetop.events.lines.path import Place, first
from tradetop.events.lines.rule import Told, told
from tradetop.events.lines.taken import Taken, Taking
from tradetop.events.moment import milliseconds
from tradetop.events.row import AHEAD, BRIEF, RAW_LIMIT
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import Clock
from tradetop.model.level import Level
from tradetop.model.lines import Form
from tradetop.model.text import clean

MOST_EVENTS = 200
"""Most events of one line."""
_ROOM = 1_000_000
"""Numbers set aside for the events of one page that is read backwards."""


class Interpreter:
    """Makes events of lines, which it gets in the order in which they were written, or pages of them backwards."""

    def __init__(self, form: Form, mapping: str, clock: Clock) -> None:
        self.bots: dict[str, None] = {}
        """The bots that lines have named so far."""
        self._clock = clock
        self._taking = Taking(form, mapping, self.lost)
        self._changes = Changes()
        self._lines = 0
        self._next = 0
        self._before = 0
        self._bad = 0
        self._told_bad = 0
        self._last_bad = ""

    def check(self) -> None:
        """EventError where the mapping that was named is none."""
        self._taking.check()

    def forward(self, lines: Sequence[Line]) -> tuple[BotEvent, ...]:
        """The events of new lines, oldest first."""
        found: list[BotEvent] = []
        for _, events in self._events(lines, self._next):
            opens, self._lines = self._lines == 0, self._lines + 1
            for change, event in events:
                if change is None or self._changes.forward(Seen(*change, event, opens)):
                    found.append(event)
        self._next += len(lines) * MOST_EVENTS
        return tuple(found)

    def back(
        self, lines: Sequence[Line], *, whole: bool, brief: bool = True, written: int | None = None
    ) -> tuple[BotEvent, ...]:
        """The events of the page of lines before all those read so far; `whole` where no line is before it.

        `written` is when the last of them was at the latest (ms), for lines that do not say.
        """
        found: list[BotEvent] = []
        seen: list[Seen] = []
        self._before -= _ROOM
        last_bad = self._last_bad
        for line, events in self._events(lines, self._before, brief=brief, written=written):
            opens, self._lines = whole and line is lines[0], self._lines + 1
            for change, event in events:
                if change is None:
                    found.append(event)
                else:
                    seen.append(Seen(*change, event, opens))
        # What is read now was written before.
        self._last_bad = last_bad or self._last_bad
        found += self._changes.back(seen, whole=whole)
        return tuple(sorted(found, key=lambda event: event.sequence))

    def notice(self) -> str:
        """How many lines could not be read, if that is news."""
        if self._bad == self._told_bad:
            return ""
        self._told_bad = self._bad
        return f"{self._bad:,} {'line' if self._bad == 1 else 'lines'} could not be read, the last {self._last_bad}"

    def lost(self, where: str, why: str) -> None:
        """Count a line that cannot be read."""
        self._bad += 1
        self._last_bad = f"at {where}: {why}"

    def _events(
        self, lines: Sequence[Line], number: int, *, brief: bool = False, written: int | None = None
    ) -> Iterator[tuple[Line, list[tuple[tuple[object, str] | None, BotEvent]]]]:
        """Each line with its events, and with what must have changed for them to be some."""
        now = self._clock.now()
        before = now if written is None else min(now, written)
        for taken in self._taking.take(lines, now):
            said = milliseconds(_plainly(first(Place(taken.said.document), taken.mapping.time)))
            if said is None or said > now + AHEAD:
                t = before if taken.line.t is None else taken.line.t
            else:
                t = before = said
            events = []
            for i, one in enumerate(told(taken.said, taken.mapping)):
                if i == MOST_EVENTS:
                    self.lost(taken.line.id, f"more than {MOST_EVENTS} events in one line")
                    break
                self.bots[one.bot] = None
                event = event_of(one, taken, i, t=t, guessed=said != t, sequence=number, brief=brief)
                events.append((one.change, event))
                number += 1
            yield taken.line, events


def event_of(one: Told, taken: Taken, i: int, *, t: int, guessed: bool, sequence: int, brief: bool) -> BotEvent:
    """The event that a line tells, the `i`th of them; a brief one keeps only what counting needs."""
    values, is_error = one.values, one.cls is EventClass.ERROR
    category = category_of(one.type, values) if is_error else ""
    level = one.level
    if level is None:
        worst = Level.WARNING if one.severity == severity.ERROR and not is_error else severity.level_of(one.severity)
        level = max(level_of(one.cls, category, values), worst)
    facts: tuple[Fact, ...] = ()
    if not brief or one.cls in BRIEF:
        facts = facts_of(one.cls, values, only=BRIEF[one.cls] if brief else None)
    return BotEvent(
        id=taken.line.id if i == 0 else f"{taken.line.id} #{i + 1}",
        t=t,
        bot=one.bot,
        type=one.type,
        cls=one.cls,
        source=EventSource.LOG,
        pair=one.pair,
        strategy=one.strategy,
        category=category,
        level=level,
        facts=facts,
        written="" if brief else clean(taken.raw(RAW_LIMIT), RAW_LIMIT),
        guessed_time=guessed,
        sequence=sequence,
    )


def _plainly(said: str | int | float | bool | None) -> str | float | None:
    return None if isinstance(said, bool) else said
