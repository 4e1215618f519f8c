"""Silencing: what a person does to an alert, and which alerts that keeps quiet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tradetop.model.alert import Alert
from tradetop.model.clock import DAY, MINUTE
from tradetop.model.silence import Silence, SilenceKind, applies, rings_again
from tradetop.rules.side import limit_side

SHORTEST, LONGEST = MINUTE, 7 * DAY
"""How long a snooze may be (ms): there is no endless one."""


def acknowledgement(alert: Alert, now: int) -> Silence:
    """Somebody knows of the alert at `now` (ms)."""
    return Silence(
        id="",
        kind=SilenceKind.ACK,
        alert=alert.rule.name,
        made=now,
        labels=alert.labels,
        level=alert.rule.level,
        value=alert.value,
        side=limit_side(alert.rule.expr),
    )


def snooze(alert: Alert, now: int, length: int, reason: str) -> Silence:
    """The alert shall be quiet for `length` from `now` on (ms); ValueError where that is too long, or nobody says why.

    `reason` is clean.
    """
    if not SHORTEST <= length <= LONGEST:
        raise ValueError("a snooze lasts from 1m to 7d")
    if not reason.strip():
        raise ValueError("say why, such as 2h deploying")
    made, until = acknowledgement(alert, now), now + length
    return replace(made, kind=SilenceKind.SNOOZE, until=until, reason=reason.strip(), planned=until)


def attended(alerts: Iterable[Alert], silences: Sequence[Silence], at: int) -> tuple[Alert, ...]:
    """The alerts of one bot, each with what people had done to it by `at` (ms) that held then.

    Of several silences the one that keeps it quiet counts, else the latest.
    """
    known = [silence for silence in silences if silence.made <= at]
    return tuple(_attended(alert, known, at) for alert in alerts)


def _attended(alert: Alert, silences: Sequence[Silence], at: int) -> Alert:
    own = [silence for silence in silences if applies(silence, "", alert, at)]
    if not own:
        return alert
    quiet = [silence for silence in own if not rings_again(silence, alert)]
    return replace(alert, silence=(quiet or own)[-1], is_worse=not quiet)
