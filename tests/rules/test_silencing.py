"""Silencing: no snooze without an end and a reason, and which of several silences is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import Side
from tradetop.model.silence import SilenceKind
from tradetop.rules.silencing import acknowledgement, attended, snooze

T0 = 1_700_000_000_000
LOSS = Alert(
    Rule("DailyLoss", "pnl < -400", level=Level.CRITICAL), Labels({"mode": "live"}), AlertState.FIRING, -480.0, T0
)


def test_a_silence_remembers_the_alert_as_it_was() -> None:
    made = snooze(LOSS, T0, 2 * HOUR, " deploying ")
    assert (made.kind, made.until, made.reason) == (SilenceKind.SNOOZE, T0 + 2 * HOUR, "deploying")
    assert (made.alert, made.labels, made.level, made.value, made.side) == (
        "DailyLoss",
        LOSS.labels,
        Level.CRITICAL,
        -480.0,
        Side.BELOW,
    )
    assert acknowledgement(LOSS, T0).until is None


@pytest.mark.parametrize(
    ("length", "reason", "said"),
    [
        (0, "x", "from 1m to 7d"),
        (MINUTE - 1, "x", "from 1m to 7d"),
        (7 * DAY + 1, "x", "from 1m to 7d"),
        (HOUR, " ", "say why"),
    ],
)
def test_there_is_no_endless_snooze_and_none_without_a_reason(length: int, reason: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        snooze(LOSS, T0, length, reason)


def test_snoozed_at_480_it_rings_at_576() -> None:
    silences = [snooze(LOSS, T0, HOUR, "deploying")]
    (at_575,) = attended([replace(LOSS, value=-575.0)], silences, T0 + MINUTE)
    (at_576,) = attended([replace(LOSS, value=-576.0)], silences, T0 + MINUTE)
    assert (at_575.is_quiet, at_576.is_quiet, at_576.is_worse) == (True, False, True)
    assert at_576.silence is silences[0]


def test_of_several_silences_one_that_still_holds_is_shown() -> None:
    early, late = snooze(LOSS, T0, HOUR, "early"), snooze(replace(LOSS, value=-100.0), T0 + 1, HOUR, "late")
    (found,) = attended([LOSS], [early, late], T0 + MINUTE)
    assert found.silence is early
    (found,) = attended([LOSS], [late], T0 + MINUTE)
    assert (found.silence, found.is_worse) == (late, True)
    # Nothing that is made later is known before.
    assert attended([LOSS], [late], T0) == (LOSS,)
