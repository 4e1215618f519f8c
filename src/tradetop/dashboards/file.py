"""Dashboards as YAML files: what `docs/dashboards.md` describes, read into the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tradetop.document import DocumentError, Place, Problem, nearest, read, read_file
from tradetop.document.thresholds import Levels
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName, Query
from tradetop.model.text import clean
from tradetop.model.unit import Unit


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
            runbook=clean(self.runbook),
            row=clean(self.row),
            alert=clean(self.alert),
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

    def dashboard(self) -> Dashboard:
        """The dashboard itself."""
        return Dashboard(
            name=clean(self.name),
            title=clean(self.title or self.name),
            panels=tuple(entry.panel() for entry in self.panels),
            detect=self.detect,
            set_in_work=frozenset(self.set_in_work),
            health=self.health,
            mode=tuple(Query(expr.strip()) for expr in self.mode),
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
    first: dict[str, Place] = {}
    problems = []
    for i, entry in enumerate(file.panels):
        if entry.id in first:
            text = f"id {clean(entry.id)} is taken by the panel in line {first[entry.id].line}"
            problems.append(Problem(source, entry.place, f"panels[{i}].id", text))
        first.setdefault(entry.id, entry.place)
    if problems:
        raise DocumentError(problems)
    return file.dashboard()
