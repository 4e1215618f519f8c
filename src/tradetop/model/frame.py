"""Frames: everything a screen shows at one moment, as values without text layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.alert import Alert, DeadRule, Rule
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.explanation import Part
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level, Presence
from tradetop.model.mark import Mark
from tradetop.model.notified import Bell
from tradetop.model.panel import Panel, PaneName, Side, Threshold
from tradetop.model.target import Health, LineError, Mode
from tradetop.model.unit import Kind, Unit
from tradetop.model.view import View


@dataclass(frozen=True, slots=True)
class Reading:
    """One number, and whether it may be believed."""

    value: float | None
    unit: Unit
    kind: Kind
    presence: Presence
    level: Level = Level.OK
    t: int | None = None
    """Time of the sample behind it (ms)."""
    unmoved_since: int | None = None
    """A constant zero: since when it has not moved (ms)."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A series resampled to the view's columns: `values[i]` belongs to `start + i * step`; NaN is a gap."""

    start: int
    step: int
    values: Sequence[float]

    @property
    def origin(self) -> int:
        """Index of the first value counted from a fixed moment, so that drawn columns can keep their place in time."""
        return self.start // self.step if self.step > 0 else 0


@dataclass(frozen=True, slots=True)
class SeriesFrame:
    """One series of a panel."""

    query: int
    """Index of the panel's query that gave it."""
    legend: str
    labels: Labels
    reading: Reading
    trend: Trend


@dataclass(frozen=True, slots=True)
class PanelFrame:
    """One panel with its values now and over the window."""

    panel: Panel
    series: tuple[SeriesFrame, ...]
    level: Level = Level.OK
    error: str = ""
    """Why it could not be evaluated; one line for people."""

    @property
    def first(self) -> SeriesFrame | None:
        """The first series, if there is any."""
        return self.series[0] if self.series else None


@dataclass(frozen=True, slots=True)
class LimitFrame:
    """A threshold seen as a distance: one row of the limits pane."""

    panel: Panel
    label: str
    legend: str
    """The series' own name where the panel has several, else ""."""
    labels: Labels
    reading: Reading
    limit: Threshold
    """The next threshold that would be crossed, or the worst that has been."""
    scale_min: float
    scale_max: float
    closeness: float
    """0 far away, 1 at the worst threshold, more beyond it; the rows are sorted by it, worst first."""
    eta: int | None = None
    """Time to breach in ms, where a steady slope leads there."""
    aside: bool = False
    """It has a bar of its own in another pane, which says when it is crossed."""
    query: int = 0
    """Index of the panel's query that gave the series."""
    slope: float | None = None
    """Change per millisecond, where the value moves steadily."""
    rung: int = 0
    """Its place on the ladder's own screen, where it does not matter that it has a bar in another pane."""

    @property
    def key(self) -> tuple[str, int, Labels]:
        """What tells the row from all others, wherever it stands."""
        return self.panel.id, self.query, self.labels

    @property
    def crossed(self) -> bool:
        """Whether any threshold of its panel has been crossed."""
        return self.reading.level > Level.OK

    @property
    def headroom(self) -> float | None:
        """How far the value may still go to the limit; below zero once it is beyond."""
        value = self.reading.value
        if value is None:
            return None
        return self.limit.value - value if self.limit.side is Side.ABOVE else value - self.limit.value


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Errors that are alike."""

    category: str
    text: str
    count: int
    last: int
    level: Level = Level.WARNING
    newest: BotEvent | None = None
    """The last of them, which the feed may not show any more."""
    fingerprint: str = ""
    """What they have in common, as `events.fingerprint` tells it; never drawn."""
    type: str = ""
    first: int = 0
    """When one was first seen, however long before the window (ms)."""
    bots: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    """The most frequent first."""
    trend: Trend | None = None
    fresh: bool = False
    """The first of them came after the last deployment."""
    waiting: int = 0
    """How many of them are to be reviewed."""
    reviewed: int = 0
    """Up to when a person has looked at them (ms); 0 for never."""


@dataclass(frozen=True, slots=True)
class ErrorTally:
    """How many errors there are of one thing: of a type and a bot, or of a pair."""

    names: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    """By category."""
    last: int

    @property
    def total(self) -> int:
        """Of every category."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class GroupFrame:
    """The errors of one group, one by one."""

    group: ErrorGroup
    events: tuple[BotEvent, ...]
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class Position:
    """An open position, as far as a source tells."""

    pair: str
    strategy: str = ""
    side: str = ""
    size: float | None = None
    entry: float | None = None
    opened_at: int | None = None
    pnl: float | None = None


@dataclass(frozen=True, slots=True)
class FeedFrame:
    """The newest events, newest last."""

    events: tuple[BotEvent, ...]
    """One for each row; an event may tell of others like it."""
    per_hour: int = 0
    derived: bool = False
    """Worked out from metrics: no event source is connected."""
    stale: bool = False
    """The source itself has gone."""
    reason: str = ""
    filter: str = ""
    """The filter that was applied, as typed."""
    problem: str = ""
    """Why the filter could not be applied; everything is shown then."""
    hidden: int = 0
    """Events of the feed that the filter left out."""
    total: int = 0
    """Events that there are, of which a frame carries the newest; 0 where nobody counted."""
    dropped: int = 0
    """Events that arrived while the program ran and have left memory since."""


