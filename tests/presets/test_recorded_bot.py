"""The 247trader preset over fifty recorded hours of the real bot, which was nearly always down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from tradetop.dashboards import Footing, PanelEvaluator, choose, preset
from tradetop.limits import Ladder
from tradetop.model.alert import AlertState, Rule
from tradetop.model.level import Level, Presence
from tradetop.model.panel_frame import PanelFrame
from tradetop.model.value import Matrix
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
    states = begin(rules_of(dashboard))
    rung = set()
    for t in range(LAST_UP - 60 * MINUTE, LAST_UP + 5 * MINUTE, 30_000):
        states = advance(states, engine, t)
        assert [s.error for s in states if s.error] == []
        rung |= {s.rule.name for s in states for a in s.alerts.values() if a.state is AlertState.FIRING}
    assert "BotDown" in rung


def test_the_breaker_rings_in_both_sessions_that_had_trips(store: MemoryStore) -> None:
    """Each counter was born with its first trip, which Prometheus' own semantics never see."""
    trips = Engine(store).instant("trader_circuit_breaker_trips_total[50h]", at=LAST_UP)
    assert isinstance(trips, Matrix)
    born = sorted({series.times[0] for series in trips.series} | {t for s in trips.series for t in _gaps(s.times)})
    assert len(born) == 2
    (rule,) = [rule for rule in preset_rules() if rule.name == "BreakerTripped"]
    plain = "increase(trader_circuit_breaker_trips_total[5m]) > 0"
    for expr in (rule.expr, plain):
        times = ringing(Engine(store), expr, born)
        assert [any(t <= at < t + 5 * MINUTE for at in times) for t in born] == [True, True], expr
    assert ringing(Engine(store, born_counters=False), plain, born) == []


def _gaps(times: Sequence[int]) -> list[int]:
    return [after for before, after in pairwise(times) if after - before > 5 * MINUTE]


def preset_rules() -> tuple[Rule, ...]:
    dashboard = preset("247trader")
    assert dashboard is not None
    return rules_of(dashboard)


def ringing(engine: Engine, expr: str, around: Sequence[int]) -> list[int]:
    """The moments at which an expression gives anything, in the quarter of an hour after some times."""
    found: list[int] = []
    for start in around:
        value = engine.range(expr, start=start - MINUTE, end=start + 15 * MINUTE, step=15_000)
        assert isinstance(value, Matrix)
        found += [t for series in value.series for t in series.times]
    return found


def test_what_did_not_happen_in_its_last_hours_does_not_ring(store: MemoryStore) -> None:
    """Sessions of half a minute: too short for the holds of what was wrong in them, such as pages without metrics."""
    engine = Engine(store)
    states = begin(preset_rules())
    rung = set()
    for t in range(LAST_UP - 120 * MINUTE, LAST_UP + 10 * MINUTE, MINUTE // 2):
        states = advance(states, engine, t)
        rung |= {s.rule.name for s in states for a in s.alerts.values() if a.state is AlertState.FIRING}
    assert [s.error for s in states if s.error] == []
    assert "BotDown" in rung
    assert rung.isdisjoint({"BotNotWorking", "MetricsStale", "SignalDrought", "HighExposure", "BotKeepsRestarting"})
