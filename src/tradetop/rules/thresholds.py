"""The rules of a dashboard: every threshold of its panels, its alerts, and what holds for every bot."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.model.level import severity_level
from tradetop.model.panel import Dashboard, Panel, Side, Threshold
from tradetop.rules.alive import alive

_ASIDE = re.compile(r"\([^()]*\)|\bby\b.*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9]+")


def rules_of(dashboard: Dashboard) -> tuple[Rule, ...]:
    """The rules that the bots of a dashboard are judged by, with names that are unique: the first of a name holds."""
    found = [*thresholds(dashboard.panels), *dashboard.alerts, *alive(dashboard)]
    named = {rule.name: rule for rule in reversed(found)}
    return tuple(
        replace(rule, corrects=dashboard.corrects.get(rule.name, ())) for rule in found if named[rule.name] is rule
    )


def thresholds(panels: Iterable[Panel]) -> tuple[Rule, ...]:
    """One rule for each threshold of each panel, with names that are unique.

    A threshold's own `alert`, else its panel's or its title with what tells its thresholds apart: `ExposureWarning`.
    """
    rules: list[Rule] = []
    taken: set[str] = set()
    for panel in panels:
        exprs = [q.expr for q in panel.queries if q.unit in (None, panel.unit)]
        stem = panel.alert or camel(panel.title)
        for threshold in panel.thresholds if exprs else ():
            name = threshold.alert or stem + _suffix(panel, threshold)
            if name in taken:
                name = camel(panel.id) + _suffix(panel, threshold)
            taken.add(name)
            rules.append(_rule(panel, threshold, name, exprs))
    return tuple(rules)


def camel(text: str) -> str:
    """CamelCase of a title less what stands in brackets or after "by"; "Limit" where nothing is left."""
    words = _WORD.findall(_ASIDE.sub("", text)) or _WORD.findall(text)
    return "".join(word[0].upper() + word[1:] for word in words) or "Limit"


def _rule(panel: Panel, threshold: Threshold, name: str, exprs: list[str]) -> Rule:
    severity = threshold.severity or threshold.level.name.lower()
    operator = (">" if threshold.side is Side.ABOVE else "<") + ("=" if threshold.inclusive else "")
    return Rule(
        name=name,
        expr=" or ".join(f"({expr}) {operator} {number_text(threshold.value)}" for expr in exprs),
        hold=threshold.hold,
        level=severity_level(severity),
        labels=Labels({"severity": severity}),
        summary=f"{panel.title} {threshold}",
        runbook=panel.runbook,
        condition=_condition(panel, threshold),
        panel=panel.id,
    )


def _condition(panel: Panel, threshold: Threshold) -> str:
    """The word for the state that crosses the threshold, else the threshold itself."""
    return next((word for value, word in panel.states if threshold.crossed(value)), str(threshold))


def _suffix(panel: Panel, threshold: Threshold) -> str:
    """What tells the thresholds of one panel apart, and no more."""
    sides = {t.side for t in panel.thresholds}
    alike = [t for t in panel.thresholds if t.side is threshold.side]
    side = ("High" if threshold.side is Side.ABOVE else "Low") if len(sides) > 1 else ""
    return side + (threshold.level.name.capitalize() if len(alike) > 1 else "")


def number_text(value: float) -> str:
    """A number as an expression has it."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
