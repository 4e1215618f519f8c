"""One series, or one alert, with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.alert import Alert, Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.explanation import Part
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.panel import Panel, Threshold
from tradetop.model.panel_frame import Reading, SeriesFrame, Trend


@dataclass(frozen=True, slots=True)
class StatsFrame:
    """A series' figures over the window."""

    now: float | None
    minimum: float | None
    average: float | None
    p95: float | None
    maximum: float | None
    above: tuple[tuple[Threshold, int], ...]
    """For each threshold, the milliseconds spent beyond it."""
    samples: int
    step: int = 0
    """Time between two of the samples (ms)."""
    gaps: int = 0
    """How often nothing was there since the first sample."""
    missing: int = 0
    """Milliseconds of all the gaps."""


@dataclass(frozen=True, slots=True)
class DetailFrame:
    """One series, all that is known of it."""

    panel: Panel
    query: int
    series: SeriesFrame
    stats: StatsFrame
    expr: str
    raw: tuple[str, ...]
    """The exposition lines behind it, as the page has them."""
    help: str
    type: str
    used_by: tuple[str, ...]
    """Titles of the panels that use the metric."""
    rules: tuple[Rule, ...] = ()
    """The rules that use the metric."""
    events: tuple[BotEvent, ...] = ()
    """Within five minutes of `around`, oldest first."""
    around: int | None = None
    """The crosshair's time, or the view's, when the events were looked for (ms)."""
    reached: Sequence[float] = ()
    """For each column of the series' trend: 1 the page arrived, 0 it did not, NaN nobody was recording."""
    notes: tuple[str, ...] = ()
    """What the evaluator has to say of the expression, and what of its samples was not read."""


@dataclass(frozen=True, slots=True)
class ExplainFrame:
    """Why an alert fires, or why its rule does not: the expression worked out, part by part."""

    rule: Rule
    alert: Alert | None
    """None where the rule is not active."""
    asked: int
    """The moment that was asked about (ms)."""
    at: int
    """When the expression was worked out (ms): earlier where the data had stopped."""
    tree: Part | None
    problem: str = ""
    """Why the expression cannot be worked out at all; one line for people."""
    judged: Reading | None = None
    """The value that stands against the limit."""
    limit: Threshold | None = None
    """The limit, where the rule compares one value with one number."""
    eta: int | None = None
    """Time to breach in ms, where a steady slope leads there."""
    of: str = ""
    """The expression whose value is judged."""
    trend: Trend | None = None
    """That value over the window."""
    annotations: Labels = EMPTY
    """The rule's texts, with what their templates gave."""
    notes: tuple[str, ...] = ()
    """What the evaluator has to say of the expression: that a rate is of no counter, that buckets do not rise."""
    others: int = 0
    """Other alerts of the same rule that are active."""
    events: tuple[BotEvent, ...] = ()
    """Within five minutes of `around`, oldest first."""
    around: int = 0
    """When it became active, else the moment asked about (ms)."""
