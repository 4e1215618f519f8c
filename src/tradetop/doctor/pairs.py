"""Check: whether the series of two vectors can find each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Track
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME, Labels
from tradetop.promql.nodes import Binary, Matching, Side

Pair = tuple[Track, Track]
TRIES = 40_000
"""Pairs of series that are looked at; beyond them all are taken as able to meet."""


def pairs(node: Binary, left: Sequence[Track], right: Sequence[Track], look: Look) -> list[Pair] | Finding:
    """The pairs that a binary operation makes; a finding where there can never be any.

    A pair that has different values of a label, which both could have had alike, is kept with a doubt.
    """
    if len(left) * len(right) > TRIES:
        left, right = left[:200], right[:200]
    of = node.matching
    meeting = [(a if _surely(of, a, b) else replace(a, certain=None), b) for a in left for b in right if meet(of, a, b)]
    if meeting or node.matching.fill_left is not None or node.matching.fill_right is not None:
        return meeting or [(a, b) for a in left for b in right]
    strangers = [(a, b) for a in left for b in right if _could_meet(node.matching, a, b)]
    if not strangers:
        return _impossible(node, left, right, look)
    doubt = Finding(Check.MATCH, f"no two series on both sides of {node.op} have had the same labels yet")
    return [(replace(a, doubt=a.doubt or doubt), b) for a, b in strangers]


def left_by(matching: Matching, a: Track, b: Track) -> Labels:
    """The labels of what an operation makes of two series, or lets through of them, but for the name."""
    if matching.many is Side.RIGHT:
        return b.labels
    if matching.many is Side.LEFT:
        return a.labels
    return a.labels.keeping(*matching.labels) if matching.on else a.labels.without(*matching.labels)


def _relevant(matching: Matching, a: Track, b: Track) -> Iterable[str]:
    if matching.on:
        return matching.labels
    return (set(a.labels) | set(b.labels)) - {NAME, *matching.labels}


def meet(matching: Matching, a: Track, b: Track) -> bool:
    """Whether two series have the same labels, as far as the matching looks at them."""
    return all(_agree(a, b, label) for label in _relevant(matching, a, b))


def _surely(matching: Matching, a: Track, b: Track) -> bool:
    """Whether two that can meet have no label, unknown so far, that may yet keep them apart."""
    for track in (a, b):
        if track.more is None and not (matching.on and all(label in track.labels for label in matching.labels)):
            return False
        unknown = track.more or frozenset()
        if unknown & set(matching.labels) if matching.on else unknown - set(matching.labels):
            return False
    return True


def _could_meet(matching: Matching, a: Track, b: Track) -> bool:
    """Whether both have the same labels, and none whose differing values the expression itself asks for."""
    for label in _relevant(matching, a, b):
        if _agree(a, b, label):
            continue
        if label not in a.labels or label not in b.labels or (label in a.pinned and label in b.pinned):
            return False
    return True


def _agree(a: Track, b: Track, label: str) -> bool:
    one, other = a.labels.get(label), b.labels.get(label)
    if one == other:
        return True
    return (one is None and a.may_have(label)) or (other is None and b.may_have(label))


def _impossible(node: Binary, left: Sequence[Track], right: Sequence[Track], look: Look) -> Finding:
    identity = set(look.known.identity) | {NAME}
    one, other = _names(left, identity), _names(right, identity)
    text = f"the two sides of {node.op} have no series in common: {_shown(one)} against {_shown(other)}"
    if one == other and set(left[0].labels) - {NAME} == set(right[0].labels) - {NAME}:
        return Finding(Check.MATCH, text)
    common = tuple(sorted(one & other))
    matching = Matching(on=True, labels=common)
    if node.op not in ("and", "or", "unless"):
        many = Side.LEFT if len(left) > len(right) or one > other else Side.NONE
        many = Side.RIGHT if len(right) > len(left) or other > one else many
        matching = replace(matching, many=many)
    return Finding(Check.MATCH, text, node, replace(node, matching=matching))


def _names(tracks: Sequence[Track], identity: set[str]) -> set[str]:
    return {label for track in tracks for label in track.labels} - identity


def _shown(names: set[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"
