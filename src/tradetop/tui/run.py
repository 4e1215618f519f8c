"""Running the app: signals, standard error, and a terminal that is given back whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from tradetop.model.text import clean
from tradetop.tui.app import TradetopApp
from tradetop.tui.splash import Splash, unfit
from tradetop.tui.stderr import open_log, stderr_to

SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
AGAIN = 0.05
"""Seconds after which an app that was asked to end is asked again."""
FINE, FAULT, USAGE = 0, 1, 2
"""Exit codes: asked to end, or the terminal is gone; a fault of ours; no terminal that could show anything."""


def run(app: TradetopApp, *, mouse: bool = True, log: Path | None = None, splash: Splash | None = None) -> int:
    """Show the app until it is asked to end, and say with which code the program should exit.

    A `splash` that is on the screen is taken over, so that nothing flickers.

    While the screen runs, standard error goes to `log` (made readable for the user alone), else nowhere.
    """
    problem = unfit(os.environ.get("TERM", ""), os.isatty(0) and os.isatty(1))
    if problem:
        sys.stderr.write(f"tradetop: {problem}\n")
        return USAGE
    asked: list[int] = []
    for number in SIGNALS:
        # Until the event loop takes signals, one must neither be lost nor end us with the terminal half taken over.
        signal.signal(number, lambda number, _: asked.append(number))
    if splash is not None:
        splash.hand_over()
        app.entered = True
    with stderr_to(log):
        asyncio.run(_show(app, mouse, asked))
    if app.fault is None:
        return FINE
    sys.stderr.write(_last_words(app.fault, log))
    return FAULT


def report(fault: BaseException) -> str:
    """The fault with its stack, without the values of any variable."""
    lines = "".join(traceback.format_exception(fault)).splitlines()
    return "\n".join(clean(line) for line in lines) + "\n"


async def _show(app: TradetopApp, mouse: bool, asked: Sequence[int]) -> None:
    """Run the app; it ends where it is told to, or by a signal, be it one that was there before (`asked`)."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in SIGNALS:
        loop.add_signal_handler(number, told.set)
    if asked:
        told.set()
    ending = asyncio.create_task(_end(app, told))
    try:
        await app.run_async(mouse=mouse)
    finally:
        ending.cancel()


async def _end(app: TradetopApp, told: asyncio.Event) -> None:
    """Ask the app to end, and again: what it is asked while it starts it may not hear."""
    await told.wait()
    while True:
        app.exit()
        await asyncio.sleep(AGAIN)


def _last_words(fault: BaseException, log: Path | None) -> str:
    """What the restored terminal says of a fault; the whole report goes to the log, if there is one."""
    whole = report(fault)
    told = f"tradetop: stopped by a fault of its own: {clean(f'{type(fault).__name__}: {fault}', 200)}\n"
    if log is None:
        return whole + told
    try:
        with os.fdopen(open_log(log), "w", encoding="utf-8") as file:
            file.write(whole)
    except OSError as error:
        return f"{whole}{told}tradetop: the report could not be written to {log}: {error.strerror}\n"
    return f"{told}tradetop: the report, without the values of variables, is in {log}\n"
