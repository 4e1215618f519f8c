"""The strip of the first day: each hour shows the worst that was firing in it."""

from __future__ import annotations

from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.viewer.hours import HourStrip

DEPLOYED = 1_700_000_000_000
UP = Labels({"__name__": "up", "job": "bot"})


def firing(severity: str) -> Labels:
    return Labels({"__name__": "ALERTS", "alertname": "A", "alertstate": "firing", "severity": severity})


def strip(until: int, *, alerts: dict[tuple[int, int], str], down: tuple[int, int] = (0, 0)) -> HourStrip:
    store = MemoryStore()
    for t in range(DEPLOYED, until + 1, MINUTE):
        if down[0] <= t - DEPLOYED < down[1]:
            continue
        store.append_scrape("scrape", t, {UP: 1.0})
        on = {firing(s): 1.0 for (a, b), s in alerts.items() if a <= t - DEPLOYED < b}
        store.append_scrape("rules", t, on)
    return HourStrip(Engine(store))


def test_each_hour_shows_its_worst_alert() -> None:
    at = DEPLOYED + 3 * HOUR + 20 * MINUTE
    alerts = {
        (70 * MINUTE, 75 * MINUTE): "warning",
        (74 * MINUTE, 80 * MINUTE): "critical",
        (181 * MINUTE, HOUR * 9): "warning",
    }
    assert strip(at, alerts=alerts).hours(DEPLOYED, at) == (Level.OK, Level.CRITICAL, Level.OK, Level.WARNING)


def test_an_hour_without_recording_is_not_called_quiet() -> None:
    at = DEPLOYED + 2 * HOUR + 5 * MINUTE
    down = (HOUR + 1, 2 * HOUR + 1)
    assert strip(at, alerts={}, down=down).hours(DEPLOYED, at) == (Level.OK, None, Level.OK)


def test_after_a_day_the_latest_24_hours_are_shown() -> None:
    at = DEPLOYED + 26 * HOUR + MINUTE
    shown = strip(at, alerts={(2 * HOUR, 3 * HOUR): "critical"}).hours(DEPLOYED, at)
    assert len(shown) == 24
    assert shown[0] is Level.OK


def test_past_hours_do_not_change_as_time_goes_on() -> None:
    at = DEPLOYED + 2 * HOUR + MINUTE
    one = strip(at + HOUR, alerts={(HOUR, HOUR + MINUTE * 2): "warning"})
    assert one.hours(DEPLOYED, at) == one.hours(DEPLOYED, at + HOUR)[:3]
