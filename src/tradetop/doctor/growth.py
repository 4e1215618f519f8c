"""Checks of rate() and increase(): never negative, for counters, in need of two samples, blind to a first event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tradetop.doctor.interval import ANYTHING, Interval
from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Outcome, Track
from tradetop.doctor.selectors import type_of
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME
from tradetop.promql.nodes import Call, Range, Selector
from tradetop.store.matching import metric_name

_SIGNED = re.compile(r"pnl|profit|loss|realized|realised|funding|delta|change|balance_diff|slippage")
"""Words of metrics that may well be negative."""
_INSTEAD = {"rate": "deriv", "irate": "deriv", "increase": "delta"}


def growth(node: Call, found: Outcome, look: Look) -> Outcome:
    """What rate, irate or increase gives over the series in `found`."""
    span = node.args[0].span / 1_000 if isinstance(node.args[0], Range) else 0.0
    instead = replace(node, name=_INSTEAD[node.name])
    why = Finding(Check.COMPARISON, f"{node.name}() is never negative", node, instead)
    possible = Interval(low=0.0, low_why=why)
    gauge = next((t.metric for t in found.tracks if t.stat and type_of(t.metric, look.known) == "gauge"), "")
    if gauge:
        text = f"{node.name}() is for counters, and {gauge} is a gauge: every fall counts as a restart"
        look.note(Finding(Check.RATE, text, node, instead, fault=True))
    _note_birth(node, found.tracks, look)
    per = span if node.name == "increase" else 1.0
    grown = found.tracks if look.born and look.known.born_counters else tuple(map(_as_in_prometheus, found.tracks))
    tracks = tuple(_grown(t, node, span, possible, per) for t in grown)
    return Outcome(tracks, _counter_only(found.never, look))


def _not_below_zero(track: Track, node: Call) -> bool:
    """Whether the values themselves are never negative: only of those is every growth counted upwards."""
    if track.possible.low >= 0:
        return True
    if not isinstance(node.args[0], Range) or _SIGNED.search(track.metric):
        return False
    return track.seen is None or track.seen.low >= 0


def _as_in_prometheus(track: Track) -> Track:
    return track if track.stat is None else replace(track, stat=replace(track.stat, born=0.0))


def _grown(track: Track, node: Call, span: float, possible: Interval, per: float) -> Track:
    stat, seen, mean, doubt = track.stat, None, None, track.doubt
    unit = span if node.name == "increase" else 1.0
    if stat is not None and stat.count > 1:
        most = min(stat.fastest * span, stat.risen) if span else stat.risen
        most = max(most, stat.born)
        seen = Interval(0.0, most * unit / span if span else stat.fastest)
        covered = max(1.0, (stat.last - stat.first) / 1_000)
        mean = stat.risen / covered * unit
        if not stat.pairs and not stat.born:
            doubt = Finding(
                Check.SAMPLES, f"{track.metric} never had two samples in a row, and {node.name}() needs two"
            )
    elif stat is not None and stat.low == 0:
        seen, mean = Interval(0.0, 0.0), 0.0
    return replace(
        track,
        labels=track.labels.without(NAME),
        possible=possible if _not_below_zero(track, node) else ANYTHING,
        seen=seen,
        mean=mean,
        stat=None,
        unit="",
        clock=False,
        per=per,
        doubt=doubt,
    )


def _counter_only(never: Finding | None, look: Look) -> Finding | None:
    """A name that was meant may be told, but only a counter's can be put in place."""
    if never is None or never.check is not Check.NAME or not isinstance(never.new, Selector):
        return never
    name = metric_name(never.new.matchers) or ""
    return never if type_of(name, look.known) == "counter" else replace(never, old=None, new=None)


def _note_birth(node: Call, tracks: Sequence[Track], look: Look) -> None:
    """A counter that is born with its first event: Prometheus sees no growth where it was not there before."""
    born = next((t for t in tracks if t.stat and t.stat.born > 0 and not t.own and _labelled(t, look)), None)
    if born is not None and type_of(born.metric, look.known) == "counter":
        here = "here it counts" if look.known.born_counters else "so does this one: born_counters is off"
        text = f"{born.metric} is born with its first event, which Prometheus' own {node.name}() misses; {here}"
        look.note(Finding(Check.BORN, text))


def _labelled(track: Track, look: Look) -> bool:
    return bool(set(track.labels) - set(look.known.identity) - {NAME})