@dataclass(frozen=True, slots=True)
class Story:
    """The events of one trade, as far as they are known."""

    signal: BotEvent | None
    risk: BotEvent | None
    opened: BotEvent | None
    close: BotEvent | None
    paired: str = ""
    """By what they were found to belong together; one line for people."""
    since: int = 0
    """The time of the oldest event that was looked at (ms)."""

    @property
    def parts(self) -> tuple[tuple[EventClass, BotEvent | None], ...]:
        """Each part with its event, in the order of a trade."""
        return (
            (EventClass.SIGNAL, self.signal),
            (EventClass.RISK, self.risk),
            (EventClass.OPEN, self.opened),
            (EventClass.CLOSE, self.close),
        )


@dataclass(frozen=True, slots=True)
class Incident:
    """What a time axis shows beside its values, whatever the feed shows: a restart, an alert, a deployment."""

    t: int
    cls: EventClass
    level: Level = Level.OK
    label: str = ""
    """What the bot calls it, where that is worth reading."""


@dataclass(frozen=True, slots=True)
class BotFrame:
    """The header of one bot, and its row among all bots."""

    name: str
    mode: Mode
    url: str
    up: bool | None
    reason: str
    """What is wrong, and what to do; "" when nothing is."""
    age: int | None
    """Milliseconds since the last good sample; None before the first."""
    stale: bool
    """The data is too old to act on: everything of the bot is dimmed."""
    interval: int
    healths: tuple[Health, ...]
    deployed_at: int | None
    """The deployment that T+ counts from."""
    hours: tuple[Level | None, ...]
    """Worst level in each hour since then, oldest first, at most 24; None where nothing was recorded."""
    restarts: int
    preset: str
    version: str
    pnl: Reading
    worst: LimitFrame | None
    firing: int
    pending: int
    critical: int
    errors: int
    """Errors in the last hour."""
    quiet: int = 0
    """Of the alerts that fire, how many a person has acknowledged or snoozed."""
    to_review: int = 0
    """Groups of errors that a person must look at, and has not."""
    page_errors: tuple[LineError, ...] = ()
    page_error_count: int = 0
    series: int = 0
    first_seen: int | None = None
    bell: Bell | None = None
    """The last notification for the terminal itself."""


@dataclass(frozen=True, slots=True)
class RecorderFrame:
    """Who keeps the history, and how that goes."""

    attached: bool
    """Another process records; this one only reads."""
    pid: int | None
    path: str
    reason: str = ""
    """Why no history is kept."""
    notices: tuple[str, ...] = ()
    """What else is worth saying of who records, what most needs a person first."""


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


@dataclass(frozen=True, slots=True)
class Frame:
    """What the screen shows: a function of the store and the view."""

    view: View
    at: int
    """Evaluation time (ms)."""
    now: int
    """The wall clock (ms)."""
    bots: tuple[BotFrame, ...]
    bot: int
    """Index of the bot whose panes these are; -1 when all bots are shown."""
    panels: tuple[PanelFrame, ...] = ()
    limits: tuple[LimitFrame, ...] = ()
    alerts: tuple[Alert, ...] = ()
    """Firing first, then pending, then what was firing when the data stopped."""
    dead: tuple[DeadRule, ...] = ()
    """Rules that can never fire against this bot."""
    rules_ok: int = 0
    feed: FeedFrame = FeedFrame(())
    error_groups: tuple[ErrorGroup, ...] = ()
    errors_by_type: tuple[ErrorTally, ...] = ()
    """By type and bot, in the window."""
    errors_by_pair: tuple[ErrorTally, ...] = ()
    group: GroupFrame | None = None
    """The errors that the view asks for."""
    positions: tuple[Position, ...] = ()
    recorder: RecorderFrame = RecorderFrame(False, None, "")
    detail: DetailFrame | None = None
    event: BotEvent | None = None
    """The event that the view asks for."""
    story: Story | None = None
    """That of the trade which it belongs to."""
    alike: ErrorGroup | None = None
    """Of an error: those that are like it."""
    explained: ExplainFrame | None = None
    """The alert that the view asks for."""
    marks: tuple[Mark, ...] = ()
    """The person's own marks in the window, and the deployment that T+ counts from, oldest first."""
    incidents: tuple[Incident, ...] = ()
    """What else happened in the window, oldest first; no filter touches it."""
    redacted: bool = False
    """Every amount, quantity, id and host has been hidden."""
    notices: tuple[str, ...] = ()
    """Lines about faults that belong to no pane."""
    connecting: bool = False
    """Nothing has been tried yet."""

    @property
    def subject(self) -> BotFrame | None:
        """The bot whose panes these are; None when all are shown."""
        return self.bots[self.bot] if 0 <= self.bot < len(self.bots) else None

    def pane(self, name: PaneName) -> tuple[PanelFrame, ...]:
        """The panels of one pane."""
        return tuple(p for p in self.panels if p.panel.pane is name)

    def panel(self, panel_id: str) -> PanelFrame | None:
        """The panel with this id."""
        return next((p for p in self.panels if p.panel.id == panel_id), None)
