"""A real Prometheus answers the same over what was exported for it."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from servers.prometheus import prometheus
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.store.archive import Archive
from tradetop.store.file import HistoryWriter
from tradetop.transfer.openmetrics import lines

pytestmark = pytest.mark.servers
T0, STEP, COUNT = 1_763_426_873_013, 10_007, 700
PLACES = [Labels({"__name__": "equity", "bot": f'b"{i}\\ {{}}'}) for i in range(3)]
TRADES = [Labels({"__name__": "trades_total", "side": side}) for side in ("buy", "sell")]
QUERIES = (
    "equity",
    "sum without (bot) (equity)",
    "rate(trades_total[3m7s])",
    "increase(trades_total[11m3s])",
    "max_over_time(equity[2m13s])",
    "equity - equity offset 5m",
    'equity{bot!~".*2.*"}',
)


def test_it_takes_the_text_and_answers_alike(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here: apt-get install prometheus")
    chance, total = random.Random(5), 0.0
    writer = HistoryWriter.open(tmp_path / "bot.db", now=T0)
    for i in range(COUNT):
        total = 0.0 if i == 400 else total + chance.randrange(3)
        page = {labels: chance.gauss(1e4, 50) for labels in PLACES} | dict.fromkeys(TRADES, total)
        writer.append_scrape("scrape", T0 + i * STEP, page)
    writer.close()
    archive = Archive(tmp_path / "bot.db")
    (tmp_path / "bot.om").write_text("".join(lines(archive)))
    made = [promtool, "tsdb", "create-blocks-from", "openmetrics", tmp_path / "bot.om", tmp_path / "tsdb"]
    done = subprocess.run(made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Steps that meet no sample's own time: a window's closed end is the one thing in which versions differ.
    start, step = T0 + 20 * STEP + 3, 61_000
    end = start + step * ((COUNT - 30) * STEP // step)
    engine = Engine(archive, born_counters=False)
    with prometheus(tmp_path) as server:
        for query in QUERIES:
            ours = {
                series.labels: list(zip(series.times, series.values, strict=True))
                for series in engine.range(query, start=start, end=end, step=step).series
            }
            theirs = server.values(query, start, end, step)
            assert ours.keys() == theirs.keys(), query
            for labels, samples in ours.items():
                assert [t for t, _ in samples] == [t for t, _ in theirs[labels]], query
                assert [v for _, v in samples] == pytest.approx([v for _, v in theirs[labels]], rel=1e-12), query
    archive.close()
