"""Dashboards as YAML files: what `docs/dashboards.md` describes, read into the model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from tradetop.document import DocumentError, Duration, Parse, Place, Problem, nearest, read, read_file
from tradetop.document.thresholds import Levels
from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.model.level import severity_level
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName, Query
from tradetop.model.text import clean, clean_lines, one_line
from tradetop.model.unit import Unit

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def _metric(text: str) -> str:
    if _METRIC.fullmatch(text) is None:
        raise ValueError(f"{clean(text, 60)!r} is not the name of a metric")
    return text


Metric = Annotated[str, Parse(_metric)]
"""A metric's name, of which expressions are made."""


@dataclass(frozen=True, slots=True)
class QueryEntry:
    """One entry of `queries:`."""

    expr: str
    legend: str = ""
    unit: Unit | None = None
    column: str = ""

    def query(self) -> Query:
        """The query itself."""
        return Query(self.expr.strip(), clean(self.legend), self.unit, clean(self.column))


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """One entry of `panels:`."""

    id: str
    title: str
    queries: tuple[QueryEntry, ...] = ()
    expr: str = ""
    legend: str = ""
    pane: PaneName = PaneName.DASHBOARD
    kind: PanelKind = PanelKind.STAT
    unit: Unit = Unit.SHORT
    label: str = ""
    thresholds: Levels = field(default_factory=Levels)
    minimum: float | None = field(default=None, metadata={"key": "min"})
    maximum: float | None = field(default=None, metadata={"key": "max"})
    decimals: int | None = None
    signed: bool = False
    by: str = ""
    states: dict[float, str] = field(default_factory=dict)
    needs: str = ""
    runbook: str = ""
    row: str = ""
    alert: str = ""
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        if bool(self.expr) == bool(self.queries):
            raise ValueError("needs either expr or queries")
        if self.kind is PanelKind.TABLE and not self.by:
            raise ValueError("a table needs by: the label that names its rows")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError("min must be less than max")

    def panel(self) -> Panel:
        """The panel itself."""
        queries = self.queries or (QueryEntry(self.expr, self.legend),)
        return Panel(
            id=clean(self.id),
            title=clean(self.title),
            queries=tuple(entry.query() for entry in queries),
            pane=self.pane,
            kind=self.kind,
            unit=self.unit,
            label=clean(self.label),
            thresholds=self.thresholds.thresholds(),
            minimum=self.minimum,
            maximum=self.maximum,
            decimals=self.decimals,
            signed=self.signed,
            by=self.by,
            states=tuple((value, clean(text)) for value, text in sorted(self.states.items())),
            needs=clean(self.needs),
            runbook=clean_lines(self.runbook),
            row=clean(self.row),
            alert=clean(self.alert),
        )


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """One entry of `alerts:`, in the words of a Prometheus rule file; `panel` shows what it is about."""

    alert: str
    expr: str
    hold: Duration = field(default=0, metadata={"key": "for"})
    keep_firing_for: Duration = 0
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    panel: str = ""
    place: Place = field(default_factory=Place)

    def rule(self, source: str) -> Rule:
        """The rule itself."""
        labels = {name: clean(value) for name, value in self.labels.items()}
        notes = {name: clean_lines(value) for name, value in self.annotations.items()}
        return Rule(
            name=clean(self.alert),
            expr=self.expr.strip(),
            hold=self.hold,
            keep_firing=self.keep_firing_for,
            level=severity_level(labels.get("severity", "")),
            labels=Labels(labels),
            summary=one_line(notes.get("summary", "")),
            runbook=notes.get("runbook", ""),
            panel=clean(self.panel),
            annotations=Labels(notes),
            source=f"{source}:{self.place.line}:{self.place.column}",
        )


@dataclass(frozen=True, slots=True)
class DashboardFile:
    """The whole file."""

    name: str
    panels: tuple[PanelEntry, ...]
    title: str = ""
    detect: tuple[str, ...] = ()
    set_in_work: tuple[str, ...] = ()
    health: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    alerts: tuple[AlertEntry, ...] = ()
    cycles: tuple[Metric, ...] = ()
    activity: tuple[Metric, ...] = ()
    corrects: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def dashboard(self, source: str) -> Dashboard:
        """The dashboard itself."""
        return Dashboard(
            name=clean(self.name),
            title=clean(self.title or self.name),
            panels=tuple(entry.panel() for entry in self.panels),
            detect=self.detect,
            set_in_work=frozenset(self.set_in_work),
            health=self.health,
            mode=tuple(Query(expr.strip()) for expr in self.mode),
            alerts=tuple(entry.rule(clean(source)) for entry in self.alerts),
            cycles=self.cycles,
            activity=self.activity,
            corrects={name: tuple(map(clean, rules)) for name, rules in self.corrects.items()},
        )


def parse(text: str, source: str) -> Dashboard:
    """A dashboard from YAML text; DocumentError with every problem, `source` naming the text."""
    return _checked(read(text, source, DashboardFile), source)


def load(path: Path) -> Dashboard:
    """A dashboard from a YAML file; DocumentError with every problem."""
    return _checked(read_file(path, DashboardFile), str(path))


def override(dashboard: Dashboard, overrides: Mapping[str, Levels]) -> Dashboard:
    """The dashboard with the thresholds of single panels replaced, by panel id; ids it lacks change nothing."""
    panels = tuple(
        replace(panel, thresholds=overrides[panel.id].over(panel.thresholds)) if panel.id in overrides else panel
        for panel in dashboard.panels
    )
    return replace(dashboard, panels=panels)


def unknown_overrides(
    overrides: Mapping[str, Levels], source: str, dashboards: Iterable[Dashboard]
) -> tuple[Problem, ...]:
    """Problems for ids that no dashboard has. Metric names pass: panels made from a page are called by them."""
    ids = [panel.id for dashboard in dashboards for panel in dashboard.panels]
    return tuple(
        Problem(source, levels.place, f"thresholds.{clean(id_)}", f"no panel is called so; {nearest(id_, ids)}")
        for id_, levels in overrides.items()
        if id_ not in ids and "_" not in id_
    )


def _checked(file: DashboardFile, source: str) -> Dashboard:
    problems = [
        *_taken([(f"panels[{i}].id", entry.id, entry.place) for i, entry in enumerate(file.panels)], source),
        *_taken([(f"alerts[{i}].alert", entry.alert, entry.place) for i, entry in enumerate(file.alerts)], source),
        *_of_no_panel(file, source),
    ]
    if problems:
        raise DocumentError(problems)
    return file.dashboard(source)


def _taken(names: Iterable[tuple[str, str, Place]], source: str) -> Iterator[Problem]:
    """Problems for names that an entry before has; each with its key and place."""
    first: dict[str, Place] = {}
    for key, name, place in names:
        if name in first:
            word, _, last = key.partition("[")
            text = f"{last.rpartition('.')[2]} {clean(name)} is taken by the {word[:-1]} in line {first[name].line}"
            yield Problem(source, place, key, text)
        first.setdefault(name, place)


def _of_no_panel(file: DashboardFile, source: str) -> Iterator[Problem]:
    ids = [entry.id for entry in file.panels]
    for i, entry in enumerate(file.alerts):
        if entry.panel and entry.panel not in ids:
            text = f"no panel is called so; {nearest(entry.panel, ids)}"
            yield Problem(source, entry.place, f"alerts[{i}].panel", text)
