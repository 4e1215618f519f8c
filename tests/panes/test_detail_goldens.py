"""The way down as text at the three sizes; after a wanted change write it anew with TRADETOP_WRITE_GOLDENS=1."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest

from panes.frames import NOW, sample_detail, sample_explained, sample_frame
from panes.stories import TRADE, repeating, telling
from tradetop.model.alert import AlertState
from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.explanation import Element, Empty, Gives, Lack, Part
from tradetop.model.feed_frame import ErrorGroup
from tradetop.model.frame import Frame
from tradetop.model.labels import EMPTY
from tradetop.model.level import Level, Presence
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Hint, Look, ScreenName
from tradetop.redact import redact

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


def explaining(**changes: object) -> Frame:
    """The sample's explanation, changed."""
    frame = sample_explained()
    assert frame.explained is not None
    return replace(frame, explained=replace(frame.explained, **changes))


def inactive() -> Frame:
    """Nothing is crossed, and the way to the limit has an end."""
    of = sample_explained().explained
    assert of is not None
    assert of.judged is not None
    judged = replace(of.judged, value=82.5, level=Level.OK)
    tree = Part("trader_rate > 90", Gives.VECTOR, ">", holds=False, limit=90.0, unit=judged.unit,
                empty=Empty(Lack.COMPARED), parts=(Part("trader_rate", Gives.VECTOR, leaf=True, unit=judged.unit,
                against=of.limit, elements=(Element(EMPTY, 82.5, NOW - SECOND),)),))  # fmt: skip
    frame = explaining(alert=None, judged=judged, tree=tree, eta=9 * MINUTE, around=NOW, events=())
    return replace(frame, alerts=())


def empty() -> Frame:
    """Parts that give nothing, each for a reason of its own."""
    reasons = (
        Empty(Lack.NAME, "trader_rates"),
        Empty(Lack.LABELS, 'status="5xx"', ("200", "404", "500")),
        Empty(Lack.OLD, t=NOW - 20 * MINUTE),
        Empty(Lack.GONE, t=NOW - 34 * SECOND),
        Empty(Lack.UNMATCHED, '{side="buy",symbol="BTC-USD"} beside {}'),
        Empty(Lack.SHORT),
        Empty(Lack.EXCLUDED),
    )
    parts = tuple(Part(f"part_{i}", Gives.VECTOR, leaf=i < 4, empty=why) for i, why in enumerate(reasons))
    failed = Part("a * b", Gives.VECTOR, "*", problem="multiple matches for labels")
    tree = Part("and more", Gives.VECTOR, "or", parts=(*parts, failed), cut=3, empty=Empty(Lack.OPERAND))
    return explaining(alert=None, judged=None, limit=None, trend=None, tree=tree)


def was_firing() -> Frame:
    """The bot is dead."""
    frame = sample_explained(sample_frame(dead=True))
    of = frame.explained
    assert of is not None
    assert of.alert is not None
    assert of.judged is not None
    seen = NOW - 34 * SECOND
    gone = replace(of, alert=replace(of.alert, last_seen=seen), at=seen,
                   judged=replace(of.judged, presence=Presence.STALE))  # fmt: skip
    return replace(frame, explained=gone)


def as_of_an_event() -> Frame:
    """Asked about at its event of the feed, ten minutes ago."""
    frame = explaining(asked=NOW - 10 * MINUTE, at=NOW - 10 * MINUTE)
    assert frame.view.alert is not None
    return replace(frame, view=replace(frame.view, alert=replace(frame.view.alert, at=NOW - 10 * MINUTE)))


def mistaken(waiting: int) -> Frame:
    """An error that is open, one of twelve, of which so many are to be reviewed."""
    error = repeating()[9]
    alike = ErrorGroup("execution", "RPC timeout", 12, error.t, first=error.t - HOUR, waiting=waiting, reviewed=error.t)
    return replace(telling(9, *repeating()), alike=alike)


def pending() -> Frame:
    of = sample_explained().explained
    assert of is not None
    assert of.alert is not None
    alert = replace(of.alert, state=AlertState.PENDING, active_at=NOW - 48 * SECOND, fired_at=None)
    return explaining(alert=alert)


NOTHING = (math.nan,) * len(_values())
GAP = (*_values()[:40], *NOTHING[40:60], *_values()[60:])
ERROR = next(i for i, e in enumerate(reversed(FRAME.feed.events)) if e.type == "error")
SERIES = Look(screen=ScreenName.DETAIL, crumbs=("Rate limits",))
EVENT = Look(screen=ScreenName.EVENT, crumbs=("Events",), selected=ERROR)
WHY = Look(screen=ScreenName.EXPLAIN, crumbs=("Alerts",))
WHOLE: dict[str, tuple[Frame, Look]] = {
    "detail": (FRAME, SERIES),
    "detail-crosshair": (aiming(FRAME, 2 * HOUR), replace(SERIES, selected=2)),
    "explain": (sample_explained(), WHY),
    "explain-empty": (empty(), WHY),
    "event": (sample_frame(), EVENT),
    "event-story": (telling(3, *TRADE), replace(EVENT, event=TRADE[3].id)),
    "event-repeats": (telling(9, *repeating()), replace(EVENT, event=repeating()[9].id)),
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
    "explain-ascii": (sample_explained(), replace(WHY, glyphs=Glyphs.ASCII)),
    "explain-block": (sample_explained(), replace(WHY, glyphs=Glyphs.BLOCK)),
    "explain-events": (sample_explained(), replace(WHY, selected=25)),
    "explain-pending": (pending(), WHY),
    "explain-inactive": (inactive(), WHY),
    "explain-was-firing": (was_firing(), WHY),
    "explain-as-of": (as_of_an_event(), WHY),
    "explain-unreadable": (explaining(tree=None, problem='cannot read "x >": unexpected end', trend=None), WHY),
    "explain-nothing": (replace(sample_explained(), explained=None), WHY),
    "explain-loading": (sample_frame(), WHY),
    "event-story-open": (telling(1, *TRADE[1:3]), replace(EVENT, event=TRADE[2].id)),
    "event-story-signal": (telling(0, TRADE[0]), replace(EVENT, event=TRADE[0].id, glyphs=Glyphs.ASCII)),
    "event-story-redacted": (redact(telling(3, *TRADE)), replace(EVENT, event=TRADE[3].id, redacted=True)),
    "event-error-to-review": (mistaken(3), replace(EVENT, event=repeating()[9].id)),
    "event-error-reviewed": (mistaken(0), replace(EVENT, event=repeating()[9].id)),
    "event-derived": (sample_frame(derived=True), EVENT),
    "json-derived": (sample_frame(derived=True), replace(EVENT, screen=ScreenName.JSON)),
}
CASES = {f"{name}-{width}x{height}": (*case, width, height) for name, case in WHOLE.items() for width, height in SIZES}
CASES |= {f"{name}-80x24": (*case, 80, 24) for name, case in SMALL.items()}
CASES["explain-60x15"] = (*WHOLE["explain"], 60, 15)


@pytest.mark.parametrize("name", CASES)
def test_the_way_down_looks_as_it_did(name: str) -> None:
    frame, look, width, height = CASES[name]
    shown = as_text(screen(frame, replace(look, mono=True, hints=HINTS), width, height), width, height)
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("TRADETOP_WRITE_GOLDENS"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["detail-ascii", "explain-ascii"])
def test_ascii_is_ascii(name: str) -> None:
    assert (GOLDENS / f"{name}-80x24.txt").read_text(encoding="utf-8").isascii()
