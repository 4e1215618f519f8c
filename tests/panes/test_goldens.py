"""Every screen in every state as text at three sizes; after a wanted change write them anew with
TRADETOP_WRITE_GOLDENS=1, and read what changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from panes.frames import NOW, sample_bot, sample_errors, sample_events, sample_fleet, sample_frame
from panes.stories import repeated
from tradetop.model.clock import SECOND
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName
from tradetop.model.view import View
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Hint, Look, ScreenName, Sort
from tradetop.panes.places import NUMBERS
from tradetop.redact import redact

HINTS = tuple(
    Hint(key, text, section)
    for section, rows in {
        "": (("0-8", "pane"), ("↵", "open"), ("/", "filter"), (":", "command"), ("?", "help"), ("p", "pause")),
        "Panes": (("0 to 8", "focus a pane; again: zoom"), ("Tab", "next pane"), ("z", "zoom")),
        "Time": (("[ ]", "shorter or longer window"), ("p", "pause the display; recording goes on")),
        "Program": (("t", "next theme"), ("q F10 ^C", "quit")),
    }.items()
    for key, text in rows
)
GOLDENS = Path(__file__).parent / "goldens"
SIZES = ((80, 24), (120, 40), (200, 55))
ERROR = "unknown function: fooo()"


def stale() -> Frame:
    """A bot that lives, some of whose series have stopped."""
    frame = sample_frame(quiet=True)
    gone = {"rate_limiter", "cycle", "account_value", "by_strategy"}

    def aged(reading: object) -> object:
        return replace(reading, presence=Presence.STALE, t=NOW - 34 * SECOND)  # type: ignore[type-var]

    panels = tuple(
        replace(p, series=tuple(replace(s, reading=aged(s.reading)) for s in p.series)) if p.panel.id in gone else p
        for p in frame.panels
    )
    limits = tuple(replace(x, reading=aged(x.reading)) if x.panel.id in gone else x for x in frame.limits)
    return replace(frame, panels=panels, limits=limits)


def connecting() -> Frame:
    bot = sample_bot(
        up=None, age=None, series=0, healths=(), firing=0, pending=0, critical=0, deployed_at=None, hours=()
    )
    bare = replace(sample_frame(quiet=True), bots=(bot,), panels=(), limits=(), positions=(), error_groups=())
    return replace(bare, feed=FeedFrame(()), rules_ok=0, connecting=True)


def unrecorded() -> Frame:
    """A moment at which nobody was recording."""
    frame = sample_frame(quiet=True)
    panels = tuple(
        replace(
            p,
            level=Level.OK,
            series=tuple(
                replace(s, reading=replace(s.reading, value=None, level=Level.OK, presence=Presence.NOT_RECORDED))
                for s in p.series
            ),
        )
        for p in frame.panels
    )
    limits = tuple(
        replace(x, reading=replace(x.reading, value=None, presence=Presence.NOT_RECORDED), eta=None)
        for x in frame.limits
    )
    return replace(frame, view=View(at=NOW, bot=0), panels=panels, limits=limits)


def empty() -> Frame:
    bare = replace(sample_frame(quiet=True), panels=(), limits=(), positions=(), error_groups=(), rules_ok=0)
    return replace(bare, feed=FeedFrame((), derived=True))


def failed() -> Frame:
    frame = sample_frame(quiet=True)
    some = {"daily_pnl", "rate_limiter", "errors"}
    return replace(frame, panels=tuple(replace(p, error=ERROR) if p.panel.id in some else p for p in frame.panels))


def filtered(text: str, problem: str = "", *, found: bool = True) -> Frame:
    events = tuple(e for e in sample_events() if problem or (found and e.pair == "SOL-USD"))
    feed = FeedFrame(events, 412, filter=text, problem=problem, hidden=0 if problem else 431 - len(events))
    return replace(sample_frame(quiet=True), feed=feed)


EVENTS = Look(focus=PaneName.EVENTS)
CASES: dict[str, tuple[Callable[[], Frame | None], Look]] = {
    "overview": (sample_frame, Look()),
    "quiet-paper": (lambda: sample_frame(quiet=True, paper=True), Look()),
    "down": (lambda: sample_frame(dead=True), Look()),
    "stale": (stale, Look()),
    "first": (lambda: None, Look()),
    "connecting": (connecting, Look()),
    "never-set-derived": (lambda: sample_frame(derived=True, never_set=True), Look()),
    "not-recorded": (unrecorded, Look()),
    "empty": (empty, Look()),
    "failed": (failed, Look()),
    "paused": (sample_frame, Look(paused=True)),
    "redacted": (lambda: redact(sample_frame()), Look(redacted=True)),
    "slow": (sample_frame, Look(slow=True)),
    "local": (sample_frame, Look(offset=330, zone="IST")),
    "ascii": (sample_frame, Look(glyphs=Glyphs.ASCII)),
    "ascii-down": (lambda: sample_frame(dead=True), Look(glyphs=Glyphs.ASCII)),
    "block": (sample_frame, Look(glyphs=Glyphs.BLOCK)),
    "tab-strategies": (sample_frame, Look(focus=PaneName.STRATEGIES, tab=PaneName.STRATEGIES)),
    "tab-errors": (sample_frame, Look(focus=PaneName.ERRORS, tab=PaneName.ERRORS)),
    "tab-cycle": (sample_frame, Look(focus=PaneName.CYCLE, tab=PaneName.CYCLE)),
    "feed-filtered": (lambda: filtered("SOL"), EVENTS),
    "feed-problem": (lambda: filtered("(", "missing )"), EVENTS),
    "feed-nothing": (lambda: filtered("XYZ", found=False), EVENTS),
    "feed-folded": (repeated, replace(EVENTS, zoomed=True)),
    "feed-above": (sample_frame, replace(EVENTS, selected=20, following=False)),
    "sorted": (sample_frame, Look(focus=PaneName.STRATEGIES, zoomed=True, sorts=(Sort("strategies", 3, True),))),
    "sorted-limits": (sample_frame, Look(focus=PaneName.LIMITS, zoomed=True, sorts=(Sort("limits", 1),))),
    "dashboard": (sample_frame, Look(screen=ScreenName.DASHBOARD)),
    "dashboard-not-recorded": (unrecorded, Look(screen=ScreenName.DASHBOARD)),
    "dashboard-failed": (failed, Look(screen=ScreenName.DASHBOARD)),
    "ladder": (sample_frame, Look(screen=ScreenName.LADDER)),
    "ladder-ascii": (sample_frame, Look(screen=ScreenName.LADDER, glyphs=Glyphs.ASCII, selected=1)),
    "ladder-block": (sample_frame, Look(screen=ScreenName.LADDER, glyphs=Glyphs.BLOCK, sorts=(Sort("limits", 2),))),
    "ladder-down": (lambda: sample_frame(dead=True), Look(screen=ScreenName.LADDER)),
    "ladder-empty": (empty, Look(screen=ScreenName.LADDER)),
    "ladder-not-recorded": (unrecorded, Look(screen=ScreenName.LADDER)),
    "ladder-redacted": (lambda: redact(sample_frame()), Look(screen=ScreenName.LADDER, redacted=True, selected=5)),
    "fleet": (sample_fleet, Look(screen=ScreenName.FLEET)),
    "fleet-ascii": (sample_fleet, Look(screen=ScreenName.FLEET, glyphs=Glyphs.ASCII)),
    "errors": (sample_errors, Look(focus=PaneName.ERRORS, tab=PaneName.ERRORS)),
    "errors-zoomed": (sample_errors, Look(focus=PaneName.ERRORS, zoomed=True)),
    "errors-redacted": (lambda: redact(sample_errors()), Look(focus=PaneName.ERRORS, zoomed=True, redacted=True)),
    "errors-alike": (sample_errors, Look(screen=ScreenName.ERRORS, crumbs=("Errors",))),
    "errors-alike-ascii": (sample_errors, Look(screen=ScreenName.ERRORS, selected=1, glyphs=Glyphs.ASCII)),
    "help": (sample_frame, Look(screen=ScreenName.HELP)),
    **{f"zoom-{pane.value}": (sample_frame, Look(focus=pane, zoomed=True)) for pane in NUMBERS},
}


SMALLEST = (60, 15)
IN_SMALLEST = ("overview", "down", "empty", "ladder")
DRAWN = [*((name, size) for name in CASES for size in SIZES), *((name, SMALLEST) for name in IN_SMALLEST)]


def path_of(name: str, size: tuple[int, int]) -> Path:
    return GOLDENS / f"{name}-{size[0]}x{size[1]}.txt"


@pytest.mark.parametrize(("name", "size"), DRAWN, ids=lambda of: of if isinstance(of, str) else "x".join(map(str, of)))
def test_the_screen_looks_as_it_did(name: str, size: tuple[int, int]) -> None:
    frame, look = CASES[name]
    shown = as_text(screen(frame(), replace(look, mono=True, hints=HINTS), *size), *size)
    path = path_of(name, size)
    if os.environ.get("TRADETOP_WRITE_GOLDENS"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
    assert look.glyphs is not Glyphs.ASCII or shown.isascii()


def test_no_golden_is_left_over() -> None:
    """Those of the way down from a series have a test of their own."""
    mine = {path for path in GOLDENS.glob("*.txt") if not path.name.startswith(("detail-", "event-", "json-"))}
    assert mine == {path_of(name, size) for name, size in DRAWN}
