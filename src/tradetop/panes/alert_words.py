"""What the row of an alert says beside its name and its age: the same from one scrape to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tradetop.model.alert import Alert, AlertState
from tradetop.model.drill import MARK
from tradetop.model.failed_text import failed_texts, has_failed
from tradetop.model.panel_frame import PanelFrame
from tradetop.model.text import one_line
from tradetop.model.unit import Unit
from tradetop.panes import numbers
from tradetop.panes.line import severity, text
from tradetop.panes.row import Row, Span
from tradetop.panes.same import Same
from tradetop.theme.roles import Role

EVERYWHERE = frozenset(["__name__", "severity", "instance", "job", MARK])
"""Labels that every alert of a bot has alike."""
_SCALED = frozenset([Unit.RATIO, Unit.SECONDS, Unit.MILLISECONDS])
"""Units in which a number is not shown as it is, nor then its limit: 0.05 is 5 %, and 2.487 s are 2,487 ms."""
_TO_DO = ("action", "description")
"""Annotations that say more than the summary, the most telling first."""


@dataclass(frozen=True, slots=True)
class AlertWords:
    """What one row says."""

    condition: Row
    which: str
    """The labels that tell it from the others of its rule; "" where it is alone."""
    meaning: str
    failed: str
    """Which of its texts could not be made, and why; "" where all could."""


@lru_cache(maxsize=2)
def words(alerts: Same[tuple[Alert, ...]], panels: Same[tuple[PanelFrame, ...]]) -> tuple[AlertWords, ...]:
    """Of each alert, in their order; worked out anew where alerts or panels are other objects."""
    shown = {panel.panel.id: panel for panel in panels.of}
    return tuple(
        AlertWords(
            tuple(_condition(shown.get(alert.rule.panel), alert)),
            _which(alerts.of, alert),
            _meaning(alert),
            next(_failed(alert), ""),
        )
        for alert in alerts.of
    )


def _meaning(alert: Alert) -> str:
    """What an alert is about and what to do; its expression where nobody said. The condition stands behind it."""
    rule = alert.rule
    summary = alert.annotations.get("summary", "") or rule.summary
    if failed := [*_failed(alert)]:
        return one_line("; ".join(failed if has_failed(summary) else [summary or _bare(rule.expr), *failed]))
    said = one_line(summary or rule.expr).strip()
    if rule.condition:
        said = said.removesuffix(rule.condition).rstrip()
    if not summary:
        return _bare(said)
    do = next(filter(None, map(alert.annotations.get, _TO_DO)), rule.runbook)
    return f"{said}: {one_line(do)}" if do and "://" not in do else said


def _failed(alert: Alert) -> Iterator[str]:
    """Which of its texts could not be made, and why."""
    found = failed_texts(alert.rule, alert.labels, alert.annotations)
    return (f"template of {text.name} failed: {text.why}" for text in found)


def _bare(expr: str) -> str:
    """The expression without brackets around all of it."""
    if not (expr.startswith("(") and expr.endswith(")")):
        return expr
    depth = 0
    for char in expr[1:-1]:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return expr
    return expr[1:-1]


def colour(alert: Alert) -> Role:
    """The colour of an alert's state."""
    return Role.WARN if alert.state is AlertState.PENDING else severity(alert.rule.level, Role.WARN)


def _condition(panel: PanelFrame | None, alert: Alert) -> list[Span]:
    """The value with its limit; in the unit of the panel that the rule is a threshold of."""
    if alert.value != alert.value:
        return text(alert.rule.condition)
    if panel is None:
        said = numbers.Amount(numbers.count(alert.value))
    else:
        said = numbers.amount(alert.value, panel.panel.unit, decimals=panel.panel.decimals)
    if panel is not None and panel.panel.unit in _SCALED:
        limit = next((t for t in panel.panel.thresholds if str(t) == alert.rule.condition), None)
        if limit is not None:
            against = f" {str(limit).partition(' ')[0]} {numbers.amount(limit.value, panel.panel.unit)}"
            return [Span(str(said), colour(alert), bold=True), *text(against)]
    unit = said.unit if len(said.unit) == 1 else ""
    return [Span(said.digits, colour(alert), bold=True), *text(f"{unit} {alert.rule.condition}")]


def _which(alerts: Sequence[Alert], alert: Alert) -> str:
    alike = [a for a in alerts if a.rule.name == alert.rule.name]
    if len(alike) < 2:
        return ""
    names = {k for a in alike for k, v in a.labels.items() if any(b.labels.get(k) != v for b in alike)}
    return " ".join(v for k, v in alert.labels.items() if k in names and k not in EVERYWHERE)
