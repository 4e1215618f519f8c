"""Check: percentages that are compared with shares of 1, and limits of another size than all that was seen."""

from __future__ import annotations

import re
from dataclasses import replace

from tradetop.doctor.outcome import Track
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.ports import Metadata
from tradetop.promql.nodes import Binary, Kind, Matching, Node, Number

PERCENT, SHARE = "percent", "share"
SHARE_ABOVE = 1.5
"""What a share of 1 does not reach: a rate limit does pass 100 %, but not by that much."""
FAR = 500.0
"""What no percentage reaches."""
TIMES = 50.0
"""How many times all that was seen a limit may be before its unit is in doubt."""
TYPICAL = 10.0
"""How many times below the usual value a limit must be for that."""

_PERCENT = re.compile(r"_(pct|percent|percentage)(_|$)")
_SHARE = re.compile(r"_(ratio|fraction|utili[sz]ation|share)$")
_ZERO_TO_ONE = re.compile(r"\b0(\.0)?\s*(-|–|to|\.\.)\s*1(\.0)?(?![\d.])")
_HUNDRED = re.compile(r"\b0\s*(-|–|to|\.\.)\s*100\b")


def unit_of(name: str, said: Metadata | None) -> tuple[str, bool]:
    """percent, share or "" for a metric, and whether its own help text says so."""
    help_text = said.help.lower() if said is not None else ""
    if _ZERO_TO_ONE.search(help_text):
        return SHARE, True
    if _HUNDRED.search(help_text):
        return PERCENT, True
    if _PERCENT.search(name):
        return PERCENT, False
    return (SHARE, False) if _SHARE.search(name) else ("", False)


def scaled(unit: str, factor: float) -> str:
    """The unit of a value after it was multiplied by a constant."""
    if factor == 100 and unit == SHARE:
        return PERCENT
    if unit == PERCENT and abs(factor - 0.01) < 1e-12:
        return SHARE
    return unit if factor in (1.0, -1.0) else ""


def clash(node: Binary, side: Node, track: Track, limit: float) -> tuple[Finding | None, bool]:
    """What is wrong with a limit's unit, and whether that is proven: the metric itself says what it holds."""
    size = abs(limit)
    top = None if track.seen is None else max(abs(track.seen.low), abs(track.seen.high))
    named = track.metric or "it"
    if track.unit == SHARE and size > SHARE_ABOVE and (top is None or top <= SHARE_ABOVE):
        finding = Finding(
            Check.UNIT, f"{named} is a share of 1, and {limit:g} is a percentage", side, hundredfold(side)
        )
        return finding, track.declared_unit
    if track.unit == PERCENT and top is not None and 0 < top <= 1 and size > SHARE_ABOVE and not track.declared_unit:
        text = f"{named} is called a percentage and holds a share of 1 ({_range(track)})"
        return Finding(Check.UNIT, text, side, hundredfold(side)), False
    if track.unit == PERCENT and size >= FAR and (top is None or top < FAR):
        new = _with_limit(node, limit / 100)
        return Finding(Check.UNIT, f"{named} is a percentage, and {limit:g} is far beyond any", node, new), False
    if top and size >= TIMES * top:
        text = f"the limit {limit:g} is {size / top:,.0f} times the most ever seen ({top:.4g}): is its unit right?"
        return Finding(Check.UNIT, text), False
    return None, False


def too_low(node: Binary, track: Track, limit: float, above: bool) -> Finding | None:
    """A limit so far within what is usual that it is crossed nearly always."""
    if track.mean is None or limit == 0 or track.own:
        return None
    usual = track.mean if above else -track.mean
    crossed = limit if above else -limit
    if crossed <= 0 or usual < TYPICAL * crossed:
        return None
    unit = "" if track.unit != PERCENT or abs(limit) > 1 else "; is a share of 1 meant?"
    text = f"{track.metric or 'it'} is usually {track.mean:.4g}, far beyond {limit:g}: it would ring all the time{unit}"
    return Finding(Check.UNIT, text, node, _with_limit(node, limit * 100) if unit else None)


def hundredfold(side: Node) -> Node:
    """An expression times a hundred."""
    return Binary("*", Number(100.0), side, Matching(), False, Kind.VECTOR)


def _with_limit(node: Binary, limit: float) -> Binary:
    limit = float(f"{limit:.10g}")
    return replace(node, right=Number(limit)) if isinstance(node.right, Number) else replace(node, left=Number(limit))


def _range(track: Track) -> str:
    assert track.seen is not None
    low, high = f"{track.seen.low:.2g}", f"{track.seen.high:.2g}"
    return low if low == high else f"{low} to {high}"
