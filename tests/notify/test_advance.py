"""Which message goes out when: the machine, case by case."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from notify.making import HOUR, MINUTE, SECOND, T0, World, quick, sighting
from tradetop.model.alert import AlertState
from tradetop.model.level import Level
from tradetop.model.panel import Side
from tradetop.model.silence import Silence, SilenceKind
from tradetop.notify.advance import advance
from tradetop.notify.receiver import QuietHours, Receiver, ReceiverKind
from tradetop.notify.state import Seen, State

CRITICAL = Level.CRITICAL


def gone(t: int) -> object:
    return replace(sighting(), alert=replace(sighting().alert, state=AlertState.RESOLVED, resolved_at=t))


def snooze(**more: object) -> Silence:
    made = Silence("s", SilenceKind.SNOOZE, "Drawdown", T0, T0 + 30 * MINUTE, value=9.1, side=Side.ABOVE)
    return replace(made, **more)  # type: ignore[arg-type]


def test_an_alert_is_told_once_and_its_end_once() -> None:
    world = World()
    assert world.at(T0, sighting()) == ["phone: firing Drawdown"]
    assert world.at(T0 + MINUTE, sighting(value=9.7, summary="now 9.7")) == []
    assert world.at(T0 + 2 * MINUTE) == ["phone: resolved Drawdown"]
    assert world.at(T0 + 3 * MINUTE) == []
    assert world.at(T0 + 4 * MINUTE, sighting(at=T0 + 4 * MINUTE)) == ["phone: firing Drawdown"]


def test_pending_and_resolved_alerts_ring_for_nobody() -> None:
    world = World()
    assert world.at(T0, sighting(state=AlertState.PENDING), sighting("Other", state=AlertState.RESOLVED)) == []


def test_the_end_is_told_with_the_last_value_and_time() -> None:
    world = World()
    world.at(T0, sighting())
    ended = sighting(value=8.5, state=AlertState.RESOLVED)
    world.at(T0 + MINUTE, replace(ended, alert=replace(ended.alert, resolved_at=T0 + 50 * SECOND)))
    (item,) = world.deliveries[-1].items
    assert (item.facts.value, item.over) == (8.5, T0 + 50 * SECOND)


def test_a_storm_is_one_message() -> None:
    world = World([Receiver("phone")])
    storm = [sighting(f"A{i}", pair=f"P{i}") for i in range(1_000)]
    assert world.at(T0, *storm) == []
    assert len(world.at(T0 + 10 * SECOND, *storm)) == 1
    assert len(world.deliveries[0].items) == 1_000
    assert world.at(T0 + 20 * SECOND, *storm) == []
    assert world.at(T0 + 6 * MINUTE) == []
    assert len(world.at(T0 + 6 * MINUTE + 10 * SECOND)) == 1
    assert len(world.deliveries) == 2


def test_others_join_the_first_within_its_wait_and_the_next_message_waits_an_interval() -> None:
    world = World([Receiver("phone", per_hour=0)])
    a, b, c = sighting("A"), sighting("B"), sighting("C")
    assert world.at(T0, a) == []
    assert world.at(T0 + 9 * SECOND, a, b) == []
    assert world.at(T0 + 10 * SECOND, a, b) == ["phone: firing A firing B"]
    assert world.at(T0 + MINUTE, a, b, c) == []
    assert world.at(T0 + 5 * MINUTE + 9 * SECOND, a, b, c) == []
    assert world.at(T0 + 5 * MINUTE + 10 * SECOND, a, b, c) == ["phone: firing C"]


def test_a_new_critical_alert_does_not_wait_for_the_interval() -> None:
    world = World([Receiver("phone", per_hour=0)])
    world.at(T0, sighting("A"))
    world.at(T0 + 10 * SECOND, sighting("A"))
    bad = sighting("B", level=CRITICAL)
    assert world.at(T0 + MINUTE, sighting("A"), bad) == []
    assert world.at(T0 + 70 * SECOND, sighting("A"), bad) == ["phone: firing B"]


def test_what_passes_before_its_message_is_told_as_passed() -> None:
    world = World([Receiver("phone")])
    assert world.at(T0, sighting()) == []
    assert world.at(T0 + 5 * SECOND) == []
    assert world.at(T0 + 10 * SECOND) == ["phone: passed Drawdown"]
    assert world.at(T0 + HOUR) == []


def test_one_that_comes_back_before_its_end_was_told_goes_on() -> None:
    world = World([Receiver("phone", group_wait=0)])
    assert world.at(T0, sighting()) == ["phone: firing Drawdown"]
    assert world.at(T0 + MINUTE) == []
    assert world.at(T0 + 2 * MINUTE, sighting(at=T0 + 2 * MINUTE)) == []
    assert world.at(T0 + 10 * MINUTE, sighting(at=T0 + 2 * MINUTE)) == []
    assert world.at(T0 + 11 * MINUTE) == ["phone: resolved Drawdown"]


def test_it_is_repeated_while_it_fires() -> None:
    world = World([quick(repeat_interval=HOUR)])
    assert world.at(T0, sighting()) == ["phone: firing Drawdown"]
    assert world.at(T0 + HOUR - 1, sighting()) == []
    assert world.at(T0 + HOUR, sighting()) == ["phone: still Drawdown"]
    world.stuck = frozenset({"phone"})
    assert world.at(T0 + 2 * HOUR, sighting()) == []
    world.stuck = frozenset()
    assert world.at(T0 + 2 * HOUR + 1, sighting()) == ["phone: still Drawdown"]


def test_levels_and_kinds_of_receivers() -> None:
    world = World([quick("mail"), quick("pager", level=CRITICAL), quick("quiet", send_resolved=False)])
    assert world.at(T0, sighting()) == ["mail: firing Drawdown", "quiet: firing Drawdown"]
    assert world.at(T0 + 1, sighting(), sighting("B", level=CRITICAL)) == [
        "mail: firing B",
        "pager: firing B",
        "quiet: firing B",
    ]
    assert world.at(T0 + 2) == ["mail: resolved Drawdown resolved B", "pager: resolved B"]


@pytest.mark.parametrize("other", [AlertState.RESOLVED, AlertState.PENDING])
def test_two_rules_of_one_name_are_one_alert(other: AlertState) -> None:
    world = World()
    assert world.at(T0, sighting(), sighting(state=other)) == ["phone: firing Drawdown"]
    assert world.at(T0 + 1, sighting(state=other), sighting()) == []


def test_a_severity_that_became_worse_rings_again() -> None:
    world = World([quick("mail"), quick("pager", level=CRITICAL)])
    world.at(T0, sighting())
    assert world.at(T0 + 1, sighting(level=CRITICAL)) == ["mail: again Drawdown", "pager: firing Drawdown"]
    assert world.at(T0 + 2, sighting()) == []


def test_a_worse_alert_of_the_same_series_is_enough() -> None:
    world = World()
    assert world.at(T0, sighting("Warn", outranked=True), sighting("Crit", level=CRITICAL)) == ["phone: firing Crit"]
    assert world.at(T0 + 1, sighting("Warn")) == ["phone: firing Warn resolved Crit"]
    assert world.at(T0 + 2, sighting("Warn", outranked=True), sighting("Crit", level=CRITICAL)) == [
        "phone: firing Crit"
    ]
    assert world.at(T0 + 3) == ["phone: resolved Warn resolved Crit"]


def test_escalation_where_nobody_acknowledges() -> None:
    world = World([quick("phone"), quick("boss", after=15 * MINUTE)])
    assert world.at(T0, sighting()) == ["phone: firing Drawdown"]
    assert world.at(T0 + 15 * MINUTE - 1, sighting()) == []
    assert world.at(T0 + 15 * MINUTE, sighting()) == ["boss: firing Drawdown"]
    assert world.at(T0 + 16 * MINUTE) == ["phone: resolved Drawdown", "boss: resolved Drawdown"]


def test_no_escalation_once_it_is_acknowledged() -> None:
    world = World([quick("phone", repeat_interval=MINUTE), quick("boss", after=15 * MINUTE)])
    world.at(T0, sighting())
    world.silences = [Silence("a", SilenceKind.ACK, "Drawdown", T0 + MINUTE, value=9.1)]
    assert world.at(T0 + 20 * MINUTE, sighting()) == []
    assert world.at(T0 + 21 * MINUTE) == ["phone: resolved Drawdown"]
    # What fires anew is another alert, which nobody has acknowledged.
    again = sighting(at=T0 + 22 * MINUTE)
    assert world.at(T0 + 22 * MINUTE, again) == ["phone: firing Drawdown"]
    assert "boss: firing Drawdown" in world.at(T0 + 37 * MINUTE, again)


def test_an_acknowledgement_outlives_a_restart_that_makes_the_alert_new() -> None:
    world = World([quick("phone"), quick("boss", after=15 * MINUTE)])
    world.at(T0, sighting())
    world.silences = [Silence("a", SilenceKind.ACK, "Drawdown", T0 + MINUTE, value=9.1)]
    world.at(T0 + 2 * MINUTE, sighting())
    restarted = T0 + 10 * MINUTE
    assert world.at(restarted, sighting(state=AlertState.PENDING, at=restarted)) == []
    assert world.at(restarted + HOUR, sighting(at=restarted)) == []


def test_a_snooze_is_quiet_and_rings_again_when_it_gets_worse() -> None:
    world = World()
    world.at(T0, sighting())
    world.silences = [snooze()]
    assert world.at(T0 + MINUTE, sighting(value=9.9)) == []
    assert world.at(T0 + 2 * MINUTE, sighting(value=11.0)) == ["phone: again Drawdown"]
    # It has outgrown that snooze: it does not fall asleep again by itself.
    assert world.at(T0 + 3 * MINUTE, sighting(value=9.9)) == []
    assert world.at(T0 + 4 * MINUTE, sighting(value=11.1)) == []
    world.silences = [snooze(), snooze(id="s2", value=11.1)]
    assert world.at(T0 + 5 * MINUTE, sighting(value=12.0)) == []
    assert world.at(T0 + 6 * MINUTE, sighting(value=13.4)) == ["phone: again Drawdown"]


def test_losses_that_were_snoozed_at_480_ring_at_576() -> None:
    world = World(silences=[snooze(value=-480.0, side=Side.BELOW)])
    assert world.at(T0, sighting(value=-480.0)) == []
    assert world.at(T0 + 1, sighting(value=-575.0)) == []
    assert world.at(T0 + 2, sighting(value=-576.0)) == ["phone: firing Drawdown"]


def test_a_snooze_that_ends_rings_again() -> None:
    world = World()
    world.at(T0, sighting())
    world.silences = [snooze()]
    assert world.at(T0 + MINUTE, sighting()) == []
    assert world.at(T0 + 30 * MINUTE, sighting()) == ["phone: again Drawdown"]


def test_one_that_was_silenced_before_its_message_is_not_told() -> None:
    world = World([Receiver("phone")], [snooze()])
    assert world.at(T0, sighting()) == []
    assert world.at(T0 + MINUTE) == []
    assert world.state.episodes == {}


def test_alertmanager_goes_on_hearing_of_what_it_knows() -> None:
    world = World([quick(kind=ReceiverKind.ALERTMANAGER, repeat_interval=MINUTE)])
    world.at(T0, sighting())
    world.silences = [snooze()]
    assert world.at(T0 + MINUTE, sighting()) == ["phone: still Drawdown"]


@pytest.mark.parametrize("dark", [frozenset({"bot"}), frozenset({"bot", "other"})])
def test_a_bot_that_died_has_not_resolved_its_alerts(dark: frozenset[str]) -> None:
    world = World()
    world.at(T0, sighting())
    world.dark = dark
    assert world.at(T0 + MINUTE) == []
    assert world.at(T0 + 2 * MINUTE, gone(T0 + MINUTE)) == []  # type: ignore[arg-type]
    world.dark = frozenset()
    assert world.at(T0 + 3 * MINUTE, sighting()) == []
    assert world.at(T0 + 4 * MINUTE) == ["phone: resolved Drawdown"]


def test_alerts_of_bots_that_were_not_evaluated_stay_as_they_are() -> None:
    world = World([quick(repeat_interval=MINUTE)])
    world.at(T0, sighting(bot="a"))
    assert world.at(T0 + HOUR, bots=frozenset()) == []
    assert world.at(T0 + HOUR + 1, bots=frozenset({"a"})) == ["phone: resolved Drawdown"]


NIGHT = QuietHours(22 * 60, 7 * 60, ZoneInfo("Europe/Berlin"))
"""03:04 UTC is 04:04 in Berlin; the night ends at 06:00 UTC."""
MORNING = T0 - 4 * MINUTE + 3 * HOUR


def test_the_night_holds_warnings_until_the_morning() -> None:
    world = World([quick(quiet=NIGHT)])
    assert world.at(T0, sighting("A"), sighting("B")) == []
    assert world.at(T0 + HOUR, sighting("A"), sighting("C", level=CRITICAL)) == ["phone: firing C"]
    assert world.at(T0 + HOUR + 1, sighting("A")) == ["phone: resolved C"]
    assert world.at(MORNING - 1, sighting("A")) == []
    assert world.at(MORNING, sighting("A")) == ["phone: firing A passed B"]


def test_the_night_may_hold_critical_alerts_too() -> None:
    world = World([quick(quiet=replace(NIGHT, critical=False))])
    assert world.at(T0, sighting(level=CRITICAL)) == []
    assert world.at(MORNING, sighting(level=CRITICAL)) == ["phone: firing Drawdown"]


@pytest.mark.parametrize(
    ("start", "end", "zone", "hold"),
    [
        (22 * 60, 7 * 60, "Europe/Berlin", True),
        (22 * 60, 4 * 60 + 4, "Europe/Berlin", False),
        (22 * 60, 4 * 60 + 5, "Europe/Berlin", True),
        (4 * 60 + 4, 4 * 60 + 5, "Europe/Berlin", True),
        (4 * 60 + 5, 22 * 60, "Europe/Berlin", False),
        (0, 4 * 60, "UTC", True),
        (22 * 60, 7 * 60, "Asia/Tokyo", False),
    ],
)
def test_quiet_hours_are_those_of_their_zone(start: int, end: int, zone: str, hold: bool) -> None:
    assert QuietHours(start, end, ZoneInfo(zone)).hold(T0) is hold


def test_the_cap_holds_and_then_one_message_tells_the_rest() -> None:
    world = World([quick(per_hour=4)])
    alerts = []
    sent = []
    for i in range(50):
        alerts.append(sighting(f"A{i}"))
        sent += world.at(T0 + i * SECOND, *alerts)
    assert sent == ["phone: firing A0", "phone: firing A1", "phone: firing A2"]
    assert world.at(T0 + HOUR - 1, *alerts) == []
    (rest,) = world.at(T0 + HOUR, *alerts)
    assert rest.startswith("phone: firing A3 firing A4")
    assert rest.endswith("firing A49 held")


def test_a_quarter_of_the_cap_is_kept_for_critical_alerts() -> None:
    world = World([quick(per_hour=4)])
    warnings = [sighting(f"A{i}") for i in range(9)]
    for i in range(9):
        world.at(T0 + i, *warnings[: i + 1])
    bad = [sighting("Bad", level=CRITICAL), sighting("Worse", level=CRITICAL)]
    (told,) = world.at(T0 + 10, *warnings, bad[0])
    assert "firing Bad" in told
    assert world.at(T0 + 11, *warnings, *bad) == []


def test_a_drill_is_marked() -> None:
    seen = Seen((sighting(),), frozenset({"bot"}))
    _, (delivery,) = advance(State("d"), seen, (), [quick()], T0, drill=True)
    assert delivery.drill
