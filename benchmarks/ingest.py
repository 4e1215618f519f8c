"""What taking events costs: `./dev bench ingest`.

The server runs on one core, alone, its clients on the others. Beside it, on the same disk and with the same settings:
`executemany` of rows that are ready, a transaction for each batch, and one INSERT for each event with a transaction of
its own. They take turns, and the best of all rounds counts: whatever else the machine does only makes one slower.
The limits hold for the time that a core is busy, which depends least on what else it does.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import uuid4

from tradetop.emit import Emitter
from tradetop.events.schema import CREATE_SQL

TOKEN = "a-token-for-the-benchmark"
LEAST = 20_000
"""Events a second that have to be taken, in batches."""
MOST = 1.5
"""How many times as long as bare `executemany` that may take."""
JUDGED = 1_000
"""Events of the batches that have to keep the limits: as many as a bot sends of its spool."""
CLIENTS = 2
_INSERT = """
    INSERT INTO bot_events (id, bot_id, event_type, pair, strategy, timestamp, metadata, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, datetime('now'))
"""
_STAMP = "2026-01-31T09:00:00.123Z"
_TYPES = ("signal", "risk_eval", "trade_open", "trade_close")


def events(count: int) -> list[dict[str, object]]:
    """Events with the ids and metadata that bots write, some 340 bytes each."""
    return [
        {
            "id": str(uuid4()), "bot_id": f"bot-{i % 7}", "event_type": _TYPES[i % 4], "pair": "SOL/USDC",
            "strategy": "momentum", "timestamp": _STAMP,
            "metadata": {"trade_id": f"t-{i}", "side": "SELL", "entry_price": 142.31, "exit_price": 143.2,
                         "pnl_usd": 12.5, "pnl_pct": 0.62, "hold_seconds": 312, "reason": "take profit"},
        }
        for i in range(count)
    ]  # fmt: skip


@dataclass(slots=True)
class Best:
    """The best figures of all rounds."""

    rate: float = 0.0
    """Events a second."""
    busy: float = float("inf")
    """Microseconds that a core was busy for each event."""

    def take(self, count: int, seconds: float, busy: float) -> None:
        """Another measurement: of so many events, in seconds of the clock and of a core."""
        self.rate = max(self.rate, count / seconds)
        self.busy = min(self.busy, 1e6 * busy / count)


def bare(best: Best, path: Path, found: list[dict[str, object]], batch: int) -> None:
    """Measure `executemany` (or, in batches of one, one INSERT after the other)."""
    rows = [tuple({**one, "metadata": json.dumps(one["metadata"])}.values()) for one in found]
    with closing(sqlite3.connect(path, isolation_level=None)) as link:
        link.execute("PRAGMA journal_mode = wal")
        link.execute("PRAGMA synchronous = full")
        link.executescript(CREATE_SQL)
        began, busy = time.perf_counter(), time.process_time()
        for i in range(0, len(rows), batch):
            link.execute("BEGIN IMMEDIATE")
            link.executemany(_INSERT, rows[i : i + batch])
            link.execute("COMMIT")
        best.take(len(rows), time.perf_counter() - began, time.process_time() - busy)


@contextmanager
def served(folder: Path, core: int) -> Iterator[tuple[int, int]]:
    """A server on one core; its port and its process id."""
    token, path = folder / "token", folder / "served.db"
    token.write_text(TOKEN)
    token.chmod(0o600)
    arguments = ["serve", "--port", "0", "--rate", "0", "--token-file", str(token), "--db", str(path)]
    with subprocess.Popen(
        [sys.executable, "-m", "tradetop", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    ) as process:
        assert process.stderr is not None
        try:
            yield int(process.stderr.readline().split("127.0.0.1:")[1].split("/")[0]), process.pid
        finally:
            process.terminate()


def busy_seconds(pid: int) -> float:
    """How long a core has been busy with a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def over_http(best: Best, port: int, pid: int, found: list[dict[str, object]], batch: int) -> None:
    """Measure the server, with clients that have everything ready."""
    bodies = [json.dumps(found[i : i + batch]).encode() for i in range(0, len(found), batch)]

    def send(mine: list[bytes]) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as link:
            for body in mine:
                link.request("POST", "/events", body, {"Authorization": f"Bearer {TOKEN}"})
                answer = link.getresponse()
                told = json.loads(answer.read())
                assert answer.status == 200, told

    # The first request loads what the first request loads.
    send([json.dumps(events(batch)).encode()])
    threads = [threading.Thread(target=send, args=(bodies[i::CLIENTS],)) for i in range(CLIENTS)]
    began, busy = time.perf_counter(), busy_seconds(pid)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    best.take(len(found), time.perf_counter() - began, busy_seconds(pid) - busy)


