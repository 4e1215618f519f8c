"""How long an event takes from the table to the screen, and what following it costs, however large the table is.

    python benchmarks/feed.py 10_000 10_000_000 --rates 1 100 --seconds 30 [--beside SRC] [--keep DIR]

One program for each size watches a table of its own, all at the same time; so does, with --beside, the tradetop of
another source tree. Latency is from the end of the insert's transaction to the bytes that put the event on the screen.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pyte
from terminal import UNPAINTED, Session, attend

from tradetop.events.schema import CREATE_SQL as SCHEMA
from tradetop.model.clock import DAY, SystemClock

A_DAY = 10_000
"""Events of a day, as the documents count them."""
_KINDS = ("signal", "risk_eval", "trade_open", "trade_close", "error", "health")
_INSERT = "insert into bot_events values (?, 'bench', ?, ?, ?, ?, ?, ?)"
_FEED = re.compile(r"\d\d:\d\d:\d\d . (?:signal|risk|open|close|error|health)\b")
_SEEN = re.compile(r"L(\d{6})/")
_STEP = 100_000
HEADS = ("rows", "of", "events/s", "first events s", "p50 ms", "p95 ms", "worst", "seen", "CPU %", "PSS MiB", "bytes/s")


@dataclass(slots=True)
class Watched:
    """One program on one table."""

    rows: int
    name: str
    database: Path
    session: Session
    written: dict[int, float] = field(default_factory=dict)
    """When each event of this run was in the table."""
    first: float = 0.0


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[10_000, 1_000_000], help="rows in each table")
    parser.add_argument("--rates", type=float, nargs="*", default=[1.0, 100.0], help="events a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each window")
    parser.add_argument("--beside", type=Path, help="the src of another tradetop, measured at the same time")
    parser.add_argument("--keep", type=Path, help="a directory for the tables, so that they are made once")
    parser.add_argument("--overview", action="store_true", help="leave the feed among the other panes")
    options = parser.parse_args()
    print(("{:>11}  " * len(HEADS)).format(*HEADS), flush=True)
    with TemporaryDirectory(prefix="tradetop-feed-") as home:
        place = options.keep or Path(home)
        sides = [("this", None), *([("other", options.beside)] if options.beside else [])]
        for rate in options.rates:
            watched = [
                _start(table(place, size), size, name, source, Path(home), f"{rate:g}")
                for size in options.sizes
                for name, source in sides
            ]
            _measure(watched, rate, options.seconds, zoomed=not options.overview)
    return 0


def table(place: Path, rows: int) -> Path:
    """An event table of so many rows, 10,000 a day up to now; one that is there already is used again."""
    path = place / f"{rows}.db"
    if not path.exists():
        place.mkdir(parents=True, exist_ok=True)
        began, making = time.perf_counter(), path.with_suffix(".making")
        making.unlink(missing_ok=True)
        link = sqlite3.connect(making, isolation_level=None)
        link.execute("pragma journal_mode = off")
        link.execute("pragma synchronous = off")
        link.executescript(SCHEMA)
        for first in range(0, rows, _STEP):
            link.execute("begin")
            link.executemany(_INSERT, _past(first, min(rows, first + _STEP), rows))
            link.execute("commit")
        link.execute("pragma journal_mode = wal")
        link.close()
        making.rename(path)
        size = path.stat().st_size / 2**20
        print(f"{rows:,} rows: {size:,.0f} MiB, made in {time.perf_counter() - began:.0f} s", flush=True)
    return path


def _past(first: int, end: int, rows: int) -> Iterator[tuple[object, ...]]:
    now = SystemClock().now()
    for i in range(first, end):
        yield _row(f"past-{i:09d}", i, "SOL/USDC", now - (rows - i) * DAY // A_DAY)


def _row(id: str, i: int, pair: str, t: int) -> tuple[object, ...]:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t // 1000)) + f".{t % 1000:03d}Z"
    body = f'{{"score": 0.{i % 90 + 10}, "side": "BUY", "message": "what was seen at {i % 7}", "mode": "paper"}}'
    return id, _KINDS[i % len(_KINDS)], pair, "momentum", stamp, body, stamp[:19].replace("T", " ")


def _start(path: Path, rows: int, name: str, source: Path | None, home: Path, run: str) -> Watched:
    own = home / f"{rows}-{name}-{run}.db"
    # A link would be one file with two writers; a copy of gigabytes costs more than the second writer.
    own = path if rows > _STEP else Path(shutil.copyfile(path, own))
    command = [sys.executable, "-m", "tradetop", str(own), "--store", str(home / f"{rows}-{name}-{run}")]
    environment = {"PYTHONPATH": str(source.resolve())} if source is not None else None
    return Watched(rows, name, own, Session.start(command, environment))


def _measure(watched: Sequence[Watched], rate: float, seconds: float, *, zoomed: bool) -> None:
    sessions = [each.session for each in watched]
    attend(sessions, 8.0)
    for each in watched:
        each.first = each.session.shown(_FEED)[0] or float("nan")
        os.write(each.session.fd, b"77" if zoomed else b"7")
    attend(sessions, 4.0)
    spent = [session.cpu_seconds() for session in sessions]
    begun = [len(session.chunks) for session in sessions]
    stop = threading.Event()
    writers = [
        threading.Thread(target=_write, args=(path, [w for w in watched if w.database == path], rate, stop))
        for path in dict.fromkeys(each.database for each in watched)
    ]
    for writer in writers:
        writer.start()
    attend(sessions, seconds)
    spent = [session.cpu_seconds() - before for session, before in zip(sessions, spent, strict=True)]
    stop.set()
    for writer in writers:
        writer.join()
    attend(sessions, 2.0)
    for each, cpu, since in zip(watched, spent, begun, strict=True):
        waited = sorted(_latencies(each))
        at = [waited[min(len(waited) - 1, int(len(waited) * q))] * 1000 if waited else 0.0 for q in (0.5, 0.95, 1.0)]
        figures = (f"{each.first:.2f}", *(f"{x:.0f}" for x in at), f"{len(waited)}/{len(each.written)}")
        costs = (
            f"{100 * cpu / seconds:.2f}",
            f"{each.session.pss_mib():.1f}",
            f"{each.session.written(since) / seconds:,.0f}",
        )
        line = f"{each.rows:,}", each.name, f"{rate:g}", *figures, *costs
        print(("{:>11}  " * len(line)).format(*line), flush=True)
        each.session.quit(b"q")


def _write(path: Path, watched: Sequence[Watched], rate: float, stop: threading.Event) -> None:
    """Write events one by one, each with a pair of its own to find it by."""
    link = sqlite3.connect(path, timeout=5.0, isolation_level=None)
    link.execute("pragma synchronous = normal")
    run, began, clock = time.time_ns(), time.perf_counter(), SystemClock()
    number = 0
    # An uneven pace, so that nothing that beats keeps step with it.
    while rate and not stop.wait(max(0.0, began + (number + (number * 0.618) % 1) / rate - time.perf_counter())):
        link.execute(_INSERT, _row(f"{run}-{number}", number, f"L{number:06d}/USD", clock.now()))
        for each in watched:
            each.written[number] = time.perf_counter()
        number += 1
    link.close()


def _latencies(of: Watched) -> Iterator[float]:
    """Seconds from table to screen of each event that was seen."""
    screen = pyte.Screen(*of.session.size)
    stream = pyte.ByteStream(screen)
    seen: set[int] = set()
    for at, chunk in of.session.chunks:
        stream.feed(UNPAINTED.sub(b"", chunk))
        for found in _SEEN.findall("\n".join(screen.display)):
            number = int(found)
            if number not in seen and number in of.written:
                seen.add(number)
                yield at - of.written[number]


if __name__ == "__main__":
    sys.exit(main())
