"""The inbox: frames arrive from the engine's thread, and only the newest is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message import Message

from tradetop.model.frame import Frame


class FrameArrived(Message):
    """The engine has published; of several such messages one is enough."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, FrameArrived)


class Inbox:
    """One place for the newest frame; putting one in never waits for the screen."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        """Make it where the loop runs; `post` puts a message into the app's queue there."""
        self._loop = asyncio.get_running_loop()
        self._post = post
        self.newest: Frame | None = None

    def receive(self, frame: Frame) -> None:
        """Called from the engine's thread."""
        self.newest = frame
        try:
            self._loop.call_soon_threadsafe(self._arrived)
        except RuntimeError:
            return  # The loop has ended: nobody looks any more.

    def _arrived(self) -> None:
        self._post(FrameArrived())


def urgent(frame: Frame | None) -> tuple[object, ...]:
    """What is shown at once when it changes: bots that come and go, and their alerts."""
    return () if frame is None else tuple((bot.name, bot.up, bot.firing, bot.critical, bot.quiet) for bot in frame.bots)


def has_news(frame: Frame | None, new: Frame | None) -> bool:
    """Whether the newest event of a feed is another one."""
    if frame is None or new is None:
        return False
    return [event.id for event in frame.feed.events[-1:]] != [event.id for event in new.feed.events[-1:]]
