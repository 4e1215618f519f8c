"""Values of the config that have a form of their own: moments, ports, modes, choices, keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from tradetop.config.keystroke import Keystroke, keystroke_at
from tradetop.document import Parse, ParseAt, duration, nearest, size
from tradetop.document.scalar import whole
from tradetop.model.clock import HOUR, SECOND
from tradetop.model.target import Mode

LEAST_SIZE = 2**20
"""Bytes; a smaller history would keep less than a day of a small bot."""


def moment(text: str) -> int:
    """Milliseconds since the epoch of an ISO 8601 time; UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write 2026-11-20T09:00") from None
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * SECOND)


def port(text: str) -> int:
    """A TCP port."""
    number = whole(text)
    if not 0 < number < 65_536:
        raise ValueError(f"{text} is not a port; they go from 1 to 65535")
    return number


def period(text: str) -> int:
    """Milliseconds of a duration from a second to an hour."""
    found = duration(text)
    if not SECOND <= found <= HOUR:
        raise ValueError(f"{text} is not between 1s and 1h")
    return found


def retention(text: str) -> int:
    """Milliseconds of a duration of an hour at least: what is forgotten sooner was never a history."""
    found = duration(text)
    if found < HOUR:
        raise ValueError(f"{text} is less than 1h")
    return found


def history_size(text: str) -> int:
    """Bytes of a size of a MiB at least."""
    found = size(text)
    if found < LEAST_SIZE:
        raise ValueError(f"{text} is less than 1MiB")
    return found


def mode(text: str) -> Mode:
    """LIVE or PAPER, in any case."""
    known = {Mode.LIVE.value: Mode.LIVE, Mode.PAPER.value: Mode.PAPER}
    if text.upper() not in known:
        raise ValueError(f"{text!r} is neither live nor paper")
    return known[text.upper()]


def one_of(*words: str) -> Callable[[str], str]:
    """One of a few words."""

    def choose(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is not known; {nearest(text, words)}")
        return text

    return choose


Moment = Annotated[int, Parse(moment)]
Port = Annotated[int, Parse(port)]
Period = Annotated[int, Parse(period)]
Retention = Annotated[int, Parse(retention)]
HistorySize = Annotated[int, Parse(history_size)]
ModeName = Annotated[Mode, Parse(mode)]
GlyphSet = Annotated[str, Parse(one_of("auto", "braille", "block", "ascii"))]
ColorDepth = Annotated[str, Parse(one_of("auto", "truecolor", "256", "16", "none"))]
KeyName = Annotated[Keystroke, ParseAt(keystroke_at)]
