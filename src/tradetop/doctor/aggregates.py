"""Aggregations: which labels and values are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tradetop.doctor.interval import ANYTHING, NOT_NEGATIVE, Interval, between, hull
from tradetop.doctor.look import Look
from tradetop.doctor.outcome import EXACT, Outcome, Track
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME, Labels
from tradetop.promql.nodes import Aggregate, Text

_PICKED = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})


def aggregate(node: Aggregate, look: Look) -> Outcome:
    """What an aggregation gives."""
    found = look.of(node.expr, look)
    if node.op in _PICKED and len(found.tracks) > 1:
        # One of them is always picked, but nobody knows which.
        return replace(found, tracks=tuple(replace(t, certain=None) for t in found.tracks))
    if node.op in _PICKED or not found.tracks:
        return found
    groups: dict[tuple[Labels, frozenset[str] | None], list[Track]] = {}
    for track in found.tracks:
        groups.setdefault(_left(node, track), []).append(track)
    made = tuple(_group(node, labels, more, tracks) for (labels, more), tracks in groups.items())
    return Outcome(made)


def _left(node: Aggregate, track: Track) -> tuple[Labels, frozenset[str] | None]:
    """The labels that a series keeps."""
    named = frozenset(node.labels)
    counted = frozenset({node.param.value}) if isinstance(node.param, Text) else EXACT
    if node.without:
        return track.labels.without(*named, NAME), None if track.more is None else (track.more - named) | counted
    unknown = named - set(track.labels) if track.more is None else named & track.more
    return track.labels.keeping(*named), frozenset(unknown) | counted


def _group(node: Aggregate, labels: Labels, more: frozenset[str] | None, tracks: Sequence[Track]) -> Track:
    first = tracks[0]
    possible, seen, mean = _values(node.op, tracks)
    one = len(tracks) == 1 or node.op in ("min", "max", "avg", "quantile")
    return Track(
        labels,
        more,
        frozenset.intersection(*(t.pinned for t in tracks)) & set(labels),
        possible,
        seen,
        mean,
        still=all(t.still for t in tracks),
        zero=all(t.zero for t in tracks),
        metric=first.metric,
        unit=first.unit if one or node.op == "sum" else "",
        declared_unit=first.declared_unit and one,
        clock=all(t.clock for t in tracks) and one,
        own=all(t.own for t in tracks),
        per=first.per if node.op not in ("count", "group", "count_values") else None,
        doubt=None if any(t.doubt is None for t in tracks) else first.doubt,
        certain=next((t.certain for t in tracks if t.certain), None),
    )


def _values(op: str, tracks: Sequence[Track]) -> tuple[Interval, Interval | None, float | None]:
    """What values are possible, were seen, and what they were on average."""
    possible = hull(t.possible for t in tracks) or ANYTHING
    seen = [t.seen for t in tracks if t.seen is not None]
    means = [t.mean for t in tracks if t.mean is not None]
    usual = means if len(means) == len(tracks) else []
    match op:
        case "min" | "max" | "avg" | "quantile":
            pick = {"min": min, "max": max}.get(op, lambda values: sum(values) / len(values))
            return possible, hull(seen), pick(usual) if usual else None
        case "sum":
            total = _total(seen) if len(seen) == len(tracks) else None
            return _sum(possible), total, sum(usual) if usual else None
        case "count":
            why = Finding(Check.COMPARISON, "count() is at least 1 where there is anything")
            return Interval(low=1.0, low_why=why), None, None
        case "group":
            why = Finding(Check.COMPARISON, "group() is 1 where there is anything")
            return between(1.0, 1.0, why), between(1.0, 1.0), 1.0
        case "stddev" | "stdvar" | "count_values":
            return NOT_NEGATIVE, None, None
        case _:
            return ANYTHING, None, None


def _sum(possible: Interval) -> Interval:
    """A sum of numbers that are all on one side of zero stays there."""
    if possible.low >= 0:
        return Interval(low=possible.low, low_why=possible.low_why)
    return replace(possible, low=ANYTHING.low) if possible.high <= 0 else ANYTHING


def _total(seen: Sequence[Interval]) -> Interval | None:
    total = None
    for each in seen:
        total = each if total is None else total + each
    return total
