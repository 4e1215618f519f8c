"""The bell: a notification for the terminal itself, which rings and shows a line where it can; once for each."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.model.notified import Bell
from tradetop.model.text import clean

LENGTH = 200
"""Longest line that a terminal is asked to show, in characters."""


class Belfry:
    """Knows which bells have been heard; those from before the screen was there are."""

    def __init__(self, since: int) -> None:
        """`since` is when the screen began (ms)."""
        self._since = since
        self._heard: dict[str, str] = {}

    def new(self, frame: Frame) -> tuple[Bell, ...]:
        """The bells of a frame that nobody has heard, one for each bot at most."""
        found = []
        for bot in frame.bots:
            bell = bot.bell
            if bell is not None and bell.t >= self._since and self._heard.get(bot.name) != bell.id:
                self._heard[bot.name] = bell.id
                found.append(bell)
        return tuple(found)


def orders(bell: Bell) -> tuple[str, ...]:
    """What the terminal is sent, each as a write of its own: BEL, and OSC 9 with the line."""
    return "\x07", f"\x1b]9;{clean(bell.text, LENGTH)}\x07"
