"""Check: quantiles of a histogram, which end at its last finite bucket."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from tradetop.doctor.bases import mean_of
from tradetop.doctor.interval import ANYTHING, Interval, between
from tradetop.doctor.outcome import Outcome, Track
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME, Labels
from tradetop.promql.nodes import Aggregate, Call, Node, Range, Selector, walk


def quantile(node: Call, phi: float | None, found: Outcome) -> Outcome:
    """What histogram_quantile gives for the buckets in `found`."""
    groups: dict[Labels, list[Track]] = {}
    for track in found.tracks:
        if not track.may_have("le"):
            text = "the buckets have lost their label le, without which there is no quantile: keep it with by (le)"
            return Outcome(never=Finding(Check.LABEL, text, *_with_le(node)))
        groups.setdefault(track.labels.without("le", NAME), []).append(track)
    return Outcome(tuple(_one(node, phi, labels, tracks) for labels, tracks in groups.items()), found.never)


def _one(node: Call, phi: float | None, labels: Labels, tracks: list[Track]) -> Track:
    edges = [edge for track in tracks if (edge := _edge(track)) is not None]
    top = max((edge for edge in edges if edge < inf), default=None)
    possible = ANYTHING
    whole = all("le" in track.labels for track in tracks)
    if whole and top is not None and phi is not None and 0 <= phi <= 1:
        text = f"{_histogram(node)} ends with a bucket of {top:g}, and no quantile is beyond it"
        why = Finding(Check.CEILING, text, node, average(node))
        possible = Interval(0.0 if min(edges) > 0 else -inf, top, between(0, 0).low_why, why)
    first = tracks[0]
    idle = all(t.seen is not None and t.seen.high == 0 for t in tracks)
    doubt = first.doubt
    if doubt is None and idle:
        doubt = Finding(Check.UNSET, f"{_histogram(node)} has observed nothing, and a quantile of nothing is no number")
    more = None if first.more is None else first.more - {"le"}
    # A quantile of nothing observed is no number: it is never there for certain.
    return Track(labels, more, first.pinned - {"le"}, possible, metric=first.metric, doubt=doubt)


def _edge(track: Track) -> float | None:
    try:
        return float(track.labels.get("le", ""))
    except ValueError:
        return None


def _histogram(node: Call) -> str:
    return (selector_of(node) or "the histogram").removesuffix("_bucket")


def selector_of(node: Node) -> str:
    """The metric name that the first selector in an expression asks for."""
    found = (m.value for part in walk(node) if isinstance(part, Selector) for m in part.matchers if m.name == NAME)
    return next(found, "")


def average(node: Call) -> Node | None:
    """The mean that has no ceiling, in place of a quantile of rate(x_bucket[5m])."""
    rate = next((p for p in walk(node) if isinstance(p, Call) and p.args and isinstance(p.args[0], Range)), None)
    if rate is None:
        return None
    window = rate.args[0]
    assert isinstance(window, Range)
    name = selector_of(window)
    if not name.endswith("_bucket"):
        return None
    stem = name.removesuffix("_bucket")
    matchers = tuple(m for m in window.selector.matchers if m.name != "le")
    return mean_of(stem, replace(window, selector=replace(window.selector, matchers=matchers)))


def _with_le(node: Call) -> tuple[Node | None, Node | None]:
    buckets = node.args[1]
    if isinstance(buckets, Aggregate) and not buckets.without:
        return buckets, replace(buckets, labels=(*buckets.labels, "le"))
    return None, None
