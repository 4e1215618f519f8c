"""Functions of time: the evaluation's own, a sample's, and the calendar's (UTC)."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tradetop.model.labels import EMPTY
from tradetop.promql.functions.signature import Function
from tradetop.promql.nodes import Call, Selector
from tradetop.promql.run import Curve, Result, Run
from tradetop.promql.select import stamps

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE = 146_097 * 86_400
"""Seconds of 400 years."""
_END = 2.0**63
"""Seconds that Prometheus can count: of what lies beyond it gives a number that depends on its platform, we none."""


def _time(_call: Call, run: Run) -> Result:
    return [t / 1_000 for t in run.grid.times]


def _timestamp(call: Call, run: Run) -> Result:
    """Of a plain selector the time of the sample itself, of anything else that of the evaluation."""
    if isinstance(call.args[0], Selector) and not call.args[0].plus:
        return stamps(call.args[0], run)
    times = run.grid.times
    return [
        Curve(c.labels, [None if v is None else t / 1_000 for v, t in zip(c.values, times, strict=True)], True)
        for c in run.vector(call.args[0])
    ]


def _calendar(read: Callable[[datetime, int], float]) -> Function:
    """A part of the date that a vector's values (seconds since the epoch), or the evaluation's time, stand for.

    The calendar is the same again every 400 years: dates of all times are read within one such cycle from 1970 on.
    """

    def part(seconds: float) -> float:
        if not abs(seconds) < _END:
            return math.nan
        cycles, rest = divmod(math.trunc(seconds), _CYCLE)
        return float(read(_EPOCH + timedelta(seconds=rest), cycles))

    def found(call: Call, run: Run) -> Result:
        if not call.args:
            return [Curve(EMPTY, [part(t / 1_000) for t in run.grid.times], True)]
        return [
            Curve(c.labels, [None if v is None else part(v) for v in c.values], True) for c in run.vector(call.args[0])
        ]

    return found


def _constant(value: Callable[[Run], float]) -> Function:
    return lambda _call, run: [value(run)] * run.grid.count


FUNCTIONS: dict[str, Function] = {
    "day_of_month": _calendar(lambda d, _: d.day),
    "day_of_week": _calendar(lambda d, _: d.isoweekday() % 7),
    "day_of_year": _calendar(lambda d, _: d.timetuple().tm_yday),
    "days_in_month": _calendar(lambda d, _: monthrange(d.year, d.month)[1]),
    "end": _constant(lambda run: run.set.end / 1_000),
    "hour": _calendar(lambda d, _: d.hour),
    "minute": _calendar(lambda d, _: d.minute),
    "month": _calendar(lambda d, _: d.month),
    "pi": _constant(lambda _run: math.pi),
    "range": _constant(lambda run: (run.set.end - run.set.start) / 1_000),
    "start": _constant(lambda run: run.set.start / 1_000),
    "step": _constant(lambda run: run.set.step / 1_000),
    "time": _time,
    "timestamp": _timestamp,
    "year": _calendar(lambda d, cycles: d.year + 400 * cycles),
}
