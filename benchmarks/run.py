"""One command for every figure of the screen: `./dev bench`, or `python benchmarks/run.py --rounds 9 --seconds 60`.

tradetop watches the sample bot, scraping every 5 s with a day of history loaded, beside an empty Textual app and htop.
Start-ups are interleaved, so that a busy machine slows all alike; read the ratios.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from history import GROUP, scrapes
from terminal import Session

from tradetop.demo import launch
from tradetop.model.clock import SystemClock
from tradetop.store.file import HistoryWriter
from tradetop.store.place import history_path, identity, prepare

HERE = Path(__file__).parent
WARM_UP = 12.0
"""Seconds before the steady window: what loading a day of history costs is not what watching costs."""
LIMITS = (
    ("useful", 1.5, "times an empty Textual app, until the first useful frame"),
    ("live", 2.2, "times an empty Textual app, until the values are those of the bot"),
    ("cpu", 2.0, "% of a core, scraping every 5 s"),
    ("pss", 60.0, "MiB with 24 h of 153 series loaded"),
    ("quit", 0.3, "s to quit"),
)


@dataclass(slots=True)
class Subject:
    """A program with what was measured of it."""

    name: str
    command: list[str]
    useful: re.Pattern[str]
    live: re.Pattern[str]
    quit_keys: bytes
    fresh: Path | None = None
    """A directory that is not there at each start: nothing has been recorded yet."""
    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, figure: str, value: float | None) -> None:
        if value is not None:
            self.figures.setdefault(figure, []).append(value)

    def median(self, figure: str) -> float | None:
        values = self.figures.get(figure)
        return statistics.median(values) if values else None


def main() -> int:
    """Measure and print a table; 1 where a figure is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="start-ups of each program")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of the steady window")
    parser.add_argument("--show", action="store_true", help="print tradetop's screen as it was measured")
    options = parser.parse_args()

    with watched() as (url, database, store):
        subjects = programs(url, database, store)
        for _ in range(options.rounds):
            for subject in subjects:
                start_up(subject)
        for subject in subjects:
            screen = steady(subject, options.seconds)
            if options.show and subject.name.startswith("tradetop"):
                print(screen)
    report(subjects)
    return verdict(subjects)


@contextmanager
def watched() -> Iterator[tuple[str, Path, Path]]:
    """A sample bot, and a store that holds a day of its history."""
    with launch() as bot, tempfile.TemporaryDirectory(prefix="tradetop-bench-") as home:
        store = Path(home)
        url = f"{bot.url}/metrics"
        path = history_path(store, identity(url))
        prepare(store)
        now = SystemClock().now()
        writer = HistoryWriter.open(path, now=now)
        instance = bot.url.removeprefix("http://")
        began = time.perf_counter()
        for t, samples in scrapes({"job": instance, "instance": instance}, now - 5_000):
            writer.append_scrape(GROUP, t, samples)
        writer.close()
        size = path.stat().st_size / 2**20
        print(f"a day of history: {size:.1f} MiB, written in {time.perf_counter() - began:.1f} s", flush=True)
        yield bot.url, bot.database, store


def programs(url: str, database: Path, store: Path) -> list[Subject]:
    """What is measured."""
    word = re.compile("Empty")
    title = re.compile("limits", re.IGNORECASE)
    value = re.compile(r"5\d,\d\d\d")
    tradetop = [sys.executable, "-m", "tradetop", url]
    end = ["--interval", "5s", "--store"]
    new = store / "new"
    subjects = [
        Subject("empty Textual app", [sys.executable, str(HERE / "empty_app.py")], word, word, b"\x11"),
        Subject("tradetop URL", [*tradetop, *end, str(store)], title, value, b"q"),
        Subject("tradetop URL bots.db", [*tradetop, str(database), *end, str(store)], title, value, b"q"),
        Subject("tradetop, new store", [*tradetop, *end, str(new)], title, value, b"q", new),
    ]
    htop = shutil.which("htop")
    if htop is None:
        print("htop is not installed: its row is left out")
    else:
        bars = re.compile(r"Mem\[")
        subjects.append(Subject("htop -d 10", [htop, "-d", "10"], bars, bars, b"q"))
    return subjects


def start_up(subject: Subject) -> None:
    """One start, up to the live values, and one quit."""
    if subject.fresh is not None:
        shutil.rmtree(subject.fresh, ignore_errors=True)
    session = Session.start(subject.command)
    session.read(8.0, until=subject.live)
    useful, live = session.shown(subject.useful, subject.live)
    subject.note("first", session.first_byte)
    subject.note("useful", useful)
    subject.note("live", live)
    subject.note("quit", session.quit(subject.quit_keys))


def steady(subject: Subject, seconds: float) -> str:
    """CPU, bytes and memory while nothing is pressed; the screen at the end."""
    session = Session.start(subject.command)
    session.read(WARM_UP)
    chunks, cpu, began = len(session.chunks), session.cpu_seconds(), time.perf_counter()
    running = session.read(seconds)
    taken = time.perf_counter() - began
    if running:
        subject.note("cpu", 100 * (session.cpu_seconds() - cpu) / taken)
        subject.note("bytes", sum(len(chunk) for _, chunk in session.chunks[chunks:]) / taken)
        subject.note("pss", session.pss_mib())
        subject.note("quit", session.quit(subject.quit_keys))
    else:
        session.kill()
    return session.display()


COLUMNS = (
    ("first", "first byte s", ".3f"),
    ("useful", "useful s", ".3f"),
    ("live", "live values s", ".3f"),
    ("cpu", "CPU % of a core", ".2f"),
    ("bytes", "bytes/s", ",.0f"),
    ("pss", "PSS MiB", ".1f"),
    ("quit", "quit s", ".3f"),
)


def report(subjects: list[Subject]) -> None:
    """Print the table: medians, and in brackets how many times the empty app's."""
    empty = subjects[0]
    print(f"{'':22}" + "".join(f"{title:>20}" for _, title, _ in COLUMNS))
    for subject in subjects:
        cells = []
        for figure, _, form in COLUMNS:
            value, floor = subject.median(figure), empty.median(figure)
            ratio = f" ({value / floor:.2f}x)" if value and floor and subject is not empty else ""
            cells.append("-" if value is None else f"{value:{form}}{ratio}")
        print(f"{subject.name:22}" + "".join(f"{cell:>20}" for cell in cells))


def verdict(subjects: list[Subject]) -> int:
    """Print each limit with what was reached; 1 where one was missed."""
    floors = {figure: subjects[0].median(figure) for figure in ("useful", "live")}
    missed = 0
    for subject in subjects:
        if not subject.name.startswith("tradetop"):
            continue
        for figure, limit, words in LIMITS:
            value = subject.median(figure)
            if value is not None and figure in floors:
                floor = floors[figure]
                value = value / floor if floor else None
            good = value is not None and value <= limit
            missed += not good
            shown = "not measured" if value is None else f"{value:.2f}"
            print(f"{'ok  ' if good else 'OVER'} {subject.name}: {shown} (limit {limit:g}) {words}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
