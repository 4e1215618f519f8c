"""Layouts: which series the numbers of a scrape belong to, as a history file tells them."""

from __future__ import annotations

import json
import sqlite3

from tradetop.model.labels import Labels
from tradetop.store import schema

KNOWN = 512
"""Layouts, and KNOWN_SERIES series, that are remembered: nearly always one for each kind of page."""
KNOWN_SERIES = 50_000


class Layouts:
    """Reads each layout and each series once; where a bot's series keep changing, the old ones are forgotten."""

    def __init__(self) -> None:
        self._layouts: dict[int, tuple[Labels, ...]] = {}
        self._series: dict[int, Labels] = {}

    def clear(self) -> None:
        """Forget everything: another file follows."""
        self._layouts.clear()
        self._series.clear()

    def series(self, connection: sqlite3.Connection, layout: int) -> tuple[Labels, ...]:
        """The series of a layout, by its id; DamagedError where they cannot be read."""
        known = self._layouts.get(layout)
        if known is None:
            row = connection.execute("select series from layout where id = ?", (layout,)).fetchone()
            try:
                known = tuple(self._labels(connection, series) for series in schema.unpack_ids(row[0]))
            except (TypeError, ValueError, AttributeError) as error:
                raise schema.DamagedError(f"the series of layout {layout} cannot be read") from error
            if len(self._layouts) >= KNOWN:
                self._layouts.clear()
            self._layouts[layout] = known
        return known

    def _labels(self, connection: sqlite3.Connection, series: int) -> Labels:
        known = self._series.get(series)
        if known is None:
            row = connection.execute("select labels from series where id = ?", (series,)).fetchone()
            if len(self._series) >= KNOWN_SERIES:
                self._series.clear()
            known = self._series[series] = Labels(json.loads(row[0]))
        return known
