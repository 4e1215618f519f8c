"""Operators: arithmetic, sets, and the difference from time() of what is no time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tradetop.doctor.comparisons import COMPARISONS, compare
from tradetop.doctor.interval import ANYTHING, Interval
from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Outcome, Track, certain_together, united
from tradetop.doctor.pairs import left_by, meet, pairs
from tradetop.doctor.quantile import selector_of
from tradetop.doctor.units import scaled
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME, Labels
from tradetop.promql.nodes import Binary, Call, Kind, Node, Selector

_ARITHMETIC: dict[str, Callable[[Interval, Interval], Interval]] = {
    "+": Interval.__add__,
    "-": Interval.__sub__,
    "*": Interval.__mul__,
    "/": Interval.__truediv__,
}
MANY = 200
"""Series of the left side of `or` that are compared with each of the right."""
SMALL = 1e8
"""Less than any time that a bot writes, in seconds since 1970."""
_NO_TIME = ("_usd", "_pct", "_percent", "_ratio", "_total", "_bytes", "_count", "_positions", "_value")


def binary(node: Binary, look: Look) -> Outcome:
    """What two expressions and the operator between them give."""
    left, right = look.of(node.left, look), look.of(node.right, look)
    match node.op:
        case "or":
            return united((left, _unless_met(node, left, right)))
        case "unless":
            return _without(left)
        case "and":
            return _both(node, left, right, look)
    if not left.tracks or not right.tracks:
        return Outcome(never=left.never or right.never)
    if node.op in COMPARISONS:
        return compare(node, left, right, look)
    if left.scalar and right.scalar:
        return Outcome((_combined(node, left.plain, right.plain),), scalar=True)
    if left.scalar or right.scalar:
        made = [(a, b) for a in left.tracks for b in right.tracks]
    else:
        found = pairs(node, left.tracks, right.tracks, look)
        if isinstance(found, Finding):
            return Outcome(never=found)
        made = found
    return Outcome(tuple(_combined(node, a, b) for a, b in made))


def _unless_met(node: Binary, left: Outcome, right: Outcome) -> Outcome:
    """The right side of `or`: what the left side may give in its place is not certain."""
    few = left.tracks[:MANY]
    tracks = (replace(t, certain=None) if any(meet(node.matching, a, t) for a in few) else t for t in right.tracks)
    return replace(right, tracks=tuple(tracks))


def _without(left: Outcome) -> Outcome:
    """What `unless` leaves: the other side may always be away, with the bot or without."""
    return replace(left, tracks=tuple(replace(t, certain=None) for t in left.tracks))


def _both(node: Binary, left: Outcome, right: Outcome, look: Look) -> Outcome:
    never = left.never or right.never
    if never is not None or not left.tracks or not right.tracks:
        return Outcome(never=never)
    found = pairs(node, left.tracks, right.tracks, look)
    if isinstance(found, Finding):
        return Outcome(never=found)
    partners: dict[Track, list[Track]] = {}
    for a, b in found:
        partners.setdefault(a, []).append(b)
    return Outcome(tuple(_partnered(a, others) for a, others in partners.items()))


def _partnered(track: Track, others: Sequence[Track]) -> Track:
    doubt = track.doubt
    if doubt is None and all(other.doubt for other in others):
        doubt = others[0].doubt
    certain = track.certain if any(other.certain for other in others) else None
    return replace(track, doubt=doubt, certain=certain)


def _combined(node: Binary, a: Track, b: Track) -> Track:
    """The series that two make together."""
    if node.op == "-" and a.clock != b.clock and (untimely := _since_epoch(node, a, b)) is not None:
        return untimely
    apply = _ARITHMETIC.get(node.op, _anything)
    possible = apply(a.possible, b.possible)
    seen = None if a.seen is None or b.seen is None or node.op not in _ARITHMETIC else apply(a.seen, b.seen)
    if seen == ANYTHING:
        seen = None
    mean = None if seen is None else _mean(node.op, a, b)
    one, factor = _main(a, b)
    unit, per = "", None
    if factor is not None and node.op in ("*", "/"):
        times = factor if node.op == "*" else 1 / factor if factor else 0.0
        unit = scaled(one.unit, times)
        per = None if one.per is None else one.per * times
    elif factor is not None and node.op in ("+", "-"):
        unit = one.unit
    return Track(
        _labels(node, a, b),
        a.more if one is a else b.more,
        a.pinned & b.pinned if a.labels and b.labels else one.pinned,
        possible,
        seen,
        mean,
        still=_stands(a) and _stands(b),
        zero=one.zero and factor is not None and node.op in ("*", "/"),
        metric=one.metric,
        unit=unit,
        declared_unit=one.declared_unit and bool(unit),
        clock=one.clock and factor is not None and (node.op == "+" or (node.op == "-" and one is a)),
        own=one.own and (factor is not None or b.own),
        per=per,
        doubt=a.doubt or b.doubt,
        certain=certain_together(a, b) if node.op in ("+", "-", "*") else None,
    )


def _stands(track: Track) -> bool:
    return track.still or (not track.metric and track.possible.constant)


def _anything(_x: Interval, _y: Interval) -> Interval:
    return ANYTHING


def _main(a: Track, b: Track) -> tuple[Track, float | None]:
    """The side that the values come from, and the constant that is the other, if one is."""
    if not a.metric and a.possible.constant:
        return b, a.possible.low
    if not b.metric and b.possible.constant:
        return a, b.possible.low
    return (a, None) if a.metric or not b.metric else (b, None)


def _mean(op: str, a: Track, b: Track) -> float | None:
    if a.mean is None or b.mean is None:
        return None
    found = _ARITHMETIC[op](Interval(a.mean, a.mean), Interval(b.mean, b.mean))
    return found.low if found.constant else None


def _labels(node: Binary, a: Track, b: Track) -> Labels:
    if node.left.kind is Kind.SCALAR:
        return b.labels.without(NAME)
    if node.right.kind is Kind.SCALAR:
        return a.labels.without(NAME)
    return left_by(node.matching, a, b).without(NAME)


def _since_epoch(node: Binary, a: Track, b: Track) -> Track | None:
    """The difference of a time and what is none: some fifty years, whatever happens. None where it may be a time."""
    other, side = (b, node.right) if a.clock else (a, node.left)
    if not other.metric:
        return None  # An hour before now is a time as well.
    known = other.seen is not None and max(abs(other.seen.low), abs(other.seen.high)) < SMALL
    if not known and not other.metric.endswith(_NO_TIME):
        return None
    text = f"{other.metric} is no time: with time() it differs by decades"
    why = Finding(Check.TRUE, text, side, _timestamped(side))
    away = Interval(low=SMALL, low_why=why, high_why=why)
    certain = why if certain_together(a, b) is not None else None
    return replace(
        other,
        labels=other.labels.without(NAME),
        possible=away if a.clock else -away,
        seen=None,
        mean=None,
        still=False,
        stat=None,
        unit="",
        clock=True,
        certain=certain,
    )


def _timestamped(side: Node) -> Node | None:
    return Call("timestamp", (side,), Kind.VECTOR) if isinstance(side, Selector) and selector_of(side) else None
