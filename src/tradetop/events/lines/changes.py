"""Values that change from line to line: each new one is told once, whichever way the lines are read."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from tradetop.model.bot_event import BotEvent


class Seen(NamedTuple):
    """A value that a line tells."""

    which: Hashable
    """As what."""
    value: str
    event: BotEvent
    """What it is if the value before was another."""
    opens: bool
    """Whether no line is before this one."""


class Changes:
    """Tells a change from a value that was so before; a value of the very first line is none.

    Lines are read forwards from where one began, and backwards page by page: of a page's first value it is known only
    with the page before whether it was new.
    """

    def __init__(self) -> None:
        self._last: dict[Hashable, str] = {}
        self._first: dict[Hashable, Seen] = {}

    def forward(self, seen: Seen) -> bool:
        """Whether a value that a new line tells is another than before."""
        before, self._last[seen.which] = self._last.get(seen.which), seen.value
        return not seen.opens if before is None else seen.value != before

    def back(self, page: Sequence[Seen], *, whole: bool) -> Iterator[BotEvent]:
        """The changes that a page before all others shows; `whole` says that no line is before it."""
        known: dict[Hashable, str] = {}
        earliest: dict[Hashable, Seen] = {}
        for seen in page:
            if seen.which not in known:
                earliest[seen.which] = seen
            elif known[seen.which] != seen.value:
                yield seen.event
            known[seen.which] = seen.value
        for which in known.keys() & self._first.keys():
            later = self._first.pop(which)
            if known[which] != later.value:
                yield later.event
        for which, value in known.items():
            self._last.setdefault(which, value)
        self._first |= earliest
        if whole:
            yield from (seen.event for seen in self._first.values() if not seen.opens)
            self._first.clear()
