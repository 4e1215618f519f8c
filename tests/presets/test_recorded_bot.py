"""The 247trader preset over fifty recorded hours of the real bot, which was nearly always down."""

from __future__ import annotations

import pytest

from tradetop.dashboards import Footing, PanelEvaluator, choose, preset
from tradetop.limits import Ladder
from tradetop.model.alert import AlertState
from tradetop.model.frame import PanelFrame
from tradetop.model.level import Level, Presence
from tradetop.promql import Engine
from tradetop.rules import advance, begin, rules_of
from tradetop.store import MemoryStore

LAST_UP = 1_763_433_188_039
MINUTE = 60_000


@pytest.fixture
def store(recorded_store: MemoryStore) -> MemoryStore:
    return recorded_store


def look(store: MemoryStore, at: int, footing: Footing) -> dict[str, PanelFrame]:
    dashboard = preset("247trader")
    assert dashboard is not None
    frames = PanelEvaluator().frames(
        Engine(store), dashboard.panels, at=at, span=360 * MINUTE, points=120, footing=footing
    )
    assert [f.error for f in frames if f.error] == []
    return {f.panel.id: f for f in frames}


def test_the_preset_is_found_by_the_recorded_names(store: MemoryStore) -> None:
    assert choose(store.names()) == "247trader"


def test_an_exposure_of_43_percent_heads_the_ladder(store: MemoryStore) -> None:
    frames = look(store, LAST_UP + 1_000, Footing(data_at=LAST_UP))
    (exposure,) = frames["exposure"].series
    assert (exposure.reading.value, exposure.reading.level) == (pytest.approx(43.0, abs=0.1), Level.CRITICAL)
    assert frames["open-positions"].level is Level.WARNING
    first = Ladder().rows(frames.values(), LAST_UP + 1_000)[0]
    assert (first.label, first.limit.value, first.closeness) == ("exposure", 25.0, pytest.approx(1.72, abs=0.01))


def test_once_the_bot_is_down_its_numbers_are_stale_and_it_is_called_down(store: MemoryStore) -> None:
    at = LAST_UP + 20 * MINUTE
    frames = look(store, at, Footing(data_at=LAST_UP, down=True))
    (exposure,) = frames["exposure"].series
    assert (exposure.reading.presence, exposure.reading.t) == (Presence.STALE, LAST_UP)
    assert exposure.reading.value == pytest.approx(43.0, abs=0.1)
    assert frames["exposure"].level is Level.OK
    assert frames["bot-down"].level is Level.CRITICAL


def test_the_presets_rules_would_have_rung(store: MemoryStore) -> None:
    """The bot's own twenty rules never did over these hours."""
    dashboard = preset("247trader")
    assert dashboard is not None
    engine = Engine(store)
    states = begin(rules_of(dashboard.panels))
    rung = set()
    for t in range(LAST_UP - 60 * MINUTE, LAST_UP + 5 * MINUTE, 30_000):
        states = advance(states, engine, t)
        assert [s.error for s in states if s.error] == []
        rung |= {s.rule.name for s in states for a in s.alerts.values() if a.state is AlertState.FIRING}
    assert "BotDown" in rung
