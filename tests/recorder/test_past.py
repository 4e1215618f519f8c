"""The week before memory begins is read from the file, thinned."""

from __future__ import annotations

from pathlib import Path

from tradetop.model.clock import DAY, SECOND, SystemClock
from tradetop.model.labels import Labels
from tradetop.recorder.past import Past
from tradetop.store.file import HistoryWriter

EQUITY = Labels({"__name__": "equity"})


def test_one_scrape_of_a_minute_is_kept(tmp_path: Path) -> None:
    clock = SystemClock()
    start = clock.now() - 3 * DAY
    writer = HistoryWriter.open(tmp_path / "a.db", now=start)
    for i in range(60):
        writer.append_scrape("scrape", start + i * 10 * SECOND, {EQUITY: float(i)})
    writer.close()
    found = Past(tmp_path / "a.db", clock).series().select([], 0, clock.now())
    assert [column.labels for column in found] == [EQUITY]
    assert len(found[0].values) in (10, 11)
    assert found[0].values[-1] == 59.0


def test_no_file_is_no_past(tmp_path: Path) -> None:
    assert Past(tmp_path / "none.db", SystemClock()).series().select([], 0, 1 << 60) == []
