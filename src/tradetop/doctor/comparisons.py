"""Check: comparisons that can never hold, always hold, or never held so far."""

from __future__ import annotations

from dataclasses import replace

from tradetop.doctor.doubts import doubt
from tradetop.doctor.interval import Interval, between, certain, obstacle, satisfiable
from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Outcome, Track, certain_together
from tradetop.doctor.pairs import left_by, pairs
from tradetop.doctor.units import clash, too_low
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME
from tradetop.promql.nodes import Binary, Node

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def compare(node: Binary, left: Outcome, right: Outcome, look: Look) -> Outcome:
    """What a comparison lets through, or with `bool` the 0 or 1 that it gives."""
    if left.scalar or right.scalar:
        met = [(a, b) for a in left.tracks for b in right.tracks]
    else:
        found = pairs(node, left.tracks, right.tracks, look)
        if isinstance(found, Finding):
            return Outcome(never=found)
        met = [(replace(a, labels=left_by(node.matching, a, b)), b) for a, b in found]
    judged = [_judged(node, a, b, look, mirrored=left.scalar) for a, b in met]
    tracks = tuple(each for each in judged if isinstance(each, Track))
    never = next((each for each in judged if isinstance(each, Finding)), None)
    return Outcome(tracks, None if tracks else never, scalar=left.scalar and right.scalar)


def _judged(node: Binary, a: Track, b: Track, look: Look, *, mirrored: bool) -> Track | Finding:
    """One pair of series: what is let through of it, or the proof that nothing ever is."""
    op, side = node.op, node.left
    if mirrored:
        op, a, b, side = _MIRRORED.get(op, op), b, a, node.right
    a = replace(_witnessed(a, side, look), certain=certain_together(a, b))
    possible = satisfiable(op, a.possible, b.possible)
    if node.as_bool:
        return _answer(op, a, b, possible=possible)
    if not possible:
        return _impossible(op, a, b)
    holds = certain(op, a.possible, b.possible)
    kept = a if not mirrored else replace(a, labels=a.labels)
    if holds:
        return replace(kept, certain=_sure(op, a, b) if a.certain else None)
    if b.seen is not None and a.seen is not None and satisfiable(op, a.seen, b.seen):
        return _held(node, op, kept, b)
    found, proven = (None, False)
    if b.possible.constant and not a.own:
        found, proven = clash(node, side, a, b.possible.low)
    if proven and found is not None:
        return found
    return replace(kept, certain=None, doubt=a.doubt or b.doubt or doubt(op, a, b, found, look))


def _witnessed(track: Track, side: Node, look: Look) -> Track:
    """With what was really seen of a value that cannot be worked out from its parts."""
    if track.stat is not None or (track.doubt is not None and track.seen is None):
        return track
    found = look.witness(side)
    if found is None:
        return track
    seen, mean = found
    return replace(track, seen=seen if track.seen is None else track.seen | seen, mean=mean)


def _held(node: Binary, op: str, track: Track, b: Track) -> Track:
    """A series that has been let through already: it can be, unless that is all it ever is."""
    assert track.seen is not None
    if track.still and not track.own and track.seen == between(0.0, 0.0) and b.possible.constant:
        text = f"{track.metric or 'it'} has always been 0, and 0 {op} {b.possible.low:g} holds: never set"
        return replace(track, certain=Finding(Check.UNSET, text) if track.certain else None)
    limit = b.possible.low if b.possible.constant else 0.0
    found = too_low(node, track, limit, op in (">", ">=")) if op not in ("==", "!=") else None
    return replace(track, certain=None, doubt=track.doubt or found)


def _answer(op: str, a: Track, b: Track, *, possible: bool) -> Track:
    """The 0 or 1 of a comparison with `bool`."""
    why = Finding(Check.COMPARISON, "a comparison with bool is 0 or 1")
    if not possible:
        value = between(0.0, 0.0, obstacle(op, a.possible, b.possible) or why)
    elif certain(op, a.possible, b.possible):
        value = between(1.0, 1.0, obstacle(op, b.possible, a.possible) or why)
    else:
        value = between(0.0, 1.0, why)
    seen = None
    if a.seen is not None and b.seen is not None:
        seen = between(float(certain(op, a.seen, b.seen)), float(satisfiable(op, a.seen, b.seen)))
    labels = a.labels.without(NAME)
    return replace(a, labels=labels, possible=value, seen=seen, mean=None, stat=None, unit="", clock=False, per=None)


def _impossible(op: str, a: Track, b: Track) -> Finding:
    why = obstacle(op, a.possible, b.possible)
    limit = f"{op} {b.possible.low:g}" if b.possible.constant else f"{op} the other side"
    if why is None:
        return Finding(Check.COMPARISON, f"{_shown(a.possible)} is never {limit}")
    return replace(why, text=f"{why.text}: it is never {limit}")


def _sure(op: str, a: Track, b: Track) -> Finding:
    opposite = {">": "<", ">=": "<", "<": ">", "<=": ">"}.get(op, op)
    why = obstacle(opposite, a.possible, b.possible) or a.possible.low_why or a.possible.high_why
    limit = f"{op} {b.possible.low:g}" if b.possible.constant else f"{op} the other side"
    if why is None:
        return Finding(Check.TRUE, f"{_shown(a.possible)} is always {limit}")
    return replace(why, check=Check.TRUE, text=f"{why.text}: it is always {limit}")


def _shown(values: Interval) -> str:
    return f"{values.low:g}" if values.constant else f"a value from {values.low:g} to {values.high:g}"
