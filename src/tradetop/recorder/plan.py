"""Plans: which dashboard a record is shown with and judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tradetop.dashboards.anybot import any_dashboard
from tradetop.dashboards.choose import EVENTS, choose, complement, preset
from tradetop.dashboards.errors import with_categories
from tradetop.dashboards.file import override
from tradetop.dashboards.zone import in_zone
from tradetop.document.thresholds import Levels
from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.panel import Dashboard, Panel
from tradetop.promql import Engine
from tradetop.recorder.record import Record

EVER = 1 << 62


class Plan:
    """Chooses a record's dashboard by what it holds, and keeps the choice while that stays the same."""

    def __init__(self, record: Record, overrides: Mapping[str, Levels], offset: int = 0) -> None:
        """`offset` is minutes east of UTC, for the day of P&L today."""
        self._record = record
        self._overrides = overrides
        self._offset = offset
        self._names: tuple[frozenset[str], int] | None = None
        self._dashboard = Dashboard("", "", ())

    def dashboard(self) -> Dashboard:
        """The dashboard that fits by now; the same object as long as it is the same dashboard."""
        names = frozenset(self._record.store.names())
        known = names, len(self._record.store.families)
        if known != self._names:
            self._names = known
            found = self._made(names)
            if found != self._dashboard:
                self._dashboard = found
                self._record.say(preset=found.name)
        return self._dashboard

    def _made(self, names: frozenset[str]) -> Dashboard:
        store, target = self._record.store, self._record.target
        name = target.preset or choose(names)
        found = preset(name)
        if found is None:
            found = any_dashboard(names, store.metadata, self._greatest, frozenset(store.families))
        if name == EVENTS:
            found = in_zone(found, self._offset)
        elif target.database:
            events = preset(EVENTS)
            assert events is not None
            events = in_zone(events, self._offset)
            engine = Engine(store)

            def has_data(panel: Panel) -> bool:
                return any(not names.isdisjoint(engine.metric_names(query.expr)) for query in panel.queries)

            found = complement(found, events, has_data)
        declared = any(store.metadata(name) is not None for name in found.cycles)
        found = with_categories(replace(found, declared=declared), target.errors)
        return override(found, self._overrides)

    def _greatest(self, name: str) -> float | None:
        columns = self._record.store.select([Matcher(NAME, MatchOp.EQUAL, name)], 0, EVER)
        return max((v for column in columns for v in column.values if v == v), default=None)
