"""One bot as the right half sees it: where its series, events and status come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tradetop.events.log import Log
from tradetop.model.alert import Alert, RecordingRule, Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.drill import Drill
from tradetop.model.frame import RecorderFrame
from tradetop.model.labels import Labels
from tradetop.model.mark import Mark
from tradetop.model.panel import Dashboard
from tradetop.model.ports import Metadata, Queryable
from tradetop.model.review import Review
from tradetop.model.silence import Silence
from tradetop.model.target import Target, TargetStatus


@dataclass(frozen=True, slots=True)
class Whole:
    """The series of all targets of the run, as rules of files see them."""

    series: Queryable
    past: Callable[[], Queryable]
    """The same over the last week, with fewer samples."""
    families: Callable[[], Mapping[str, Metadata]]
    """What their pages have said of every metric family."""
    owns: Callable[[Labels], bool]
    """Whether a series that came of them belongs to the bot at hand."""


@dataclass(frozen=True, slots=True)
class Bot:
    """The sources of one bot's frames; every callable answers at once and never fails."""

    name: str
    target: Target
    series: Queryable
    """The bot's own series only."""
    past: Callable[[], Queryable]
    """The same over the last week, with fewer samples; the series themselves go back a day."""
    memory: Callable[[], int]
    """How far back the series themselves go (ms)."""
    status: Callable[[], TargetStatus]
    log: Callable[[], Log]
    """Its events as of now."""
    marks: Callable[[], tuple[Mark, ...]]
    """What people wrote onto its time axis or onto everybody's, oldest first."""
    dashboard: Callable[[], Dashboard]
    rules: Callable[[], Sequence[Rule]]
    metadata: Callable[[str], Metadata | None]
    page: Callable[[], str]
    """The last page as the bot sent it."""
    recorder: Callable[[], RecorderFrame]
    revision: Callable[[], int]
    """Grows whenever series, how scraping goes, dashboard or rules change."""
    remarks: Callable[[], int]
    """Grows whenever something else of the status changes."""
    heard: Callable[[], int]
    """Grows whenever events arrive."""
    silences: Callable[[], tuple[Silence, ...]] = tuple
    """What people did to its alerts, in the order they did."""
    reviews: Callable[[], tuple[Review, ...]] = tuple
    """Which of its errors people have looked at, in the order they did."""
    drills: Callable[[], tuple[Drill, ...]] = tuple
    """The alerts that people pretended."""
    filed: Callable[[], Sequence[Rule | RecordingRule]] = tuple
    """Every rule of files, in their order; the same object until they are read again."""
    families: Callable[[], Mapping[str, Metadata]] = dict
    """What its pages have said of every metric family."""
    external: Callable[[], Labels] = Labels
    """What templates of rules see of the installation."""
    whole: Whole | None = None
    """What rules of files see; None where it is the bot's own target alone."""
    kin: Callable[[BotEvent], Sequence[BotEvent]] = lambda _: ()
    """The events of the same bot and pair before one, as far as its store has been asked for them; that asks it."""
    rewritten: Callable[[], int] = int
    """Grows when samples at times long gone have joined: what was worked out without them holds no more."""
    foreign: Callable[[], tuple[Alert, ...]] = tuple
    """Alerts that the bot's server has raised by rules of its own."""
