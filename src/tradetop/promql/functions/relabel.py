"""Functions that write labels."""

from __future__ import annotations

import re
from collections.abc import Callable

from tradetop.model.labels import NAME, Labels
from tradetop.promql.error import PromQLError
from tradetop.promql.functions.signature import Function
from tradetop.promql.names import merged
from tradetop.promql.nodes import Call
from tradetop.promql.regex import Match, Pattern, compiled
from tradetop.promql.run import Curve, Result, Run

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)


def _replace(call: Call, run: Run) -> Result:
    target, template, source, regex = (run.text(arg) for arg in call.args[1:])
    pattern = compiled(regex)
    _check_name(target, "label_replace")

    def relabelled(labels: Labels) -> Labels | None:
        match = pattern.fullmatch(labels.get(source, ""))
        return None if match is None else labels.merged({target: _expanded(template, match, pattern)})

    return _relabel(run.vector(call.args[0]), relabelled, target)


def _join(call: Call, run: Run) -> Result:
    target, separator, *sources = (run.text(arg) for arg in call.args[1:])
    for name in sources:
        if not name:
            raise PromQLError('invalid source label name in label_join(): ""')
    _check_name(target, "label_join")

    def joined(labels: Labels) -> Labels:
        return labels.merged({target: separator.join(labels.get(name, "") for name in sources)})

    return _relabel(run.vector(call.args[0]), joined, target)


def _relabel(curves: list[Curve], change: Callable[[Labels], Labels | None], target: str) -> list[Curve]:
    """Change the labels; a name that was written stays. PromQLError where two series become alike at a step."""
    found = [(curve, change(curve.labels)) for curve in curves]
    return merged([c if new is None else Curve(new, c.values, c.unnamed and target != NAME) for c, new in found])


def _check_name(name: str, function: str) -> None:
    if not name:
        raise PromQLError(f'invalid destination label name in {function}(): "{name}"')


def _expanded(template: str, match: Match, pattern: Pattern) -> str:
    """Go's Regexp.Expand: $1, $name, ${name} and $$; what was not matched is empty."""

    def value(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isdigit():
            known = int(name) <= pattern.groups
            return (match.group(int(name)) or "") if known else ""
        return (match.group(name) or "") if name in pattern.groupindex else ""

    return _REFERENCE.sub(value, template)


FUNCTIONS: dict[str, Function] = {"label_join": _join, "label_replace": _replace}
