"""`tradetop [TARGET]...`: the screen."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tradetop.cli.options import ScreenOptions, TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import Wiring, wire

if TYPE_CHECKING:
    from tradetop.panes.look import Glyphs


def watch(said: TargetOptions, screen: ScreenOptions) -> int:
    """Watch until the user quits; without a terminal print one snapshot. The exit code."""
    if not (os.isatty(0) and os.isatty(1)):
        from tradetop.cli.snapshots import snapshot

        return snapshot(said, "text", (120, 40), None, None, None)
    return show(wire(said), screen)


def show(wiring: Wiring, screen: ScreenOptions) -> int:
    """Show the screen on the wiring's targets."""
    from tradetop.cli.bots import Bots
    from tradetop.cli.live import Live
    from tradetop.document import DocumentError
    from tradetop.panes.look import Glyphs, Look
    from tradetop.theme.depth import Depth, detect
    from tradetop.theme.load import load
    from tradetop.tui.app import TradetopApp
    from tradetop.tui.run import run
    from tradetop.viewer.viewer import Viewer

    screen = wiring.screen(screen)
    depth = detect(os.environ) if screen.color in (None, "auto") else Depth(screen.color)
    mono = depth is Depth.NONE
    try:
        theme = load(screen.theme or ("terminal" if mono else "midnight"))
    except DocumentError as error:
        raise Refusal(str(error)) from None
    glyphs = Glyphs(screen.glyphs) if screen.glyphs else glyphs_for(os.environ.get("TERM", ""), locale_encoding())
    offset, zone = local_zone() if screen.local else (0, "UTC")
    look = Look(glyphs=glyphs, mono=mono, offset=offset, zone=zone)
    watches = wiring.watches()
    live = Live(watches, Viewer(Bots(watches)), wiring.clock, wiring.notices)
    app = TradetopApp(live, theme, look=look, clock=wiring.clock, save=save, depth=depth)
    live.start()
    try:
        return run(app, mouse=screen.mouse, log=wiring.directory / "tradetop.log")
    finally:
        live.stop()


def glyphs_for(term: str, encoding: str) -> Glyphs:
    """The characters that a terminal can surely draw."""
    from tradetop.panes.look import Glyphs

    if encoding.lower().replace("-", "") != "utf8" or term == "dumb":
        return Glyphs.ASCII
    return Glyphs.BLOCK if term == "linux" else Glyphs.BRAILLE


def locale_encoding() -> str:
    """How the user's locale writes text, whatever Python itself makes of it."""
    import locale

    locale.setlocale(locale.LC_CTYPE, "")
    return locale.nl_langinfo(locale.CODESET)


def local_zone() -> tuple[int, str]:
    """Minutes east of UTC, and the name of the local zone."""
    now = time.localtime()
    return now.tm_gmtoff // 60, now.tm_zone


def save(name: str, text: str) -> str:
    """Write a screenshot into the current directory, never over another file; where it is."""
    path = Path.cwd() / Path(name).name
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return str(path)
