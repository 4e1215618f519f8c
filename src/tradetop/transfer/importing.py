"""Importing: samples from text into a history, a bounded number of them in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tradetop.model.labels import Labels
from tradetop.store.file import HistoryWriter
from tradetop.store.imported import CHUNK

if TYPE_CHECKING:
    from tradetop.transfer.lines import Sample

HELD = 200_000
"""Samples in memory before all of them are written."""


class Importing:
    """Takes samples in any order and writes them; `refused` says why it could not go on."""

    def __init__(self, history: HistoryWriter) -> None:
        self.samples = 0
        self.new = 0
        """Of these: how many the history did not have."""
        self.series: set[Labels] = set()
        self.oldest: int | None = None
        """The earliest time that was read (ms)."""
        self.newest: int | None = None
        self.refused = ""
        self._history = history
        self._held: dict[Labels, dict[int, float]] = {}
        self._count = 0

    def take(self, samples: Iterable[Sample]) -> None:
        """Read all samples; stops where the history cannot be written. What came before an error is written."""
        try:
            self._take(samples)
        finally:
            if not self.refused:
                self._write()

    def _take(self, samples: Iterable[Sample]) -> None:
        for labels, t, value in samples:
            held = self._held.get(labels)
            if held is None:
                held = self._held[labels] = {}
                self.series.add(labels)
            # Of two at the same time the first counts.
            held.setdefault(t, value)
            self._count += 1
            self.samples += 1
            self.oldest = t if self.oldest is None else min(self.oldest, t)
            self.newest = t if self.newest is None else max(self.newest, t)
            if self._count >= HELD:
                self._write()
            elif len(held) >= 2 * CHUNK:
                self._write([labels])
            if self.refused:
                return

    def _write(self, series: Sequence[Labels] | None = None) -> None:
        found = self._held if series is None else {labels: self._held[labels] for labels in series}
        new = self._history.put_imported(found)
        if new is None:
            self.refused = self._history.reason.removeprefix("not recording: ")
            return
        self.new += new
        self._count -= sum(map(len, found.values()))
        self._held = {} if series is None else {k: v for k, v in self._held.items() if k not in found}
