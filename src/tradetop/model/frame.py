"""Frames: everything a screen shows at one moment, as values without text layout."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.alert import Alert, DeadRule
from tradetop.model.bot_event import BotEvent
from tradetop.model.detail_frame import DetailFrame, ExplainFrame
from tradetop.model.feed_frame import NO_FEED, ErrorGroup, ErrorTally, FeedFrame, GroupFrame, Incident, Position, Story
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.notified import Bell
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading
from tradetop.model.target import Health, LineError, Mode
from tradetop.model.view import View


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
    feed: FeedFrame = NO_FEED
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
