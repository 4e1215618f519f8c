"""Panels: what a dashboard shows, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from tradetop.model.alert import Rule
from tradetop.model.level import Level
from tradetop.model.unit import Unit


class PaneName(Enum):
    """The panes of the screen; the value is what a panel's `pane:` says."""

    ALERTS = "alerts"
    PNL = "pnl"
    EQUITY = "equity"
    LIMITS = "limits"
    RATES = "rates"
    ERRORS = "errors"
    STRATEGIES = "strategies"
    EVENTS = "events"
    CYCLE = "cycle"
    DASHBOARD = "dashboard"


class PanelKind(Enum):
    """How a panel is drawn in its pane."""

    STAT = "stat"
    """A label and a value."""
    HEADLINE = "headline"
    """The pane's one big number, with its trend."""
    TITLE = "title"
    """A value shown in the pane's title."""
    CHART = "chart"
    """Lines over time; the first series is the area."""
    GAUGE = "gauge"
    """A value against its limits as a bar."""
    BARS = "bars"
    """One bar for each series."""
    TABLE = "table"
    """One row for each value of the `by` label, one column for each query."""
    STATE = "state"
    """A text that the value stands for, such as a breaker: closed or open."""


class Side(Enum):
    """On which side of a threshold the trouble lies."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value with the level that crossing it means."""

    value: float
    level: Level
    side: Side = Side.ABOVE
    inclusive: bool = False
    """Whether touching the value is crossing it (>= or <=)."""
    hold: int = 0
    """Milliseconds that it must stay crossed before its alert fires."""
    alert: str = ""
    """Name of its alert; made from the panel's when empty."""
    severity: str = ""
    """Severity of its alert; the level's word when empty. What is red need not wake anybody."""

    def crossed(self, value: float) -> bool:
        """Whether a value lies beyond the threshold; NaN never does."""
        if self.side is Side.ABOVE:
            return value > self.value or (self.inclusive and value == self.value)
        return value < self.value or (self.inclusive and value == self.value)

    def __str__(self) -> str:
        sign = ">" if self.side is Side.ABOVE else "<"
        return f"{sign}{'=' if self.inclusive else ''} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression of a panel."""

    expr: str
    legend: str = ""
    """Name of its series; `{{label}}` is replaced by that label's value."""
    unit: Unit | None = None
    """Where it differs from the panel's."""
    column: str = ""
    """Heading of its column in a table."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One thing worth seeing: queries with a title, a unit and thresholds."""

    id: str
    title: str
    queries: tuple[Query, ...]
    pane: PaneName = PaneName.DASHBOARD
    kind: PanelKind = PanelKind.STAT
    unit: Unit = Unit.SHORT
    label: str = ""
    """Short name where space is scarce; the title when empty."""
    thresholds: tuple[Threshold, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    """Ends of the scale; `maximum` is also the bot's own limit, where it has one."""
    decimals: int | None = None
    signed: bool = False
    """Always show the sign: money won or lost."""
    by: str = ""
    """The label that names a table's rows."""
    states: tuple[tuple[float, str], ...] = ()
    """For `state`: what a value stands for."""
    needs: str = ""
    """Which source the panel needs, in words, for when nothing supplies it."""
    runbook: str = ""
    """What to do when its threshold is crossed: the document's "Action" line."""
    row: str = ""
    """Heading on the dashboard screen."""
    alert: str = ""
    """What its alerts are called after; the title when empty."""

    @property
    def short(self) -> str:
        """The name that fits a narrow place."""
        return self.label or self.title

    def level(self, value: float) -> Level:
        """The worst level among the thresholds that a value has crossed."""
        return max((t.level for t in self.thresholds if t.crossed(value)), default=Level.OK)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The panels for one kind of bot, and how to recognise it."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    detect: tuple[str, ...] = ()
    """Metric name prefixes (or names) that tell this kind of bot."""
    set_in_work: frozenset[str] = frozenset()
    """Metrics that normal work moves: a constant zero of theirs means "never set"."""
    health: tuple[str, ...] = ()
    """Health URLs or paths to try first, as documented."""
    mode: tuple[Query, ...] = ()
    """Queries whose label `mode` (or value) says LIVE or PAPER."""
    alerts: tuple[Rule, ...] = ()
    """Alerts that are no threshold of a panel."""
    cycles: tuple[str, ...] = ()
    """Counters that every cycle of the bot moves; the first that is there counts."""
    declared: bool = False
    """Whether the page at hand declares one of those, so that their absence means that none has been counted yet."""
    activity: tuple[str, ...] = ()
    """Metrics of which some move now and then while the bot works."""
    corrects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For an alert's name, the documents' rules that it replaces."""
