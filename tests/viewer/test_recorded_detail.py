"""The way down to every series of the 247trader preset, over fifty recorded hours of the real bot."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tradetop.dashboards import Footing, PanelEvaluator, preset
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.detail_frame import DetailFrame
from tradetop.model.level import Presence
from tradetop.model.panel_frame import PanelFrame
from tradetop.model.view import Focus, View
from tradetop.promql import Engine
from tradetop.rules import rules_of
from tradetop.store import MemoryStore
from tradetop.viewer.detail import Details
from viewer.stage import Stage

LAST_UP = 1_763_433_188_039
AT = LAST_UP + MINUTE
SPAN = 6 * HOUR


@pytest.fixture(scope="module")
def panels(recorded_store: MemoryStore) -> tuple[PanelFrame, ...]:
    dashboard = preset("247trader")
    assert dashboard is not None
    footing = Footing(data_at=LAST_UP)
    return PanelEvaluator().frames(
        Engine(recorded_store), dashboard.panels, at=AT, span=SPAN, points=180, footing=footing
    )


@pytest.fixture
def details(recorded_store: MemoryStore) -> Details:
    bot = replace(Stage("trader").bot, series=recorded_store)
    return Details(bot, Engine(recorded_store))


def down(details: Details, panels: tuple[PanelFrame, ...], focus: Focus) -> DetailFrame:
    dashboard = preset("247trader")
    assert dashboard is not None
    found = details.detail(panels, rules_of(dashboard), (), View(at=AT, span=SPAN, points=180, focus=focus), AT)
    assert found is not None
    return found


def test_there_is_a_way_down_to_every_series(details: Details, panels: tuple[PanelFrame, ...]) -> None:
    opened = 0
    for panel in panels:
        for series in panel.series:
            found = down(details, panels, Focus(panel.panel.id, series.query, series.labels))
            assert found.series == series
            assert panel.panel.title in found.used_by
            assert len(found.reached) == len(series.trend.values)
            opened += 1
    assert opened > 20


def test_the_figures_of_the_exposure_are_those_of_the_record(
    details: Details, panels: tuple[PanelFrame, ...], recorded_store: MemoryStore
) -> None:
    found = down(details, panels, Focus("exposure"))
    stats = found.stats
    assert stats.now == pytest.approx(43.0, abs=0.1)
    assert stats.maximum is not None
    assert stats.maximum >= stats.now  # type: ignore[operator]
    assert [(t.value, spent > 0) for t, spent in stats.above] == [(20.0, True), (25.0, True)]
    assert stats.above[0][1] >= stats.above[1][1]
    assert {rule.panel for rule in found.rules} >= {"exposure"}


def test_a_bot_that_was_nearly_always_down_has_gaps_and_says_whose_they_are(
    details: Details, panels: tuple[PanelFrame, ...]
) -> None:
    found = down(details, panels, Focus("exposure"))
    assert found.stats.gaps >= 1
    assert found.stats.missing > HOUR
    values = found.series.trend.values
    gone = [reached for value, reached in zip(values, found.reached, strict=True) if math.isnan(value)]
    # Prometheus went on recording that it was down.
    assert 0.0 in gone


def test_a_series_the_bot_never_had_is_absent(details: Details, panels: tuple[PanelFrame, ...]) -> None:
    without = next(p for p in panels if not p.series)
    assert down(details, panels, Focus(without.panel.id)).series.reading.presence is Presence.ABSENT
