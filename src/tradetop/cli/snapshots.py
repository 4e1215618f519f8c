"""`tradetop snapshot`: one picture of the overview, for pipes, cron and other programs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tradetop.cli import started
from tradetop.cli.bots import Bots
from tradetop.cli.live import run
from tradetop.cli.options import Picture, ScreenOptions, TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import Wiring, wire
from tradetop.cli.zone import Zone
from tradetop.model.address import is_server
from tradetop.model.clock import SECOND
from tradetop.model.frame import Frame
from tradetop.model.view import AUTO, View
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.recorder.watch import Watch
from tradetop.viewer.viewer import Viewer

if TYPE_CHECKING:
    from tradetop.theme import Theme

FINE, DOWN = 0, 3
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
LOOK = 0.05
"""Seconds between two looks at whether everything has answered."""
PATIENCE = 3
"""Seconds beyond a target's timeout that the first answers may take."""


def snapshot(said: TargetOptions, of: Picture, output: Path | None, wait: int | None) -> int:
    """Watch until every target has answered once, or for `wait` ms, and print the picture. The exit code."""
    wiring = wire(said)
    said_of = wiring.screen(ScreenOptions(theme=of.theme))
    of = replace(of, theme=said_of.theme, local=said_of.local)
    if of.form in ("svg", "png"):
        theme_of(of.theme)
    if of.form == "png":
        dots(BLANK)
        if output is None and os.isatty(1):
            raise Refusal("PNG is nothing for a terminal: name a file with -o")
    for line in (*wiring.notices, *wiring.remarks, *wiring.rule_problems()):
        click.echo(f"tradetop: {line}", err=True)
    frame = taken(wiring, of.size[0], wait)
    content = drawn(frame, of)
    if output is None:
        put(content)
    else:
        try:
            output.write_bytes(content)
        except OSError as error:
            raise Refusal(f"{output}: {error.strerror}: choose another file with -o") from None
    return exit_code(frame)


def put(content: bytes) -> None:
    """Write to standard output; Refusal where it takes nothing more, such as a full disk."""
    try:
        click.echo(content, nl=False)
    except BrokenPipeError:
        # Who reads has seen enough, which is nobody's fault.
        raise
    except OSError as error:
        # What is still waiting to be written would only fail again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Refusal(f"standard output: {error.strerror}: write elsewhere with -o") from None


def exit_code(frame: Frame) -> int:
    """3 where a bot is down, else 0."""
    return DOWN if any(bot.up is False for bot in frame.bots) else FINE


def taken(wiring: Wiring, width: int, wait: int | None = None) -> Frame:
    """The frame of the wiring's targets after their first answers."""
    started()
    return asyncio.run(_taken(wiring, View(span=AUTO, points=max(40, width)), wait))


async def _taken(wiring: Wiring, view: View, wait: int | None) -> Frame:
    watches = replace(wiring, rings=False).watches()

    frames: list[Frame] = []

    async def until() -> None:
        if wait is not None:
            await asyncio.sleep(wait / SECOND)
        await answered(watches)
        now, notebook = wiring.clock.now(), wiring.notebook()
        notebook.follow(now)
        ahead = max((watch.ahead for watch in watches), default=0)
        frame = Viewer(Bots(watches, notebook)).frame(view, now + ahead)
        frames.append(replace(frame, notices=(*frame.notices, *filter(None, [notebook.notice(now)]))))
        notebook.close()

    await run(watches, until)
    return frames[0]


async def answered(watches: Sequence[Watch]) -> None:
    """Wait until every target has answered once, or has had the time to."""
    patience = max((w.record.target.timeout for w in watches), default=0) / SECOND + PATIENCE
    waited = 0.0
    while waited < patience and not all(map(_has_answered, watches)):
        await asyncio.sleep(LOOK)
        waited += LOOK


def _has_answered(watch: Watch) -> bool:
    record = watch.record
    status, target = record.status, record.target
    # What a server has takes several answers, and none of them is there of a bot's health.
    whole = record.followed and record.foreign is not None
    probed = whole if is_server(target.url) else bool(status.healths)
    scraped = not target.url or (status.tried_at is not None and probed)
    told = not target.database or record.told or bool(status.database_reason)
    return scraped and told


def drawn(frame: Frame, of: Picture) -> bytes:
    """The overview as text, SVG, PNG or JSON; Refusal where there can be no PNG."""
    from tradetop.panes.export import as_json, as_text

    if of.redact:
        from tradetop.redact import redact

        frame = redact(frame)
    if of.form == "json":
        return as_json(frame).encode()
    if of.form in ("svg", "png"):
        picture = _picture(frame, of)
        return dots(picture) if of.form == "png" else picture.encode()
    # The text goes where standard output goes, or into a file that anybody may open.
    encoding = sys.stdout.encoding or "ascii"
    glyphs = Glyphs.BRAILLE if encoding.lower().startswith("utf") else Glyphs.ASCII
    look = replace(_look(frame, of), glyphs=glyphs, mono=True)
    return as_text(screen(frame, look, *of.size), *of.size).encode(encoding, errors="replace")


def _look(frame: Frame, of: Picture) -> Look:
    offset, zone = Zone(of.local).at(frame.now)
    shown = ScreenName.OVERVIEW if frame.subject is not None else ScreenName.FLEET
    return Look(screen=shown, offset=offset, zone=zone, redacted=of.redact)


def _picture(frame: Frame, of: Picture) -> str:
    from tradetop.panes.export import as_svg

    chosen = theme_of(of.theme)
    boxes = screen(frame, replace(_look(frame, of), ticks=chosen.ansi), *of.size)
    title = frame.subject.name if frame.subject is not None else "all bots"
    return as_svg(boxes, *of.size, chosen, f"tradetop · {title}")


def dots(picture: str) -> bytes:
    """An SVG as PNG; Refusal where this machine cannot."""
    from tradetop.panes.png import NoPictureError, as_png

    try:
        return as_png(picture)
    except NoPictureError as error:
        raise Refusal(str(error)) from None


def theme_of(name: str | None) -> Theme:
    """The theme of this name; Refusal where there is none, or its file is wrong."""
    from tradetop.cli.themes import theme_folder
    from tradetop.document import DocumentError
    from tradetop.theme import DEFAULT_THEME, load

    try:
        return load(name or DEFAULT_THEME, theme_folder())
    except DocumentError as error:
        raise Refusal(str(error)) from None
