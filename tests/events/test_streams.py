"""Streams: what rules are told of the rhythm of each bot, each strategy and each bot's trades."""

from __future__ import annotations

import random
from dataclasses import replace

from events.making import event
from tradetop.dashboards import PanelEvaluator, preset
from tradetop.events.streams import HOURLY, LAST, LIMIT, Streams
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.promql import Engine
from tradetop.store import MemoryStore

START = 1_700_000_000_000 // HOUR * HOUR
PERIOD = 6 * MINUTE


def told(t: int, strategy: str = "momentum", kind: str = "signal", bot: str = "b1") -> BotEvent:
    return replace(event(kind, t=t), bot=bot, strategy=strategy)


def two_days(stopped: int = 0) -> Streams:
    """Two strategies each six minutes and a trade each hour, of which one strategy and the trades stopped."""
    streams, end = Streams(), START + 2 * DAY
    for t in range(START, end, PERIOD):
        streams.hear(t, told(t))
        if t < end - stopped:
            streams.hear(t + 1, told(t + 1, "grid"))
            if t % HOUR == 0:
                streams.hear(t + 2, told(t + 2, "momentum", "trade_open"))
    return streams


def of(streams: Streams, now: int, name: str) -> dict[tuple[str, str], float]:
    return {(s.get("strategy", ""), s["stream"]): v for s, v in streams.series(now).items() if s.name == name}


def test_every_stream_has_its_last_time_its_limit_and_its_hour() -> None:
    end = START + 2 * DAY
    found = two_days()
    assert of(found, end, LAST)["", "trades"] == (end - HOUR + 2) / 1_000
    limits = of(found, end, LIMIT)
    assert limits.keys() == {("", "events"), ("momentum", "events"), ("grid", "events"), ("", "trades")}
    assert limits["grid", "events"] == 3 * PERIOD / 1_000
    assert limits["", "trades"] == 3 * HOUR / 1_000
    assert of(found, end, HOURLY)["grid", "events"] == 10


def panels(streams: Streams, now: int) -> dict[str, dict[str, tuple[float | None, Level]]]:
    store = MemoryStore()
    store.append_scrape("events", now, {**streams.series(now), Labels({"__name__": "up"}): 1.0})
    dashboard = preset("defikit")
    assert dashboard is not None
    frames = PanelEvaluator().frames(Engine(store), dashboard.panels, at=now, span=HOUR, points=10)
    assert not [frame.error for frame in frames if frame.error]
    return {
        frame.panel.id: {s.legend.strip(): (s.reading.value, s.reading.level) for s in frame.series}
        for frame in frames
        if frame.panel.row == "Rhythm"
    }


def test_a_strategy_that_stopped_stands_out_on_the_ladder_and_the_bot_that_goes_on_does_not() -> None:
    now = START + 2 * DAY + MINUTE
    well, ill = panels(two_days(), now), panels(two_days(4 * HOUR), now)
    assert {level for panel in ("streams-silence", "trades-silence") for _, level in well[panel].values()} == {Level.OK}
    assert [name for name, (_, level) in ill["streams-silence"].items() if level] == ["b1 grid"]
    assert [level for _, level in ill["trades-silence"].values()] == [Level.WARNING]


def test_an_hour_far_from_the_weeks_mean_stands_out_and_the_others_do_not() -> None:
    rng, streams = random.Random(4), Streams()
    for strategy, last in (("grid", 8), ("momentum", 30), ("burst", 60)):
        for hour in range(100):
            count = last if hour == 99 else sum(rng.random() < 0.5 for _ in range(60))
            for n in range(count):
                t = START + hour * HOUR + n * HOUR // 61
                streams.hear(t, told(t, strategy))
    found = panels(streams, START + 100 * HOUR + MINUTE)["events-rate"]
    levels = {name.split()[1]: level for name, (_, level) in found.items() if len(name.split()) == 3}
    assert levels == {"grid": Level.WARNING, "momentum": Level.OK, "burst": Level.WARNING}
    value = found["b1 grid events"][0]
    assert value is not None
    assert value < -2


def test_where_two_deviations_see_nothing_that_is_said() -> None:
    streams = Streams()
    for hour in range(71):
        t = START + hour * HOUR
        for n in range((hour * 7) % 4):
            streams.hear(t + n * MINUTE, told(t, "swing"))
    found = panels(streams, START + 71 * HOUR)
    assert "b1 swing events" in found["events-rate-blind"]
    assert "b1 swing events" in found["hours-alike"]
    assert found["events-rate"]["b1 swing events"][1] is Level.OK


def test_a_database_of_many_names_has_a_bounded_number_of_streams() -> None:
    streams = Streams(most=10)
    for n in range(1_000):
        streams.hear(START + n * MINUTE, told(START, f"s{n}", bot=f"b{n % 7}"))
    assert len({(s["bot_id"], s.get("strategy", ""), s["stream"]) for s in streams.series(START + DAY)}) <= 10
