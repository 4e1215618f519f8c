"""Series of several targets as one server would have them: events with their target's labels, each counted once."""

from __future__ import annotations

from tradetop.model.target import Target
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.recorder.exposed import exposed
from tradetop.recorder.record import Record

T = 1_700_000_000_000


def record(name: str, bot_id: str = "", **events: float) -> Record:
    made = Record(Target(name, f"http://{name}:1/metrics", "bots.db", bot_id, instance=f"{name}:1"))
    for bot, count in events.items():
        made.store.append({"__name__": "bot_events_total", "bot_id": bot, "event_type": "error"}, T, count)
    return made


def values(expr: str, *records: Record) -> dict[tuple[str, str], float]:
    found = Engine(exposed(records)).instant(expr, at=T)
    assert isinstance(found, Vector)
    return {(s.labels.get("job", ""), s.labels.get("bot_id", "")): s.value for s in found.samples}


def test_two_databases_whose_bots_have_one_name_are_told_apart() -> None:
    both = record("a", grid=3.0), record("b", grid=4.0)
    assert values("bot_events_total", *both) == {("a", "grid"): 3.0, ("b", "grid"): 4.0}
    assert values('bot_events_total{job="b"} > 0', *both) == {("b", "grid"): 4.0}
    assert values('{__name__=~"bot_.*",instance="a:1"}', *both) == {("a", "grid"): 3.0}
    assert values('bot_events_total{job="c"}', *both) == {}


def test_of_a_database_that_two_targets_share_every_event_counts_once() -> None:
    both = record("a", "grid", grid=3.0, momentum=4.0), record("b", "momentum", grid=3.0, momentum=4.0)
    assert values("bot_events_total", *both) == {("a", "grid"): 3.0, ("b", "momentum"): 4.0}
    assert values("sum(bot_events_total)", *both) == {("", ""): 7.0}
