"""`tradetop demo`: the sample bot, watched through the same path as any bot."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tradetop.cli.options import Picture, ScreenOptions, TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import wire
from tradetop.demo import SampleBotError, launch

MOMENTS = 4
"""Intervals that a snapshot watches, so that rates have something to stand on."""


def demo(
    screen: ScreenOptions, seed: int, interval: int, store: Path | None, form: str | None, size: tuple[int, int]
) -> int:
    """Start the sample bot and watch it; without a terminal, or with a format, print one snapshot. The exit code."""
    with ExitStack() as stack:
        try:
            bot = stack.enter_context(launch(seed=seed))
        except SampleBotError as error:
            raise Refusal(str(error)) from None
        directory = store or bot.home / "history"
        said = TargetOptions((bot.url, str(bot.database)), interval=interval, store=directory, name="sample-bot")
        wiring = replace(wire(said), rings=False)
        if form is None and os.isatty(0) and os.isatty(1):
            from tradetop.cli.watching import show

            return show(wiring, screen)
        from tradetop.cli.snapshots import drawn, exit_code, put, taken

        frame = taken(wiring, size[0], MOMENTS * interval)
        put(drawn(frame, Picture(form or "text", size, wiring.screen(screen).theme, screen.redact)))
        return exit_code(frame)
