"""Grafana's dashboard JSON, read just far enough: which panels ask which queries, with units, legends and steps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from tradetop.model.text import clean

SIZE = 8_000_000
"""Longest file, in bytes."""
PANELS = 500
QUERIES = 50
"""Most panels of a file, and queries of a panel, that are read."""
DEPTH = 8
"""How deep rows may stand in rows."""

_SPAN = re.compile(r"\[\s*\$(?:\{\w+(?::\w+)?\}|\w+)\s*(?=[\]:])")
_STEP = re.compile(r":\s*\$(?:\{\w+(?::\w+)?\}|\w+)\s*\]")
_VALUE = re.compile(r"""(=~|!~|!=|=)\s*(["'])[^"']*(?:\$\{?\w|\[\[\w)[^"']*\2""")


@dataclass(frozen=True, slots=True)
class GrafanaQuery:
    """One query of a panel."""

    expr: str
    """PromQL; Grafana's variables have been made ranges of 5m and labels of any value."""
    legend: str = ""


@dataclass(frozen=True, slots=True)
class GrafanaPanel:
    """One panel; every text in it is clean but for the queries."""

    id: str
    title: str
    kind: str
    """Grafana's type, such as `stat` or the old `graph`."""
    queries: tuple[GrafanaQuery, ...]
    unit: str = ""
    steps: tuple[float, ...] = ()
    """Values at which the colour changes."""
    row: str = ""


@dataclass(frozen=True, slots=True)
class GrafanaDashboard:
    """What was read of one file."""

    title: str = ""
    panels: tuple[GrafanaPanel, ...] = ()
    """Those with queries; a row gives its heading to what stands in it."""
    problems: tuple[str, ...] = ()
    """What could not be read, one line for people each."""


def load_grafana(path: Path) -> GrafanaDashboard:
    """The dashboard in a file. Never raises: a file that cannot be read is a problem."""
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE + 1)
    except OSError as error:
        return GrafanaDashboard(problems=(f"{clean(str(path))}: cannot be read: {error.strerror}",))
    if len(raw) > SIZE:
        return GrafanaDashboard(problems=(f"{clean(str(path))}: longer than {SIZE:,} bytes",))
    return read_grafana(raw.decode("utf-8-sig", "replace"), str(path))


def read_grafana(text: str, source: str) -> GrafanaDashboard:
    """The dashboard in a JSON text, plain or wrapped in `dashboard`; `source` names it. Never raises."""
    source = clean(source)
    try:
        found = json.loads(text)
    except RecursionError:
        return GrafanaDashboard(problems=(f"{source}: nested too deep",))
    except ValueError as error:
        return GrafanaDashboard(problems=(f"{source}: not JSON: {clean(str(error), 200)}",))
    if isinstance(found, dict) and isinstance(found.get("dashboard"), dict):
        found = found["dashboard"]
    if not isinstance(found, dict) or not isinstance(found.get("panels", found.get("rows")), list):
        return GrafanaDashboard(problems=(f"{source}: is no Grafana dashboard: it has no panels",))
    # Very old files have rows with panels in place of panels.
    every = [*_dicts(found.get("panels")), *_dicts(found.get("rows"))]
    problems: list[str] = []
    if strays := sum(not isinstance(each, dict) for each in found.get("panels") or ()):
        problems.append(f"{source}: {strays} of its panels are left out: they are no objects")
    panels = tuple(panel for panel in _panels(every, "", 0, source, problems) if panel.queries)
    return GrafanaDashboard(_text(found.get("title")), panels[:PANELS], tuple(problems))


def _panels(
    every: list[dict[str, object]], row: str, depth: int, source: str, problems: list[str]
) -> Iterator[GrafanaPanel]:
    for raw in every:
        title = _text(raw.get("title"))
        nested = _dicts(raw.get("panels"))
        if raw.get("type") == "row" and not nested:
            row = title
            continue
        if nested and depth < DEPTH:
            yield from _panels(nested, title or row, depth + 1, source, problems)
        targets = _dicts(raw.get("targets"))
        queries = tuple(_query(target) for target in targets if isinstance(target.get("expr"), str))[:QUERIES]
        if targets and not queries:
            problems.append(f"{source}: panel {title or raw.get('id')!r}: no query of it is PromQL")
        id_ = raw.get("id")
        shown = str(id_) if isinstance(id_, int | str) else ""
        yield GrafanaPanel(clean(shown, 60), title, _text(raw.get("type")), queries, *_field(raw), row)


def _query(target: dict[str, object]) -> GrafanaQuery:
    expr = str(target["expr"])
    expr = _STEP.sub(":]", _SPAN.sub("[5m", expr))
    return GrafanaQuery(_VALUE.sub('=~".*"', expr).strip(), _text(target.get("legendFormat")))


def _field(raw: dict[str, object]) -> tuple[str, tuple[float, ...]]:
    """The unit and the steps of a panel, as new and old files have them."""
    config = raw.get("fieldConfig")
    defaults = config.get("defaults") if isinstance(config, dict) else None
    defaults = defaults if isinstance(defaults, dict) else {}
    thresholds = defaults.get("thresholds")
    steps = _dicts(thresholds.get("steps")) if isinstance(thresholds, dict) else _dicts(raw.get("thresholds"))
    values = [step.get("value") for step in steps]
    numbers = tuple(float(v) for v in values if isinstance(v, int | float) and abs(v) < 1e300 and isfinite(v))
    unit = defaults.get("unit") or raw.get("format")
    if not unit and (axes := _dicts(raw.get("yaxes"))):
        unit = axes[0].get("format")
    return _text(unit), numbers


def _dicts(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return clean(value, 200) if isinstance(value, str) else ""
