"""What the screen learns of notifications: the bell that rang, and receivers that cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bell:
    """A notification for the terminal itself: to ring (BEL) and to show (OSC 9) once for each id."""

    id: str
    t: int
    """When it rang (ms)."""
    text: str
    """One clean line."""


@dataclass(frozen=True, slots=True)
class SendFault:
    """A receiver that messages do not reach."""

    receiver: str
    word: str
    """What is wrong in a word: "401", "timeout", "refused"."""
    text: str
    """What is wrong and what to do; one line for people, without any secret."""
    since: int
    """When it began (ms)."""
    waiting: int
    """Messages that wait for it."""
