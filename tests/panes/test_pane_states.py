"""Every pane has its empty, loading, failed, stale and dead state; each says in plain words what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, sample_bot, sample_frame
from tradetop.model.clock import SECOND
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import PanelFrame
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look
from tradetop.panes.places import NUMBERS

SIZES = ((80, 24), (120, 40), (200, 55))
WITH_PANELS = [pane for pane in NUMBERS if pane not in {PaneName.ALERTS, PaneName.EVENTS}]
ERROR = "unknown function: fooo()"


def bare(frame: Frame) -> Frame:
    return replace(frame, limits=(), alerts=(), positions=(), error_groups=(), feed=FeedFrame(()), rules_ok=0)


def without_series(frame: Frame, **more: object) -> Frame:
    panels = (replace(p, series=(), level=Level.OK, **more) for p in frame.panels)
    return replace(bare(frame), panels=tuple(panels))


def raw(frame: Frame, pane: PaneName, size: tuple[int, int], **look: object) -> str:
    box = next(b for b in screen(frame, Look(focus=pane, **look), *size) if b.id == pane.value)
    return as_text([box._replace(x=0, y=0)], box.width, box.height)


def drawn(frame: Frame, pane: PaneName, size: tuple[int, int], **look: object) -> str:
    """The pane's text with its lines joined, so that words that are broken there can be looked for."""
    text = raw(frame, pane, size, **look)
    return " ".join(" ".join(line.strip("│┃╎|:H ") for line in text.splitlines()).split())


SAYS = {
    PaneName.ALERTS: "no limits are watched yet: thresholds come from a preset, the config or rules",
    PaneName.PNL: "needs a metric of profit and loss",
    PaneName.EQUITY: "needs a metric of the account's value",
    PaneName.LIMITS: "needs thresholds: a preset's, `thresholds:` in the config, or rules",
    PaneName.RATES: "needs a rate limiter's utilisation by endpoint",
    PaneName.ERRORS: "needs error events or an error counter",
    PaneName.STRATEGIES: "needs metrics or events that name a strategy",
    PaneName.EVENTS: "no events yet",
    PaneName.CYCLE: "needs a metric of the cycle's duration or of API latency",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pane", NUMBERS)
def test_an_empty_pane_says_which_source_it_needs(pane: PaneName, size: tuple[int, int]) -> None:
    assert SAYS[pane] in drawn(replace(bare(sample_frame()), panels=()), pane, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pane", NUMBERS)
def test_before_the_first_answer_no_pane_asks_for_a_source(pane: PaneName, size: tuple[int, int]) -> None:
    loading = replace(sample_frame(), connecting=True, panels=())
    said = drawn(loading, pane, size)
    assert ("connecting to" if pane is PaneName.ALERTS else "waiting for the first values") in said
    assert "needs" not in said
    silent = replace(bare(sample_frame()), panels=(), bots=(sample_bot(up=None, age=None, series=0, healths=()),))
    assert "needs" not in drawn(silent, pane, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pane", WITH_PANELS)
def test_what_fails_says_so_in_its_own_pane_alone(pane: PaneName, size: tuple[int, int]) -> None:
    assert ERROR in drawn(without_series(sample_frame(), error=ERROR), pane, size)
    frame = sample_frame()
    first = frame.pane(pane)[0]
    panels = tuple(replace(p, error=ERROR) if p is first else p for p in frame.panels)
    part = replace(frame, panels=panels)
    said = drawn(part, pane, size)
    assert "▲" in said
    assert ERROR[:16] in said
    for other in WITH_PANELS:
        if other is not pane:
            assert drawn(part, other, size) == drawn(frame, other, size)


@pytest.mark.parametrize("glyphs", Glyphs)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pane", WITH_PANELS)
def test_a_dead_bots_pane_says_since_when_and_keeps_its_values(
    pane: PaneName, size: tuple[int, int], glyphs: Glyphs
) -> None:
    dead = drawn(sample_frame(dead=True), pane, size, glyphs=glyphs)
    assert "no data 34s" in dead
    assert "0 never" not in dead
    edge = {Glyphs.BRAILLE: "╌", Glyphs.BLOCK: ".", Glyphs.ASCII: "."}[glyphs]
    assert edge in raw(sample_frame(dead=True), pane, size, glyphs=glyphs)[:2]
    assert edge not in raw(sample_frame(), pane, size, glyphs=glyphs)[:2]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pane", WITH_PANELS)
def test_one_series_that_has_gone_is_dated_in_its_own_place(pane: PaneName, size: tuple[int, int]) -> None:
    frame = sample_frame(quiet=True)
    first = frame.pane(pane)[0]

    def gone(of: PanelFrame) -> PanelFrame:
        reading = {"presence": Presence.STALE, "t": NOW - 34 * SECOND}
        return replace(of, series=tuple(replace(s, reading=replace(s.reading, **reading)) for s in of.series))

    limits = tuple(
        replace(x, reading=replace(x.reading, presence=Presence.STALE, t=NOW - 34 * SECOND))
        if x.panel is first.panel
        else x
        for x in frame.limits
    )
    panels = tuple(gone(p) if p is first else p for p in frame.panels)
    assert "34s" in drawn(replace(frame, panels=panels, limits=limits), pane, size)
