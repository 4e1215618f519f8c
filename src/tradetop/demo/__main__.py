"""The sample bot as a process: `python -m tradetop.demo --port 0 --database bots.db --seed 7`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from pathlib import Path
from threading import Event, Thread

from prometheus_client import CONTENT_TYPE_LATEST

from tradetop.demo import health
from tradetop.demo.exporter import Exporter
from tradetop.demo.happening import Happening
from tradetop.demo.health import Answer
from tradetop.demo.ledger import BOT_ID, Ledger
from tradetop.demo.server import Routes, Server
from tradetop.demo.story import stress
from tradetop.demo.trader import Trader

_LONGEST_LEAP = 60
"""Seconds lived through at once after the machine slept; the rest is skipped."""


class Bot:
    """The trader with everything that the outside sees of it."""

    def __init__(self, seed: int, ledger: Ledger, started_at: int) -> None:
        """`started_at` in milliseconds since the epoch."""
        self._seed = seed
        self._ledger = ledger
        self._started_at = started_at
        self._trader = Trader(seed)
        self._exporter = Exporter()
        past = [(started_at + t * 1_000, one) for t, happened in self._trader.live_past() for one in happened]
        ledger.write(past)
        self._second = 0
        self._standing = self._trader.standing(0)
        self._exporter.record((), self._standing)

    def advance(self, to: int) -> None:
        """Live through every second up to `to` seconds after the start."""
        self._second = max(self._second, to - _LONGEST_LEAP)
        written: list[tuple[int, Happening]] = []
        while self._second < to:
            happened = self._trader.advance(self._second, stress(self._second, self._seed))
            self._standing = self._trader.standing(self._second)
            self._exporter.record(happened, self._standing)
            written += [(self._started_at + self._second * 1_000 + i, one) for i, one in enumerate(happened)]
            self._second += 1
        self._ledger.write(written)

    def routes(self) -> Routes:
        """What the HTTP server answers, by path."""
        return {
            "/metrics": lambda: Answer(200, self._exporter.page(), CONTENT_TYPE_LATEST),
            "/health/live": health.live,
            "/health/ready": lambda: health.ready(self._standing),
            "/health": lambda: health.full(self._standing, self._second),
        }


def main(arguments: list[str]) -> int:
    """Run until SIGTERM, SIGINT or, with --until-eof, the end of standard input."""
    parser = argparse.ArgumentParser(prog="python -m tradetop.demo", description="A bot that trades invented money.")
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--database", type=Path, required=True, help="SQLite file for its events")
    parser.add_argument("--seed", type=int, default=7, help="what happens follows from this number")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input ends: with the parent")
    parser.add_argument("--home", type=Path, help="directory that is removed at the end, with all that is in it")
    options = parser.parse_args(arguments)
    try:
        return _live(options)
    finally:
        if options.home is not None:
            shutil.rmtree(options.home, ignore_errors=True)


def _live(options: argparse.Namespace) -> int:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    if options.until_eof:
        Thread(target=_wait_for_end, args=(stop,), name="stdin", daemon=True).start()

    began, now = time.monotonic(), time.time_ns() // 1_000_000
    try:
        ledger = Ledger(options.database, run=f"{now:x}")
        bot = Bot(options.seed, ledger, now)
        bot.advance(1)
        server = Server(options.port, bot.routes())
    except sqlite3.Error as error:
        return _refuse(f"cannot write the event database {options.database}: {error}")
    except OSError as error:
        return _refuse(f"cannot listen on 127.0.0.1:{options.port}: {error.strerror}")
    url = f"http://127.0.0.1:{server.port}"
    ready = {"url": url, "metrics": f"{url}/metrics", "health": f"{url}/health", "database": str(options.database)}
    print(json.dumps({**ready, "bot_id": BOT_ID, "seed": options.seed}), flush=True)  # noqa: T201 - its answer.
    while not stop.wait(1.0 - (time.monotonic() - began) % 1.0):
        bot.advance(int(time.monotonic() - began) + 1)
    server.close()
    ledger.close()
    return 0


def _refuse(why: str) -> int:
    print(f"sample bot: {why}", file=sys.stderr)  # noqa: T201 - its answer.
    return 2


def _wait_for_end(stop: Event) -> None:
    # Not sys.stdin: a thread that waits inside it would hold its lock against the interpreter's end.
    while os.read(0, 4_096):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
