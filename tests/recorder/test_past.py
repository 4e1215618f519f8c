"""The week before memory begins is read from the file, every scrape of it."""

from __future__ import annotations

from pathlib import Path

from tradetop.model.clock import DAY, SECOND, SystemClock
from tradetop.model.labels import Labels
from tradetop.recorder.past import Past
from tradetop.store.file import HistoryWriter

EQUITY = Labels({"__name__": "equity"})


def test_every_scrape_is_there(tmp_path: Path) -> None:
    clock = SystemClock()
    start = clock.now() - 3 * DAY
    writer = HistoryWriter.open(tmp_path / "a.db", now=start)
    for i in range(60):
        writer.append_scrape("scrape", start + i * 10 * SECOND, {EQUITY: float(i)})
    writer.close()
    found = Past(tmp_path / "a.db", clock).series().select([], 0, clock.now())
    assert [column.labels for column in found] == [EQUITY]
    assert list(found[0].values) == [float(i) for i in range(60)]


def test_no_file_is_no_past(tmp_path: Path) -> None:
    assert Past(tmp_path / "none.db", SystemClock()).series().select([], 0, 1 << 60) == []
