"""Five kinds of absence, and a zero that lives: nobody confuses them, without colour and in ASCII too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest

from panes.frames import NOW, sample_bot, sample_fleet, sample_frame, trend
from tradetop.model.clock import SECOND
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading, SeriesFrame
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName

VALUES = {
    Presence.LIVE: 0.0,
    Presence.STALE: 0.0,
    Presence.ABSENT: None,
    Presence.NEVER_SET: 0.0,
    Presence.NOT_RECORDED: None,
}


def as_if(of: Reading, presence: Presence) -> Reading:
    t = NOW - 34 * SECOND if presence is Presence.STALE else NOW
    return replace(of, value=VALUES[presence], presence=presence, level=Level.OK, t=t)


def of_panel(panel_id: str, query: int | None = None) -> Callable[[Presence], Frame]:
    """The sample frame with one panel's first series (of a query) absent in some way; others are as they were."""

    def made(presence: Presence) -> Frame:
        frame = sample_frame(quiet=True)
        panel = frame.panel(panel_id)
        assert panel is not None
        chosen = next(s for s in panel.series if query is None or s.query == query)

        def change(one: SeriesFrame) -> SeriesFrame:
            curve = trend(lambda x: float("nan") if presence is Presence.ABSENT else 0.0)
            return replace(one, reading=as_if(one.reading, presence), trend=curve) if one is chosen else one

        def over(of: PanelFrame) -> PanelFrame:
            return replace(of, level=Level.OK, series=tuple(map(change, of.series))) if of is panel else of

        def step(of: LimitFrame) -> LimitFrame:
            mine = of.panel is panel.panel and of.labels == chosen.labels
            return replace(of, reading=as_if(of.reading, presence), eta=None) if mine else of

        return replace(frame, panels=tuple(map(over, frame.panels)), limits=tuple(map(step, frame.limits)))

    return made


def of_fleet(presence: Presence) -> Frame:
    bot = sample_bot()
    return replace(sample_fleet(), bots=(replace(bot, pnl=as_if(bot.pnl, presence)), sample_bot("other")))


OVERVIEW, DASHBOARD = Look(), Look(screen=ScreenName.DASHBOARD, selected=-1)
KINDS: dict[str, tuple[Callable[[Presence], Frame], Look, str, tuple[int, int]]] = {
    "headline": (of_panel("daily_pnl"), OVERVIEW, "pnl", (80, 24)),
    "headline in large": (of_panel("daily_pnl"), OVERVIEW, "pnl", (120, 40)),
    "headline in a line": (of_panel("daily_pnl"), OVERVIEW, "pnl", (60, 15)),
    "title": (of_panel("daily_pnl_pct"), OVERVIEW, "pnl", (80, 24)),
    "title with a name": (of_panel("peak"), OVERVIEW, "equity", (120, 40)),
    "stat": (of_panel("open_pnl"), OVERVIEW, "pnl", (80, 24)),
    "chart": (of_panel("account_value"), OVERVIEW, "equity", (80, 24)),
    "limit": (of_panel("exposure"), Look(focus=PaneName.LIMITS, zoomed=True), "limits", (80, 24)),
    "state": (of_panel("breaker"), Look(focus=PaneName.LIMITS, zoomed=True), "limits", (80, 24)),
    "values of a state": (of_panel("rejections"), Look(focus=PaneName.LIMITS, zoomed=True), "limits", (80, 24)),
    "bars": (of_panel("rate_limiter"), OVERVIEW, "rates", (80, 24)),
    "gauge": (of_panel("cycle"), Look(tab=PaneName.CYCLE), "cycle", (80, 24)),
    "sparkline": (of_panel("errors"), Look(tab=PaneName.ERRORS), "errors", (80, 24)),
    "table cell": (of_panel("by_strategy", 1), Look(tab=PaneName.STRATEGIES), "strategies", (80, 24)),
    "stat below a table": (of_panel("triggers"), Look(focus=PaneName.STRATEGIES, zoomed=True), "strategies", (80, 24)),
    "dashboard": (of_panel("triggers"), DASHBOARD, "dashboard", (120, 60)),
    "dashboard, several": (of_panel("rate_limiter"), DASHBOARD, "dashboard", (120, 60)),
    "dashboard, table": (of_panel("by_strategy", 1), DASHBOARD, "dashboard", (120, 60)),
    "bots": (of_fleet, Look(screen=ScreenName.FLEET), "bots", (80, 24)),
}


@pytest.mark.parametrize("glyphs", Glyphs)
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_confuses_them(kind: str, glyphs: Glyphs) -> None:
    made, look, pane, size = KINDS[kind]
    drawn = {}
    for presence in Presence:
        boxes = screen(made(presence), replace(look, mono=True, glyphs=glyphs), *size)
        drawn[presence] = as_text([b for b in boxes if b.id == pane], *size)
    for one, other in combinations(Presence, 2):
        assert drawn[one] != drawn[other], (one, other)
    assert "34s" in drawn[Presence.STALE]
    assert "never" in drawn[Presence.NEVER_SET]
    assert "not recorded" in drawn[Presence.NOT_RECORDED] or "gap" in drawn[Presence.NOT_RECORDED]
    for word in ("34s", "never", "not recorded", "gap"):
        assert word not in drawn[Presence.LIVE]
        assert word not in drawn[Presence.ABSENT]


@pytest.mark.parametrize("presence", [Presence.STALE, Presence.NOT_RECORDED])
def test_limits_that_cannot_be_judged_are_not_called_well(presence: Presence) -> None:
    frame = sample_frame(quiet=True)

    def said(limits: tuple[LimitFrame, ...]) -> str:
        boxes = screen(replace(frame, limits=limits), Look(), 80, 24)
        return as_text([b for b in boxes if b.id == "alerts"], 80, 24)

    blind = tuple(replace(x, reading=as_if(x.reading, presence)) for x in frame.limits)
    assert "limits cannot be judged" in said(blind)
    assert "quiet" not in said(blind)
    assert "1 without data" in said((blind[0], *frame.limits[1:]))
    assert "without data" not in said(frame.limits)


def test_the_sum_of_nothing_is_no_zero() -> None:
    frame = sample_frame(quiet=True)
    table = frame.panel("by_strategy")
    assert table is not None
    gone = tuple(replace(s, reading=as_if(s.reading, Presence.NOT_RECORDED)) for s in table.series)
    panels = tuple(replace(p, series=gone) if p is table else p for p in frame.panels)
    boxes = screen(replace(frame, panels=panels), Look(tab=PaneName.STRATEGIES), 120, 40)
    rows = as_text([b for b in boxes if b.id == "strategies"], 120, 40).splitlines()
    assert "0" not in next(row for row in rows if "total" in row)


def test_the_sum_of_a_part_says_so() -> None:
    frame = sample_frame()
    panel = frame.panel("by_strategy")
    assert panel is not None
    one = next(s for s in panel.series if s.query == 3)
    gone = replace(one, reading=replace(one.reading, value=None, presence=Presence.NOT_RECORDED))
    changed = replace(panel, series=tuple(gone if s is one else s for s in panel.series))
    panels = tuple(changed if p is panel else p for p in frame.panels)
    whole, part = (as_text(screen(f, Look(), 120, 40), 120, 40) for f in (frame, replace(frame, panels=panels)))
    assert "part" not in whole
    assert "+471.80 part" in part
