"""The way down as text at the three sizes; after a wanted change write it anew with TRADETOP_WRITE_GOLDENS=1."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest

from panes.frames import NOW, sample_detail, sample_frame
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Hint, Look, ScreenName

GOLDENS = Path(__file__).parent / "goldens" / "down"
HINTS = tuple(Hint(*words.split()) for words in ("Esc back", "k move", "↵ open", "? help", "q quit", "y copy"))
SIZES = ((80, 24), (120, 40), (200, 55))
FRAME = sample_detail()


def aiming(frame: Frame, ago: int) -> Frame:
    """With the crosshair some time before the end."""
    assert frame.view.focus is not None
    return replace(frame, view=replace(frame.view, focus=replace(frame.view.focus, at=NOW - ago)))


def read(presence: Presence, value: float | None, values: tuple[float, ...], t: int | None = None) -> Frame:
    """The sample with another reading and history."""
    detail = FRAME.detail
    assert detail is not None
    reading = replace(detail.series.reading, presence=presence, value=value, t=t, level=Level.OK)
    series = replace(detail.series, reading=reading, trend=replace(detail.series.trend, values=values))
    return replace(FRAME, alerts=(), detail=replace(detail, series=series))


def _values() -> tuple[float, ...]:
    assert FRAME.detail is not None
    return tuple(FRAME.detail.series.trend.values)


NOTHING = (math.nan,) * len(_values())
GAP = (*_values()[:40], *NOTHING[40:60], *_values()[60:])
ERROR = next(i for i, e in enumerate(reversed(FRAME.feed.events)) if e.type == "error")
SERIES = Look(screen=ScreenName.DETAIL, crumbs=("Rate limits",))
EVENT = Look(screen=ScreenName.EVENT, crumbs=("Events",), selected=ERROR)
WHOLE: dict[str, tuple[Frame, Look]] = {
    "detail": (FRAME, SERIES),
    "detail-crosshair": (aiming(FRAME, 2 * HOUR), replace(SERIES, selected=2)),
    "event": (sample_frame(), EVENT),
    "json": (sample_frame(), replace(EVENT, screen=ScreenName.JSON)),
}
SMALL: dict[str, tuple[Frame, Look]] = {
    "detail-ascii": (aiming(FRAME, 2 * HOUR), replace(SERIES, glyphs=Glyphs.ASCII)),
    "detail-block": (aiming(FRAME, 2 * HOUR), replace(SERIES, glyphs=Glyphs.BLOCK)),
    "detail-gap": (aiming(read(Presence.LIVE, 91.4, GAP), 3 * HOUR + 20 * MINUTE), SERIES),
    "detail-gone": (read(Presence.STALE, 64.2, (*_values()[:100], *NOTHING[100:]), NOW - HOUR), SERIES),
    "detail-absent": (read(Presence.ABSENT, None, NOTHING), SERIES),
    "detail-never-set": (read(Presence.NEVER_SET, 0.0, (0.0,) * 120), SERIES),
    "detail-not-recorded": (read(Presence.NOT_RECORDED, None, NOTHING), SERIES),
    "detail-dead": (replace(sample_frame(dead=True), detail=FRAME.detail, view=FRAME.view), SERIES),
    "detail-loading": (replace(FRAME, detail=None, view=replace(FRAME.view, focus=None)), SERIES),
    "event-derived": (sample_frame(derived=True), EVENT),
    "json-derived": (sample_frame(derived=True), replace(EVENT, screen=ScreenName.JSON)),
}
CASES = {f"{name}-{width}x{height}": (*case, width, height) for name, case in WHOLE.items() for width, height in SIZES}
CASES |= {f"{name}-80x24": (*case, 80, 24) for name, case in SMALL.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_way_down_looks_as_it_did(name: str) -> None:
    frame, look, width, height = CASES[name]
    shown = as_text(screen(frame, replace(look, mono=True, hints=HINTS), width, height), width, height)
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("TRADETOP_WRITE_GOLDENS"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def test_ascii_is_ascii() -> None:
    assert (GOLDENS / "detail-ascii-80x24.txt").read_text(encoding="utf-8").isascii()