def in_the_bot(port: int, folder: Path, count: int = 5_000) -> list[float]:
    """Microseconds that each `emit` takes, at a hundred events a second and more, while a thread sends them."""
    taken = []
    metadata = {"trade_id": "t-17", "side": "SELL", "pnl_usd": 12.5, "reason": "take profit"}
    with Emitter(f"http://127.0.0.1:{port}", "alpha", token=TOKEN, spool=str(folder / "spool")) as emitter:
        for i in range(count):
            began = time.perf_counter()
            emitter.emit("trade_close", pair="SOL/USDC", strategy="momentum", metadata=metadata)
            taken.append(1e6 * (time.perf_counter() - began))
            if i % 10 == 9:
                time.sleep(0.002)
    assert emitter.stats.sent == count, emitter.stats
    return sorted(taken)


def main() -> int:
    """Measure and print; 1 where a figure is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=50_000, help="events of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each kind")
    parser.add_argument("--folder", type=Path, help="where the files lie, if not in the temporary directory")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    over = 0
    print(f"{'':16}{'one by one':>12}{'executemany':>22}{'over HTTP':>31}{'core us/event':>27}")
    heads = ("events/s", "saved", "events/s", "saved", "times", "bare", "HTTP", "times")
    print(f"{'':16}{'events/s':>12}" + "".join(f"{head:>{13 if head == 'events/s' else 9}}" for head in heads))
    for batch in (50, 500, 1_000):
        one, many, web = Best(), Best(), Best()
        for turn in range(options.rounds):
            with tempfile.TemporaryDirectory(dir=options.folder) as name:
                folder, found = Path(name), events(options.events)
                os.sched_setaffinity(0, {cores[-1]})
                bare(one, folder / "one.db", found[: options.events // 20], 1)
                bare(many, folder / "bare.db", found, batch)
                with served(folder, cores[-1]) as (port, pid):
                    os.sched_setaffinity(0, set(cores[:-1]) or set(cores))
                    over_http(web, port, pid, found, batch)
                    if batch == 50 and turn == options.rounds - 1:
                        os.sched_setaffinity(0, set(cores))
                        emitted = in_the_bot(port, folder)
        over += _row(batch, one, many, web)
    said = f"at least {LEAST:,} events/s of a core, at most {MOST:g} times executemany, by {JUDGED:,}"
    print("OVER" if over else "ok  ", said)
    worst = emitted[int(0.99 * len(emitted))]
    print(
        f"emit in the bot: {median(emitted):.0f} us, 99 of 100 in {worst:.0f} us, the worst {emitted[-1] / 1e3:.1f} ms"
    )
    return 1 if over else 0


def _row(batch: int, one: Best, many: Best, web: Best) -> bool:
    """Print a line; whether it is over its limit."""
    cells = [f"batches of {batch:<5,}{one.rate:12,.0f}"]
    cells += [f"{best.rate:13,.0f}{1 - one.rate / best.rate:9.1%}" for best in (many, web)]
    times = web.busy / many.busy
    print("".join(cells) + f"{many.rate / web.rate:9.2f}{many.busy:9.1f}{web.busy:9.1f}{times:9.2f}", flush=True)
    return batch == JUDGED and (1e6 / web.busy < LEAST or times > MOST)


if __name__ == "__main__":
    sys.exit(main())
