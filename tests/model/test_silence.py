"""Silences: of which alerts they speak, for how long, and when an alert rings all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import Side
from tradetop.model.silence import Silence, SilenceKind, applies, fingerprint, quiet, rings_again

T0 = 1_700_000_000_000
MINUTE = 60_000


def alert(value: float = 9.1, level: Level = Level.WARNING, **labels: str) -> Alert:
    return Alert(Rule("Drawdown", "dd > 8", level=level), Labels(labels), AlertState.FIRING, value, active_at=T0)


def snooze(value: float = 9.1, side: Side | None = Side.ABOVE, level: Level = Level.WARNING) -> Silence:
    until = T0 + 30 * MINUTE
    return Silence("1", SilenceKind.SNOOZE, "Drawdown", T0, until, level=level, value=value, side=side)


@pytest.mark.parametrize(
    ("silenced", "side", "value", "rings"),
    [
        (-480.0, Side.BELOW, -480.0, False),
        (-480.0, Side.BELOW, -575.9, False),
        (-480.0, Side.BELOW, -576.0, True),
        (-480.0, Side.BELOW, -400.0, False),
        (9.1, Side.ABOVE, 10.9, False),
        (9.1, Side.ABOVE, 11.0, True),
        (9.1, Side.ABOVE, 2.0, False),
        (9.1, None, 1e9, False),
        (4.0, Side.BELOW, 3.2, True),
        (4.0, Side.BELOW, 3.3, False),
        (0.0, Side.ABOVE, 0.0, False),
        (0.0, Side.ABOVE, 0.1, True),
        (9.1, Side.ABOVE, float("nan"), False),
        (9.1, Side.ABOVE, float("inf"), True),
        (float("inf"), Side.ABOVE, float("inf"), False),
    ],
)
def test_it_rings_again_a_fifth_further_from_its_limit(
    silenced: float, side: Side | None, value: float, rings: bool
) -> None:
    assert rings_again(snooze(silenced, side), alert(value)) is rings
    assert quiet(snooze(silenced, side), "bot", alert(value), T0 + MINUTE) is not rings


def test_it_rings_again_with_a_worse_severity() -> None:
    assert rings_again(snooze(side=None), alert(level=Level.CRITICAL))
    assert not rings_again(snooze(side=None, level=Level.CRITICAL), alert(level=Level.WARNING))


def test_a_snooze_ends_at_its_time() -> None:
    end = T0 + 30 * MINUTE
    assert quiet(snooze(), "bot", alert(), end - 1)
    assert not quiet(snooze(), "bot", alert(), end)


def test_an_acknowledgement_is_of_the_alert_as_it_was() -> None:
    ack = replace(snooze(), kind=SilenceKind.ACK, until=None, made=T0 + MINUTE)
    assert applies(ack, "bot", alert(), T0 + 900 * MINUTE)
    assert not applies(ack, "bot", replace(alert(), active_at=T0 + 2 * MINUTE), T0 + 3 * MINUTE)


def test_it_speaks_of_one_name_its_labels_and_its_bot() -> None:
    silence = replace(snooze(), labels=Labels({"pair": "BTC"}), bot="a")
    assert applies(silence, "a", alert(pair="BTC", side="buy"), T0)
    assert not applies(silence, "a", alert(pair="ETH"), T0)
    assert not applies(silence, "a", alert(), T0)
    assert not applies(silence, "b", alert(pair="BTC"), T0)
    assert not applies(replace(silence, alert="Other"), "a", alert(pair="BTC"), T0)


@given(st.floats(), st.integers(0, 2**50), st.sampled_from(Level))
def test_a_fingerprint_survives_values_times_and_texts(value: float, t: int, level: Level) -> None:
    one = alert(pair="BTC")
    rule = replace(one.rule, summary=f"is {value}", annotations=Labels({"description": f"{value}"}), level=level)
    assert fingerprint("bot", replace(one, rule=rule, value=value, active_at=t)) == fingerprint("bot", one)


def test_a_fingerprint_tells_apart_what_differs() -> None:
    alike = [("bot", alert()), ("bot2", alert()), ("bot", alert(pair="BTC")), ("bot", alert(pair="ETH"))]
    alike.append(("bot", replace(alert(), rule=Rule("Other", "dd > 8"))))
    assert len({fingerprint(bot, one) for bot, one in alike}) == len(alike)
