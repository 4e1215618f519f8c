"""How every report grows from 10^4 to 10^7 rows: `python benchmarks/analytics.py [--most 10000000] [--folder DIR]`.

The databases have 10,000 events a day; they, and the sums kept beside them, stay in the folder for the next time. Of
the times the median of five is told, over the last 7 days and over everything; ms of the clock on the wall.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from ledgers import write

from tradetop.events.file import shown
from tradetop.events.table import Table
from tradetop.model.clock import DAY, HOUR, SystemClock
from tradetop.reports import REPORTS, Asked
from tradetop.reports.asked import known_window
from tradetop.reports.reading import catch_up
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import Window

UNTIL = 1_764_500_400_000
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
ROUNDS = 5


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="rows of the largest database")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tradetop-analytics")
    said = parser.parse_args()
    said.folder.mkdir(exist_ok=True)
    found = [_measured(said.folder, rows) for rows in SIZES if rows <= said.most]
    names = list(found[0])
    print("| | " + " | ".join(f"{rows:,.0f}" for rows in SIZES[: len(found)]) + " |")
    print("|---" * (len(found) + 1) + "|")
    for name in names:
        print(f"| {name} | " + " | ".join(one[name] for one in found) + " |")


def _measured(folder: Path, rows: int) -> dict[str, str]:
    path, cache = folder / f"{rows}.db", folder / f"{rows}.rollup"
    if not path.exists():
        write(path, rows, UNTIL)
    told: dict[str, str] = {"events, MB": f"{path.stat().st_size / 1e6:,.0f}"}
    fresh = not cache.exists()
    rollup = Rollup(cache)
    cpu = time.process_time()
    took = _time(lambda: _update(path, rollup))
    told["first reading, s"] = f"{took / 1_000:,.1f}" if fresh else "(kept)"
    told["of one core, s"] = f"{time.process_time() - cpu:,.1f}" if fresh else "(kept)"
    rollup.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    told["kept sums, MB"] = f"{cache.stat().st_size / 1e6:,.1f}"
    told["nothing new, ms"] = f"{_time(lambda: _update(path, rollup)):.0f}"
    _add(path)
    told["one new event, ms"] = f"{_time(lambda: _update(path, rollup)):.0f}"
    known = known_window(rollup)
    assert known is not None
    # Closes say the first tag themselves; the other one only their openings.
    asked = [(name, report, "llm") for name, report in REPORTS.items()] + [("ab by openings", REPORTS["ab"], "entry")]
    for name, report, tag in asked:
        week, ever = Asked(Window(known.until - 7 * DAY, known.until), tag=tag), Asked(known, tag=tag)
        times = [median([_time(partial(report, rollup, asked)) for _ in range(ROUNDS)]) for asked in (week, ever)]
        told[f"{name}, 7 days / all, ms"] = f"{times[0]:.0f} / {times[1]:.0f}"
    rollup.close()
    return told


def _update(path: Path, rollup: Rollup) -> None:
    clock = SystemClock()
    asyncio.run(catch_up(Table(path, clock), shown(path), rollup, clock))


def _add(path: Path) -> None:
    """One more signal, a second after the newest."""
    with sqlite3.connect(path) as link:
        at = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime((UNTIL + HOUR) / 1_000))}"
        event = (f"n{time.time_ns()}", "bot-0", "signal", "SOL/USDC", "grid", at, "{}", at)
        link.execute("insert into bot_events values (?, ?, ?, ?, ?, ?, ?, ?)", event)
    link.close()


def _time(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return (time.perf_counter() - start) * 1_000


if __name__ == "__main__":
    main()
