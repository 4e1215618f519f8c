"""Functions: which values and labels they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, floor, inf, pi

from tradetop.doctor.growth import growth
from tradetop.doctor.interval import ANYTHING, NOT_NEGATIVE, Interval, between, hull
from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Outcome, Track, constant, scalar
from tradetop.doctor.quantile import quantile
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import MatchOp
from tradetop.promql.nodes import Call, Kind, Node, Range, Selector, Subquery, Text

Effect = Callable[[Call, Look], Outcome]
Change = Callable[[Track], Track]

LEAST_TIME = 1e9
"""Seconds since 1970 of any time that there will be."""
_CALENDAR = {
    "hour": (0, 23),
    "minute": (0, 59),
    "day_of_week": (0, 6),
    "day_of_month": (1, 31),
    "day_of_year": (1, 366),
    "days_in_month": (28, 31),
    "month": (1, 12),
    "year": (1970, 9999),
}


def call(node: Call, look: Look) -> Outcome:
    """What a function gives."""
    effect = _EFFECTS.get(node.name)
    if effect is not None:
        return effect(node, look)
    if node.name in _CALENDAR:
        low, high = _CALENDAR[node.name]
        possible = between(low, high, Finding(Check.COMPARISON, f"{node.name}() is from {low} to {high}"))
        return _each(node, look, lambda t: bare(t, possible)) if node.args else Outcome((Track(possible=possible),))
    if node.kind is Kind.SCALAR or not node.args:
        return scalar(ANYTHING)
    return _each(node, look, lambda t: bare(t, ANYTHING))


def bare(track: Track, possible: Interval, seen: Interval | None = None) -> Track:
    """A series whose values have become others: without name, unit and history."""
    return replace(
        track,
        labels=track.labels.without(NAME),
        possible=possible,
        seen=seen,
        mean=seen.low if seen is not None and seen.constant else None,
        stat=None,
        unit="",
        clock=False,
        zero=False,
    )


def _each(node: Call, look: Look, change: Change) -> Outcome:
    """Change every series of the vector that a function takes."""
    arg = next((a for a in node.args if a.kind in (Kind.VECTOR, Kind.MATRIX)), None)
    if arg is None:
        return Outcome((Track(possible=ANYTHING, more=None),))
    found = of_argument(arg, look)
    return replace(found, tracks=tuple(map(change, found.tracks)), scalar=False)


def of_argument(arg: Node, look: Look) -> Outcome:
    """The series of an argument; a range is as good as its selector."""
    if isinstance(arg, Range):
        return look.of(arg.selector, look)
    if isinstance(arg, Subquery):
        found = look.of(arg.expr, look)
        return replace(found, tracks=tuple(replace(t, stat=None) for t in found.tracks), scalar=False)
    return look.of(arg, look)


def number(node: Node, look: Look) -> float | None:
    """The constant that an argument is; None where it is none."""
    found = look.of(node, look)
    return found.plain.possible.low if found.scalar and found.plain.possible.constant else None


def _kept(node: Call, look: Look) -> Outcome:
    return _each(node, look, lambda t: t)


def _same_values(node: Call, look: Look) -> Outcome:
    """Functions of time that give one of the values, or one between them."""
    name = node.name in ("last_over_time", "first_over_time")
    return _each(node, look, lambda t: t if name else replace(t, labels=t.labels.without(NAME), stat=None))


def _slope(node: Call, look: Look) -> Outcome:
    """deriv, delta, idelta: what moves by nothing has none."""
    seen = between(0.0, 0.0)
    per = 1.0 if node.name == "deriv" else None
    return _each(node, look, lambda t: replace(bare(t, ANYTHING, seen if t.still else None), per=per))


def _not_negative(node: Call, look: Look) -> Outcome:
    possible = Interval(low=0.0, low_why=Finding(Check.COMPARISON, f"{node.name}() is never negative"))
    # The root of a negative number is none, which compares with nothing.
    return _each(node, look, lambda t: bare(replace(t, certain=None) if node.name == "sqrt" else t, possible))


def _count(node: Call, look: Look) -> Outcome:
    why = Finding(Check.COMPARISON, f"{node.name}() is at least 1 where there is anything")
    return _each(node, look, lambda t: bare(t, Interval(low=1.0, low_why=why)))


def _one(node: Call, look: Look) -> Outcome:
    why = Finding(Check.COMPARISON, f"{node.name}() is 1 where there is anything")
    return _each(node, look, lambda t: bare(t, between(1.0, 1.0, why), between(1.0, 1.0)))


def _sum(node: Call, look: Look) -> Outcome:
    def change(t: Track) -> Track:
        possible = Interval(low=0.0, low_why=t.possible.low_why) if t.possible.low >= 0 else ANYTHING
        zero = t.seen is not None and t.seen.low == t.seen.high == 0
        return bare(t, possible, between(0.0, 0.0) if zero else None)

    return _each(node, look, change)


def _monotone(function: Callable[[float], float]) -> Effect:
    """Functions that keep the order of numbers."""

    def mapped(of: Interval) -> Interval:
        low = of.low if abs(of.low) == inf else function(of.low)
        return replace(of, low=low, high=of.high if abs(of.high) == inf else function(of.high))

    def change(t: Track) -> Track:
        mean = None if t.mean is None else function(t.mean)
        return replace(
            t, labels=t.labels.without(NAME), stat=None, possible=mapped(t.possible), mean=mean,
            seen=None if t.seen is None else mapped(t.seen),
        )  # fmt: skip

    return lambda node, look: _each(node, look, change)


def _absolute(node: Call, look: Look) -> Outcome:
    def absolute(of: Interval) -> Interval:
        ends = sorted((abs(of.low), abs(of.high)))
        return Interval(0.0 if of.low <= 0 <= of.high else ends[0], ends[1])

    def change(t: Track) -> Track:
        seen = None if t.seen is None else absolute(t.seen)
        mean = None if t.mean is None else abs(t.mean)
        return replace(t, labels=t.labels.without(NAME), stat=None, possible=absolute(t.possible), seen=seen, mean=mean)

    return _each(node, look, change)


def _clamp(node: Call, look: Look) -> Outcome:
    given = [number(arg, look) for arg in node.args[1:]]
    low = -inf if node.name == "clamp_max" else given[0]
    high = inf if node.name == "clamp_min" else given[-1]
    if low is None or high is None or low > high:
        return _each(node, look, lambda t: bare(t, ANYTHING))
    why = Finding(Check.COMPARISON, f"{node.name}() lets nothing beyond through")

    def change(t: Track) -> Track:
        possible = t.possible.clamped(low, high)
        possible = replace(possible, low_why=possible.low_why or why, high_why=possible.high_why or why)
        seen = None if t.seen is None else t.seen.clamped(low, high)
        mean = None if t.mean is None else max(low, min(high, t.mean))
        return replace(t, labels=t.labels.without(NAME), stat=None, possible=possible, seen=seen, mean=mean)

    return _each(node, look, change)


def _timestamp(node: Call, look: Look) -> Outcome:
    return _each(node, look, lambda t: replace(bare(t, Interval(low=0.0)), clock=True, still=False))


def _started(node: Call, look: Look) -> Outcome:
    return _each(node, look, lambda t: bare(t, Interval(low=0.0)))


def _time(_node: Call, _look: Look) -> Outcome:
    return scalar(Interval(low=LEAST_TIME), clock=True)


def _scalar(node: Call, look: Look) -> Outcome:
    found = of_argument(node.args[0], look)
    possible = hull(t.possible for t in found.tracks) or ANYTHING
    # Of several series it is no number.
    return scalar(possible, seen=hull(t.seen for t in found.tracks), sure=False)


def _vector(node: Call, look: Look) -> Outcome:
    found = look.of(node.args[0], look)
    return Outcome(found.tracks)


def _absent(node: Call, look: Look) -> Outcome:
    arg = node.args[0]
    found = of_argument(arg, look)
    selector = arg.selector if isinstance(arg, Range) else arg
    pins = selector.matchers if isinstance(selector, Selector) else ()
    labels = Labels({m.name: m.value for m in pins if m.op is MatchOp.EQUAL and m.name != NAME})
    why = Finding(Check.COMPARISON, f"{node.name}() is 1 where there is nothing")
    one = Track(labels, possible=between(1.0, 1.0, why), seen=between(1.0, 1.0), own=True)
    if found.never is not None:
        text = f"{node.name}() of what is never there is always 1: {found.never.text}"
        one = replace(one, certain=Finding(found.never.check, text, found.never.old, found.never.new))
    return Outcome((one,))


def _relabelled(node: Call, look: Look) -> Outcome:
    target = node.args[1]
    name = target.value if isinstance(target, Text) else ""

    def change(t: Track) -> Track:
        more = None if t.more is None or not name else t.more | {name}
        return replace(t, labels=t.labels.without(name), more=more, pinned=t.pinned - {name})

    return _each(node, look, change)


def _grow(node: Call, look: Look) -> Outcome:
    return growth(node, of_argument(node.args[0], look), look)


def _counts_moves(node: Call, look: Look) -> Outcome:
    found = of_argument(node.args[0], look)
    why = Finding(Check.COMPARISON, f"{node.name}() is never negative")
    possible = Interval(low=0.0, low_why=why)
    seen = between(0.0, 0.0)
    return Outcome(tuple(bare(t, possible, seen if t.still else None) for t in found.tracks), found.never)


def _quantile(node: Call, look: Look) -> Outcome:
    return quantile(node, number(node.args[0], look), look.of(node.args[1], look))


def _sign(node: Call, look: Look) -> Outcome:
    return _each(node, look, lambda t: bare(t, between(-1.0, 1.0, Finding(Check.COMPARISON, "sgn() is -1, 0 or 1"))))


def _round(node: Call, look: Look) -> Outcome:
    if len(node.args) > 1:
        return _each(node, look, lambda t: bare(t, NOT_NEGATIVE if t.possible.low >= 0 else ANYTHING))
    return _monotone(lambda x: float(floor(x + 0.5)))(node, look)


_EFFECTS: dict[str, Effect] = {
    **dict.fromkeys(("rate", "irate", "increase"), _grow),
    **dict.fromkeys(("deriv", "delta", "idelta"), _slope),
    **dict.fromkeys(("changes", "resets"), _counts_moves),
    **dict.fromkeys(("min_over_time", "max_over_time", "avg_over_time", "quantile_over_time"), _same_values),
    **dict.fromkeys(("last_over_time", "first_over_time", "mad_over_time"), _same_values),
    **dict.fromkeys(("stddev_over_time", "stdvar_over_time", "sqrt", "exp"), _not_negative),
    **dict.fromkeys(("sort", "sort_desc", "sort_by_label", "sort_by_label_desc"), _kept),
    **dict.fromkeys(("absent", "absent_over_time"), _absent),
    **dict.fromkeys(("clamp", "clamp_min", "clamp_max"), _clamp),
    **dict.fromkeys(("label_replace", "label_join"), _relabelled),
    "mad_over_time": _not_negative,
    "count_over_time": _count,
    "present_over_time": _one,
    "sum_over_time": _sum,
    "abs": _absolute,
    "ceil": _monotone(lambda x: float(ceil(x))),
    "floor": _monotone(lambda x: float(floor(x))),
    "round": _round,
    "sgn": _sign,
    "time": _time,
    "timestamp": _timestamp,
    "start_timestamp": _started,
    "scalar": _scalar,
    "vector": _vector,
    "pi": lambda _node, _look: constant(pi),
    "histogram_quantile": _quantile,
}
