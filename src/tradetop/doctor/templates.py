"""Check: labels that a text asks for and the alert does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Outcome
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.alert import Rule
from tradetop.model.labels import NAME
from tradetop.promql.nodes import Aggregate, Binary, Kind, Node, Selector, Side, walk

_ASKED = re.compile(r"\$labels\.([A-Za-z_]\w*)|\bindex\s+\$labels\s+\"([A-Za-z_]\w*)\"")
_LEGEND = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
NAMED = 6
"""Labels of one rule that are told at most."""


def asked(rule: Rule) -> tuple[str, ...]:
    """The labels that a rule's texts ask for, each once."""
    return _found(_ASKED, (*rule.annotations.values(), *rule.labels.values()))


def asked_by_legends(legends: Iterable[str]) -> tuple[str, ...]:
    """The labels that legends ask for, each once."""
    return _found(_LEGEND, legends)


def dropped(node: Node, labels: Iterable[str], found: Outcome, look: Look) -> tuple[Finding, ...]:
    """A finding for each label that none of the results can have."""
    findings = []
    for label in labels:
        if not found.tracks or label == NAME or any(track.may_have(label) for track in found.tracks):
            continue
        findings.append(_finding(node, label, look))
    return tuple(findings)


def _finding(node: Node, label: str, look: Look) -> Finding:
    """Where the label was lost, or that it never was."""
    for part in walk(node):
        if isinstance(part, Binary) and _loses(part, label, look):
            how = f"{part.op} {'on' if part.matching.on else 'ignoring'} ({', '.join(part.matching.labels)})"
            return Finding(Check.TEMPLATE, f"{how} drops the label {label}, so $labels.{label} is empty", fault=True)
        if not isinstance(part, Aggregate) or _keeps(part, label):
            continue
        inner = look.of(part.expr, replace(look, notes=[]))
        if any(track.may_have(label) for track in inner.tracks):
            labels = tuple(n for n in part.labels if n != label) if part.without else (*part.labels, label)
            text = f"{part.op}() drops the label {label}, so $labels.{label} is empty"
            return Finding(Check.TEMPLATE, text, part, replace(part, labels=labels), fault=True)
    names = sorted({m.value for p in walk(node) if isinstance(p, Selector) for m in p.matchers if m.name == NAME})
    return Finding(Check.TEMPLATE, f"no series of {', '.join(names[:2])} has the label {label}", fault=True)


def _loses(node: Binary, label: str, look: Look) -> bool:
    """Whether two vectors are matched one to one in a way that leaves a label of the left one out."""
    if node.op in ("and", "or", "unless") or node.matching.many is not Side.NONE:
        return False
    if Kind.SCALAR in (node.left.kind, node.right.kind) or (label in node.matching.labels) == node.matching.on:
        return False
    return any(track.may_have(label) for track in look.of(node.left, replace(look, notes=[])).tracks)


def _keeps(node: Aggregate, label: str) -> bool:
    return (label in node.labels) != node.without


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> tuple[str, ...]:
    matches = (match for text in texts for match in pattern.finditer(text))
    return tuple(dict.fromkeys(next(filter(None, match.groups())) for match in matches))[:NAMED]
