"""Aging: a frame that is looked at later than it was made shows older data, never fresher."""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.frame import BotFrame, Frame
from tradetop.model.target import STALE_AFTER


def aged(frame: Frame, now: int) -> Frame:
    """The frame as it looks at `now` (ms): the clock has moved on, and the ages of live data with it."""
    passed = max(0, now - frame.now)
    if frame.view.at is not None:
        return replace(frame, now=now)
    return replace(frame, now=now, bots=tuple(_older(bot, passed) for bot in frame.bots))


def _older(bot: BotFrame, passed: int) -> BotFrame:
    if bot.age is None or passed == 0:
        return bot
    age = bot.age + passed
    return replace(bot, age=age, stale=bot.stale or age > STALE_AFTER * bot.interval)
