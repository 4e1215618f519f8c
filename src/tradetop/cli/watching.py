"""`tradetop [TARGET]...`: the screen."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tradetop.cli.options import Picture, ScreenOptions, TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import Wiring, wire
from tradetop.model.clock import SECOND, SystemClock

if TYPE_CHECKING:
    from tradetop.ask.answer import Reply
    from tradetop.cli.asker import Asker
    from tradetop.panes.look import Glyphs, Look
    from tradetop.theme import Depth, Theme

SLOW_TICK = 5 * SECOND
"""Time between two drawings for a slow link (ms)."""

SAME = 100
"""Screenshots of one second that have room beside each other."""


def watch(said: TargetOptions, screen: ScreenOptions) -> int:
    """Watch until the user quits; without a terminal print one snapshot. The exit code."""
    if not (os.isatty(0) and os.isatty(1)):
        from tradetop.cli.snapshots import snapshot

        return snapshot(said, Picture(redact=screen.redact), None, None)
    return show(wire(said), screen)


def show(wiring: Wiring, said: ScreenOptions) -> int:
    """Show the screen on the wiring's targets; a first picture stands before anything heavy is loaded."""
    from tradetop.cli.live import Live
    from tradetop.cli.themes import chosen, theme_folder
    from tradetop.model.view import AUTO, View
    from tradetop.theme import Themes
    from tradetop.tui.abilities import abilities
    from tradetop.tui.differ import Differ
    from tradetop.tui.splash import Splash, unfit
    from tradetop.tui.stderr import stderr_to

    problem = unfit(os.environ.get("TERM", ""), is_terminal=True)
    if problem:
        raise Refusal(problem)
    said = wiring.screen(said)
    depth = _depth(said)
    themes = Themes(depth, theme_folder())
    theme, notice = chosen(themes, said.theme, depth)
    look, view = _look(said, theme, depth, notice), View(span=AUTO)
    keys = wiring.settings.keymap
    notices = (*wiring.notices, *(keys.warnings if keys else ()))
    for line in wiring.remarks:
        click.echo(f"tradetop: {line}", err=True)
    live = Live(
        partial(wiring.watches, look.offset),
        wiring.clock,
        notices,
        wiring.notebook(),
        wiring.scrapers,
        wiring.rules,
        wiring.scout(),
    )
    log = wiring.directory / "tradetop.log"
    differ = Differ(depth, abilities(os.environ.get("TERM", "")))
    with Splash(theme, differ, look) as splash, contextlib.ExitStack() as early:
        early.enter_context(stderr_to(log))
        live.look(view)
        live.start()
        try:
            splash.show(live.first())
            from tradetop.tui.app import TradetopApp
            from tradetop.tui.driver import DiffDriver
            from tradetop.tui.keymap import DEFAULT
            from tradetop.tui.run import run
            from tradetop.tui.terminal import TerminalDriver

            stock = said.driver == "stock"
            app = TradetopApp(
                live,
                theme,
                look=look,
                view=view,
                clock=wiring.clock,
                save=save,
                tick=SLOW_TICK if said.slow else SECOND,
                depth=depth,
                driver=partial(TerminalDriver, depth=depth) if stock else partial(DiffDriver, differ=differ),
                keymap=keys or DEFAULT,
                themes=themes,
                notebook=live,
                reload=live.reload,
                asker=_Asker(wiring),
            )
            early.close()
            return run(app, mouse=said.mouse, log=log, splash=splash)
        finally:
            live.stop()


class _Asker:
    """Answers questions; what that needs is loaded with the first one."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    async def __call__(self, bot: str, question: str, sql: str, local: bool, watch: Callable[[str], None]) -> Reply:
        return await self._asker(bot, question, sql, local, watch)

    def past(self) -> Sequence[str]:
        return self._asker.past()

    @cached_property
    def _asker(self) -> Asker:
        from tradetop.cli.asker import Asker

        return Asker([configured.target for configured in self._wiring.targets], self._wiring.directory)


def _look(said: ScreenOptions, theme: Theme, depth: Depth, notice: str) -> Look:
    """How the screen looks at first: as was said, else as the terminal and its locale can show it."""
    from tradetop.cli.zone import Zone
    from tradetop.panes.look import Glyphs, Look
    from tradetop.theme import Depth

    offset, zone = Zone(said.local).at(SystemClock().now())
    return Look(
        glyphs=Glyphs(said.glyphs) if said.glyphs else glyphs_for(os.environ.get("TERM", ""), locale_encoding()),
        mono=depth is Depth.NONE,
        ticks=depth is Depth.ANSI or theme.ansi,
        offset=offset,
        zone=zone,
        notice=notice,
        redacted=said.redact,
        slow=said.slow,
    )


def _depth(said: ScreenOptions) -> Depth:
    """The colours to use: over a slow link 256, whose orders are half as long, unless the person wants others."""
    from tradetop.theme import Depth, detect

    if said.color not in (None, "auto"):
        return Depth(said.color)
    found = detect(os.environ)
    return Depth.INDEXED if said.slow and found is Depth.TRUE else found


def glyphs_for(term: str, encoding: str) -> Glyphs:
    """The characters that a terminal can surely draw."""
    from tradetop.panes.look import Glyphs

    if encoding.lower().replace("-", "") != "utf8" or term == "dumb":
        return Glyphs.ASCII
    return Glyphs.BLOCK if term.startswith("linux") else Glyphs.BRAILLE


def locale_encoding(environment: Mapping[str, str] | None = None) -> str:
    """How the user's locale writes text, whatever Python itself makes of it."""
    import locale

    said = _at_start() if environment is None else environment
    name = next(filter(None, map(said.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "C")
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
        return locale.nl_langinfo(locale.CODESET)
    except locale.Error:
        # One that this machine lacks, as ssh brings them along: its name still says what the terminal understands.
        return name.rpartition(".")[2].partition("@")[0]
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _at_start() -> Mapping[str, str]:
    """The environment as it was given: where its locale is C, Python writes another one into its own."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return os.environ
    return dict(os.fsdecode(entry).partition("=")[::2] for entry in entries)


def save(name: str, content: bytes) -> str:
    """Write a screenshot into the current directory, never over another file; where it is."""
    for count in range(1, SAME):
        path = Path.cwd() / Path(name).name
        if count > 1:
            path = path.with_stem(f"{path.stem}-{count}")
        with contextlib.suppress(FileExistsError), path.open("xb") as file:
            file.write(content)
            return str(path)
    raise FileExistsError(errno.EEXIST, "too many of the same second", name)
