"""Check: texts that say "per minute" of a value that is per second."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tradetop.doctor.comparisons import COMPARISONS
from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Outcome
from tradetop.doctor.verdict import Check, Finding
from tradetop.promql.nodes import Binary, Call, Kind, Matching, Node, Number, Range

_UNIT = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3_600, "hour": 3_600, "d": 86_400}
_UNITS = "sec(?:ond)?|min(?:ute)?|hour|s|m|h|d"
_SAID = re.compile(rf"\}}\}}[^.{{]{{0,24}}?(?:/|\bper\s)\s*(\d*)\s*({_UNITS})s?\b", re.IGNORECASE)
_TITLED = re.compile(rf"(?:/|\bper\s)\s*(\d*)\s*({_UNITS})s?\b", re.IGNORECASE)
NEVER_TIMES = 20.0
"""How many times all that was seen a misread limit is before it is out of reach."""


def said_of_value(texts: Iterable[str]) -> float | None:
    """Seconds to which a text relates `{{ $value }}`: 60 for "{{ $value }} errors/min"; None where none does."""
    return next((_seconds(found) for text in texts if (found := _SAID.search(text))), None)


def said_in_title(title: str) -> float | None:
    """Seconds to which a title relates its values: 300 for "Trade rate (per 5min)"; None where it does not."""
    found = _TITLED.search(title)
    return _seconds(found) if found else None


def misread(side: Node, limit: float | None, said: float | None, look: Look) -> tuple[Finding, bool] | None:
    """A value whose text relates it to another stretch of time, and whether that puts its limit out of reach."""
    if said is None:
        return None
    found = look.of(side, replace(look, notes=[]))
    per = next((t.per for t in found.tracks if t.per is not None), None)
    if per is None or abs(per - said) < 1e-9 * said:
        return None
    text = f"its text says {_every(said)}, and {_word(side)} is {_every(per)}"
    most = _most(found)
    hopeless = most is not None and limit is not None and limit > 0 and limit >= NEVER_TIMES * most
    if hopeless and limit is not None and most is not None:
        text += f": {limit:g} means {limit * said / per:,.0f}, and {most * said / per:,.3g} is the most ever seen"
    return Finding(Check.UNIT, text, side, _related(side, said, per), fault=True), hopeless


def compared(node: Node) -> tuple[Node, float | None]:
    """What the first comparison of an expression looks at, and its limit; the expression itself without one."""
    while isinstance(node, Binary) and node.op not in COMPARISONS:
        node = node.left
    if not isinstance(node, Binary):
        return node, None
    return node.left, node.right.value if isinstance(node.right, Number) else None


def _most(found: Outcome) -> float | None:
    seen = [t.seen.high for t in found.tracks if t.seen is not None]
    return max(seen) if seen and len(seen) == len(found.tracks) else None


def _related(side: Node, said: float, per: float) -> Node:
    """The same value related to the stretch of time that the text says."""
    window = side.args[0] if isinstance(side, Call) and side.name == "rate" else None
    if isinstance(side, Call) and isinstance(window, Range) and window.span == said * 1_000:
        return replace(side, name="increase")
    return Binary("*", Number(float(f"{said / per:.10g}")), side, Matching(), False, Kind.VECTOR)


def _seconds(found: re.Match[str]) -> float:
    return float(int(found[1][:6] or 1) * _UNIT[found[2].lower()]) or 1.0


def _every(seconds: float) -> str:
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"per {word}" if count == 1 else f"per {count} {word}s"
    return f"per {seconds:g} seconds"


def _word(side: Node) -> str:
    return f"{side.name}()" if isinstance(side, Call) else "the value"
