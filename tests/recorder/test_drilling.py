"""Drilling: the real machine with its real wait, and messages as for a real alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.silence import Silence
from tradetop.notify.fault import Failure
from tradetop.notify.message import title
from tradetop.notify.receiver import QuietHours, Receiver, ReceiverKind
from tradetop.notify.state import Delivery, Sighting
from tradetop.promql import Engine
from tradetop.recorder.drilling import deliver, drilled, fires_at, rehearse
from tradetop.rules.expanding import External
from tradetop.rules.silencing import attended, snooze
from tradetop.store import MemoryStore

T0 = 1_700_000_000_000
RULE = drilled(Rule("Drawdown", "dd > 8", hold=MINUTE, level=Level.WARNING, labels=Labels({"severity": "warning"})))
REAL = Labels({"mode": "live"})


class Passing:
    """A clock that passes while somebody waits, and by nothing else."""

    def __init__(self) -> None:
        self.time = T0
        self.waits: list[float] = []

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += round(seconds * SECOND)


class Road:
    """Takes every message, or none."""

    def __init__(self, failure: Failure | None = None) -> None:
        self.failure = failure
        self.sent: list[tuple[str, Delivery]] = []

    async def __call__(self, receiver: Receiver, deliveries: Sequence[Delivery], t: int) -> Failure | None:
        self.sent += [(receiver.name, delivery) for delivery in deliveries]
        return self.failure


async def test_its_templates_see_the_external_labels() -> None:
    clock, external = Passing(), External(Labels({"site": "attic"}))
    rule = replace(RULE, hold=0, annotations=Labels({"summary": "{{ $value }} in {{ $externalLabels.site }}"}))
    engine = Engine(MemoryStore())
    moves = [m async for m in rehearse(rule, REAL, 9.1, engine, SECOND, clock, clock.wait, external)]
    assert dict(moves[-1].alert.annotations) == {"summary": "9.1 in attic"}


async def rehearsed(rule: Rule, interval: int) -> tuple[list[tuple[AlertState, int]], Alert, Passing]:
    """The changes of state with the ms since the beginning, the last alert, and the clock."""
    clock, engine = Passing(), Engine(MemoryStore())
    moves = [m async for m in rehearse(rule, REAL, 9.1, engine, interval, clock, clock.wait)]
    return [(m.alert.state, m.t - T0) for m in moves], moves[-1].alert, clock


@pytest.mark.parametrize(("interval", "fires"), [(10_000, 60_000), (25_000, 75_000), (60_000, 60_000)])
async def test_it_fires_at_the_evaluation_at_which_a_real_one_would(interval: int, fires: int) -> None:
    moves, alert, clock = await rehearsed(RULE, interval)
    assert moves == [(AlertState.PENDING, 0), (AlertState.FIRING, fires)]
    assert fires_at(RULE, T0, interval) == T0 + fires
    assert clock.time == T0 + fires
    assert (alert.value, alert.labels) == (9.1, Labels({"mode": "live", "severity": "warning", "drill": "yes"}))
    assert alert.is_drill


async def test_a_rule_without_for_fires_at_once() -> None:
    moves, _, clock = await rehearsed(drilled(Rule("Now", "dd > 8")), 10_000)
    assert moves == [(AlertState.FIRING, 0)]
    assert clock.waits == []


PHONE = Receiver("phone")


async def told(
    alert: Alert, receivers: Sequence[Receiver], silences: Sequence[Silence] = (), failure: Failure | None = None
) -> list[str]:
    """Receiver and title of every message."""
    road, clock = Road(failure), Passing()
    (seen,) = attended([alert], silences, clock.now())
    sighting = Sighting("trader", seen)
    found = [sent async for sent in deliver(sighting, silences, receivers, road, clock)]
    assert [sent.failure for sent in found] == [failure] * len(found)
    assert all(delivery.drill for _, delivery in road.sent)
    return [f"{name}: {title(delivery)}" for name, delivery in road.sent]


def firing(value: float = 9.1) -> Alert:
    return Alert(RULE, REAL.merged(RULE.labels), AlertState.FIRING, value, T0 - MINUTE, T0, is_drill=True)


async def test_every_receiver_that_wants_it_is_told_at_once_and_then_that_it_is_over() -> None:
    from zoneinfo import ZoneInfo

    night = QuietHours(0, 24 * 60, ZoneInfo("UTC"))
    receivers = [PHONE, Receiver("pager", level=Level.CRITICAL), Receiver("late", after=HOUR, quiet=night)]
    assert await told(firing(), receivers) == [
        "phone: DRILL [WARNING] trader: Drawdown",
        "late: DRILL [WARNING] trader: Drawdown",
        "phone: DRILL [RESOLVED] trader: Drawdown",
        "late: DRILL [RESOLVED] trader: Drawdown",
    ]


async def test_alertmanager_hears_of_its_end_too() -> None:
    manager = Receiver("am", ReceiverKind.ALERTMANAGER)
    assert await told(firing(), [manager]) == [
        "am: DRILL [WARNING] trader: Drawdown",
        "am: DRILL [RESOLVED] trader: Drawdown",
    ]


async def test_what_is_snoozed_is_told_to_nobody_until_it_is_worse() -> None:
    silences = [snooze(firing(9.1), T0, HOUR, "known")]
    assert await told(firing(9.1), [PHONE], silences) == []
    assert await told(firing(10.9), [PHONE], silences) == []
    assert await told(firing(11.0), [PHONE], silences) == [
        "phone: DRILL [WARNING] trader: Drawdown rings again",
        "phone: DRILL [RESOLVED] trader: Drawdown",
    ]


async def test_what_does_not_arrive_is_said() -> None:
    failure = Failure("401", "the receiver refuses the token")
    assert len(await told(firing(), [PHONE], failure=failure)) == 2
