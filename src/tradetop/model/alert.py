"""Alerts: a rule, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level

if TYPE_CHECKING:
    from tradetop.model.silence import Silence


class AlertState(Enum):
    """Prometheus' states of an alert."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Rule:
    """An alerting rule: an expression that gives a series for each trouble."""

    name: str
    expr: str
    hold: int = 0
    """`for`, in milliseconds."""
    keep_firing: int = 0
    """`keep_firing_for`, in milliseconds."""
    level: Level = Level.WARNING
    labels: Labels = EMPTY
    summary: str = ""
    runbook: str = ""
    condition: str = ""
    """The limit in words for a narrow place, such as "> 90"."""
    panel: str = ""
    """Id of the panel whose threshold this is, or ""."""
    annotations: Labels = EMPTY
    """Texts of a rule file, with their templates unexpanded; the labels may hold templates as well."""
    group: str = ""
    """The rule group of a file, or ""."""
    source: str = ""
    """Where a file has it, as file:line:column, or ""."""
    corrects: tuple[str, ...] = ()
    """The documents' rules that this one replaces, such as "247trader HighExposure"."""
    removes: frozenset[str] = frozenset()
    """Labels that it takes away from its series: those that a file sets to an empty text."""

    @property
    def is_filed(self) -> bool:
        """Whether it comes from a rule file, and not from a dashboard."""
        return bool(self.group)


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A recording rule: an expression whose result becomes series of another name."""

    record: str
    """The name of the series that it writes."""
    expr: str
    labels: Labels = EMPTY
    group: str = ""
    source: str = ""
    """Where a file has it, as file:line:column."""
    removes: frozenset[str] = frozenset()
    """Labels that it takes away from its series, as a Rule."""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated one after the other at the same time."""

    name: str
    rules: tuple[Rule | RecordingRule, ...]
    file: str = ""
    interval: int | None = None
    """How often (ms); None for the scrape interval."""
    limit: int = 0
    """Most series or alerts that one rule may give; 0 for no limit."""
    query_offset: int = 0
    """How far back (ms) expressions are evaluated."""


@dataclass(frozen=True, slots=True)
class DeadRule:
    """An alerting rule that can never fire against its bot."""

    rule: Rule
    reason: str
    """The proof, in one line."""
    suggestion: str = ""
    """The expression that could fire, where there is one."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One element of a rule's result over time; times in milliseconds since the epoch."""

    rule: Rule
    labels: Labels
    state: AlertState
    value: float
    active_at: int
    fired_at: int | None = None
    resolved_at: int | None = None
    last_seen: int | None = None
    """When its series was last there, where the data has stopped ("was firing")."""
    kept_since: int | None = None
    """When its series went while `keep_firing` still holds it."""
    annotations: Labels = EMPTY
    """The rule's, with their templates expanded when its series was last there."""
    panels: tuple[str, ...] = ()
    """Ids of the panels that show series which its rule names."""
    silence: Silence | None = None
    """What a person did to it that still holds."""
    is_worse: bool = False
    """It has become worse since: it rings again."""
    is_drill: bool = False
    """It is only pretended."""
    server: str = ""
    """The server that raised it by a rule of its own, which notifies as it will; "" for ours."""

    @property
    def is_firing(self) -> bool:
        """Whether it fires now, as far as the data goes."""
        return self.state is AlertState.FIRING and self.last_seen is None

    @property
    def is_quiet(self) -> bool:
        """Whether a person has acknowledged or snoozed it, and it has not become worse since."""
        return self.silence is not None and not self.is_worse
