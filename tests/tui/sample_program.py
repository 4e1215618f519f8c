"""A program that shows the screen over a fake source; the first argument says what goes wrong in it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from tradetop.model.frame import Frame
from tradetop.panes.look import Look
from tradetop.panes.row import Box, Span
from tradetop.theme import Depth, load
from tradetop.tui.abilities import abilities
from tradetop.tui.app import TradetopApp
from tradetop.tui.differ import Differ
from tradetop.tui.driver import DiffDriver
from tradetop.tui.run import run
from tradetop.tui.splash import Splash
from tradetop.tui.terminal import TerminalDriver
from tui.fakes import FakeSource, plain_draw, plain_frame

SECRET = "hunter2-the-token"
DIFFER = Differ(Depth.INDEXED, abilities(os.environ.get("TERM", "")))
DRIVERS = {"diff": partial(DiffDriver, differ=DIFFER), "stock": partial(TerminalDriver, depth=Depth.INDEXED)}


def crashing(frame: Frame | None, look: Look, width: int, height: int) -> tuple[Box, ...]:
    token = os.environ.get("SAMPLE_TOKEN", SECRET)
    if look.screen.value == "help":
        raise ValueError(f"cannot draw {len(token)} things")
    return plain_draw(frame, look, width, height)


def hostile(frame: Frame | None, look: Look, width: int, height: int) -> tuple[Box, ...]:
    attack = "\x1b]52;c;cHduZWQ=\x07 \x1b[3J \x9b31m \r\n owned"
    row = (Span(attack + " " * (width - 30)),)
    return (*plain_draw(frame, look, width, height - 1), Box("attack", 0, height - 1, width, 1, (row,)))


def noisy(frame: Frame | None, look: Look, width: int, height: int) -> tuple[Box, ...]:
    os.write(2, b"a library complains\n")
    return plain_draw(frame, look, width, height)


def flood(frame: Frame | None, look: Look, width: int, height: int) -> tuple[Box, ...]:
    """Every cell differs from one drawing to the next."""
    head, screen, notice, *rest = plain_draw(frame, look, width, height)[0].rows
    salt = time.monotonic_ns()
    rows = (
        tuple(span._replace(text=f"{span.text[:6]} {salt + y}".ljust(width, str(y % 10))) for span in row)
        for y, row in enumerate(rest)
    )
    return (Box("all", 0, 0, width, height, (head, screen, notice, *rows)),)


class Signalled(TradetopApp):
    """Is told to end at the worst moment: it has taken over the first picture and does not run yet."""

    async def run_async(self, **options: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
        await super().run_async(**options)


DRAWINGS = {
    "flood": flood,
    "splash": plain_draw,
    "splash-slow": plain_draw,
    "splash-broken": plain_draw,
    "splash-signalled": plain_draw,
    "plain": plain_draw,
    "crash": crashing,
    "hostile": hostile,
    "noisy": noisy,
}


def with_splash(kind: str, app: TradetopApp) -> int:
    with Splash(load("midnight"), DIFFER, Look(), plain_draw) as splash:
        if kind == "splash-broken":
            raise SystemExit(2)
        if kind == "splash-slow":
            signal.pause()
        return run(app, splash=splash)


def main() -> int:
    kind, log = sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None
    source = FakeSource(plain_frame(time.time_ns() // 1_000_000))
    made = Signalled if kind == "splash-signalled" else TradetopApp
    app = made(source, load("midnight"), draw=DRAWINGS[kind], driver=DRIVERS[os.environ.get("SAMPLE_DRIVER", "diff")])
    if kind.startswith("splash"):
        return with_splash(kind, app)
    code = run(app, log=log)
    if kind == "hostile":
        os.write(1, f"hits {app.canvas.hits} code {code}\n".encode())
    return code


if __name__ == "__main__":
    sys.exit(main())
