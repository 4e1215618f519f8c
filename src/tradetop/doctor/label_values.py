"""Check: labels that a metric does not have, and values that none of its series has."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from tradetop.doctor.knowledge import Seen
from tradetop.doctor.names import SLIP, closest
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.nodes import Selector
from tradetop.store.matching import value_test

_STATUS = re.compile(r"[1-5][0-9]{2}")
_STATUSES = tuple(str(code) for code in range(100, 600))
_CLASS = re.compile(r"([1-5])[xX.]{2}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Answer = tuple[Finding | None, Finding | None]
"""The proof that there can be no such series, else the doubt whether there ever is one."""


def no_value(node: Selector, matcher: Matcher, name: str, values: Collection[str], family: Sequence[Seen]) -> Answer:
    """Why none of a metric's series fits a matcher; `values` are those of its label."""
    if values == {""}:
        return _no_label(node, matcher, name, family), None
    seen = sorted(value for value in values if value)
    shown = ", ".join(seen[:3]) + (", …" if len(seen) > 3 else "")
    text = f"no series of {name} has {matcher}; seen so far: {shown}"
    if all(map(_STATUS.fullmatch, seen)) and not any(map(value_test(matcher), _STATUSES)):
        return Finding(Check.VALUE, f"{text}: a status is a number", node, _with(node, matcher, _status(matcher))), None
    if matcher.op is not MatchOp.EQUAL:
        return None, Finding(Check.VALUE, text)
    alike = next((value for value in seen if _same(value, matcher.value)), "")
    if alike:
        return Finding(Check.VALUE, text, node, _with(node, matcher, replace(matcher, value=alike))), None
    if all(map(_NUMBER.fullmatch, seen)) and not _NUMBER.fullmatch(matcher.value):
        return Finding(Check.VALUE, f"{text}: it is a number"), None
    near = closest(matcher.value, seen, SLIP)
    if not near:
        return None, Finding(Check.VALUE, text)
    meant = _with(node, matcher, replace(matcher, value=near))
    return None, Finding(Check.VALUE, f"{text}; did you mean {near}?", node, meant)


def _no_label(node: Selector, matcher: Matcher, name: str, family: Sequence[Seen]) -> Finding:
    labels = sorted({label for seen in family for label in seen.labels} - {NAME})
    near = closest(matcher.name, labels)
    text = f"{name} has no label {matcher.name}: it has {', '.join(labels) or 'none'}"
    if not near:
        return Finding(Check.LABEL, text)
    return Finding(Check.LABEL, text, node, _with(node, matcher, replace(matcher, name=near)))


def _with(node: Selector, old: Matcher, new: Matcher | None) -> Selector:
    return replace(node, matchers=tuple(new if m == old and new else m for m in node.matchers))


def _status(matcher: Matcher) -> Matcher | None:
    found = _CLASS.fullmatch(matcher.value)
    return replace(matcher, op=MatchOp.REGEX, value=f"{found[1]}..") if found else None


def _same(one: str, other: str) -> bool:
    """Whether two values say the same and are written differently."""
    if one.lower() == other.lower():
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False
