"""Numbering: under which ids a history file knows series and layouts, as its writer remembers them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from tradetop.model.labels import Labels
from tradetop.store import schema
from tradetop.store.layouts import KNOWN_SERIES
from tradetop.store.statements import layout_row, series_row


class Numbering:
    """Finds each id once, or makes it; where a bot's series keep changing, the old ones are forgotten."""

    def __init__(self) -> None:
        self._series: dict[Labels, int] = {}
        self._layouts: dict[str, tuple[list[Labels], int]] = {}

    def clear(self) -> None:
        """Forget everything: rows that were rolled back, or trimmed, took their ids with them."""
        self._series.clear()
        self._layouts.clear()

    def layout(self, connection: sqlite3.Connection, group: str, series: Iterable[Labels]) -> int:
        """Id of the layout for these series of a group; the one before is nearly always the same."""
        names = list(series)
        last = self._layouts.get(group)
        if last is not None and last[0] == names:
            return last[1]
        ids = [self.series(connection, labels) for labels in names]
        with schema.reading():  # Those of a damaged file may be no ids.
            layout = layout_row(connection, schema.pack_ids(ids))
        self._layouts[group] = (names, layout)
        return layout

    def series(self, connection: sqlite3.Connection, labels: Labels) -> int:
        """Id of a series."""
        known = self._series.get(labels)
        if known is None:
            if len(self._series) >= KNOWN_SERIES:
                self._series.clear()  # Series that keep changing must not fill the memory.
            text = json.dumps(dict(labels), ensure_ascii=False, separators=(",", ":"))
            with schema.reading():
                known = self._series[labels] = series_row(connection, text)
        return known
