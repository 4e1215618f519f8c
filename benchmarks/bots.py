"""What is watched: the sample bot with histories and event databases of its own, and a bot that stands still."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from growing import EventFeed
from history import GROUP, page, scrapes

from tradetop.demo import launch
from tradetop.model.clock import SystemClock
from tradetop.model.target import TargetStatus
from tradetop.store.file import HistoryWriter
from tradetop.store.place import history_path, identity, prepare


@dataclass(slots=True)
class Stage:
    """A sample bot, and a directory in which each program finds a history of its own."""

    url: str
    home: Path
    database: Path
    """What the sample bot writes itself."""
    _made: dict[int, Path] = field(default_factory=dict)
    _count: int = 0
    _exits: ExitStack = field(default_factory=ExitStack)

    def command(self, rate: float | None, *options: str, hours: int = 24) -> list[str]:
        """tradetop on the sample bot with so many hours of history; with events, `rate` of them a second."""
        self._count += 1
        place = self.home / f"{self._count}"
        databases = []
        if rate is not None:
            databases = [str(self._exits.enter_context(EventFeed(self.home / f"{self._count}.db", rate)).path)]
        # A history is found by its URL.
        source, name = self._history(hours), history_path(place, identity(self.url)).name
        place.mkdir()
        shutil.copyfile(source, place / name)
        return [sys.executable, "-m", "tradetop", self.url, *databases, "--store", str(place), *options]

    def events(self, *, days: int, count: int) -> Path:
        """An event database with so many events in so many days."""
        path = self.home / f"{days}d.db"
        return EventFeed(path, 0, hours=24 * days, every=days * 86_400 / count).path

    def still(self, *options: str) -> list[str]:
        """tradetop on a bot whose page never changes."""
        self._count += 1
        url = self._exits.enter_context(_still())
        return [sys.executable, "-m", "tradetop", url, "--store", str(self.home / f"{self._count}"), *options]

    def _history(self, hours: int) -> Path:
        """A history file of so many hours; made once."""
        if hours not in self._made:
            now, began = SystemClock().now(), time.perf_counter()
            path = self.home / f"{hours}h" / "history.db"
            prepare(path.parent)
            writer = HistoryWriter.open(path, now=now)
            instance = self.url.removeprefix("http://").partition("/")[0]
            for t, samples in scrapes({"job": instance, "instance": instance}, now - 5_000, hours):
                writer.append_scrape(GROUP, t, samples)
            # As a recorder would have: without it the bot would seem to have been met just now.
            writer.put_status(TargetStatus(first_seen=now - hours * 3_600_000))
            writer.close()
            size, taken = path.stat().st_size / 2**20, time.perf_counter() - began
            print(f"{hours} h of history: {size:.1f} MiB, written in {taken:.1f} s", flush=True)
            self._made[hours] = path
        return self._made[hours]


@contextmanager
def stage() -> Iterator[Stage]:
    """A running sample bot, and room for histories."""
    with launch() as bot, TemporaryDirectory(prefix="tradetop-bench-") as home, ExitStack() as exits:
        yield Stage(f"{bot.url}/metrics", Path(home), bot.database, _exits=exits)


@contextmanager
def _still() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Still, page().encode()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()


class _Still(BaseHTTPRequestHandler):
    """One page, and nothing else."""

    def __init__(self, body: bytes, *request: object) -> None:
        self._body = body
        super().__init__(*request)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        found = self.path == "/metrics"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(self._body) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(self._body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
