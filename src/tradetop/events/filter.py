"""The feed's filter: which events a person wants to see."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.text import clean
from tradetop.regex import RegexError, finder

LONGEST = 1_000
"""Characters that a filter may have."""
INVERSE = "!"
"""Before a pattern: what must not match."""

_NO_LETTERS = re.compile(r"\\(?:[pP]\{\^?\w+\}|.)|\(\?P?<\w+>", re.ASCII | re.DOTALL)
"""Parts of a pattern whose capitals stand for no letter."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What was typed, and what it means."""

    text: str = ""
    found: Callable[[str], bool] | None = None
    """Whether the pattern matches anywhere in a text; None lets everything pass."""
    inverse: bool = False
    problem: str = ""
    """Why it means nothing; one line for people."""

    def accepts(self, event: BotEvent) -> bool:
        """Whether an event passes."""
        return self.found is None or self.found(searched(event)) is not self.inverse


NO_FILTER = Filter()


def parse(text: str) -> Filter:
    """The filter that a text means: an RE2 regular expression, or `!` and one that must not match.

    Capitals count only where it has some. What is no regular expression lets everything pass, and says why.
    """
    inverse = text.startswith(INVERSE)
    wanted = text.removeprefix(INVERSE)
    if not wanted.strip():
        return Filter(text)
    if len(wanted) > LONGEST:
        return Filter(text, problem=f"longer than {LONGEST:,} characters")
    capitals = any(map(str.isupper, _NO_LETTERS.sub("", wanted)))
    try:
        return Filter(text, finder(wanted, ignore_case=not capitals), inverse)
    except RegexError as error:
        return Filter(text, problem=clean(str(error), 200))


def searched(event: BotEvent) -> str:
    """What a filter looks at: kind, pair, strategy and facts as in the feed; then type, category, bot and JSON."""
    kind = event.type if event.cls is EventClass.OTHER else event.cls.value
    facts = " ".join(
        [f"{f.name} {f.value}" if isinstance(f.value, str) else f"{f.name} {f.value:g}" for f in event.facts]
    )
    told = (kind, event.pair, event.strategy, facts, event.type, event.category, event.bot, event.raw)
    return " ".join(filter(None, told))


class Sieve:
    """Filters a feed that goes on: an event that has been matched once is not matched again."""

    def __init__(self) -> None:
        self.filter = NO_FILTER
        self._known: dict[int, tuple[BotEvent, bool]] = {}

    def passed(self, text: str, events: Sequence[BotEvent]) -> Sequence[BotEvent]:
        """The events that the filter of this text lets pass, in their order."""
        if text != self.filter.text:
            self.filter, self._known = parse(text), {}
        if self.filter.found is None:
            return events
        known, accepts = self._known, self.filter.accepts
        # An event is told by its identity: comparing, or hashing, all that it says would cost as much as matching it.
        now = {id(event): known.get(id(event)) or (event, accepts(event)) for event in events}
        self._known = now
        return [event for event, passes in now.values() if passes]
