"""What taking events costs: `./dev bench ingest`.

The server runs on one core, alone, its clients on the others. Beside it, on the same disk and with the same settings:
`executemany` of rows that are ready, a transaction for each batch, and one INSERT for each event with a transaction of
its own. They take turns, and the best of all rounds counts: whatever else the machine does only makes one slower.
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
from pathlib import Path
from statistics import median
from uuid import uuid4

from tradetop.emit import Emitter
from tradetop.events.schema import CREATE_SQL
from tradetop.ingest.event import EventRow

TOKEN = "a-token-for-the-benchmark"
LEAST = 20_000
"""Events a second that have to be taken, in batches."""
MOST = 1.5
"""How many times as long as bare `executemany` that may take."""
CLIENTS = 2
_INSERT = "INSERT INTO bot_events VALUES (?, ?, ?, ?, ?, ?, ?, datetime('now'))"
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


def bare(path: Path, found: list[dict[str, object]], batch: int) -> float:
    """Events a second of `executemany` (or, in batches of one, of one INSERT after the other)."""
    rows = [EventRow(**{**one, "metadata": json.dumps(one["metadata"])}) for one in found]  # type: ignore[arg-type]
    with closing(sqlite3.connect(path, isolation_level=None)) as link:
        link.execute("PRAGMA journal_mode = wal")
        link.execute("PRAGMA synchronous = full")
        link.executescript(CREATE_SQL)
        began = time.perf_counter()
        for i in range(0, len(rows), batch):
            link.execute("BEGIN IMMEDIATE")
            link.executemany(_INSERT, rows[i : i + batch])
            link.execute("COMMIT")
        return len(rows) / (time.perf_counter() - began)


@contextmanager
def served(folder: Path, core: int) -> Iterator[tuple[int, Path]]:
    """A server on one core; its port and its file."""
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
            yield int(process.stderr.readline().split("127.0.0.1:")[1].split("/")[0]), path
        finally:
            process.terminate()


def over_http(port: int, found: list[dict[str, object]], batch: int) -> float:
    """Events a second over HTTP, from clients that have everything ready."""
    bodies = [json.dumps(found[i : i + batch]).encode() for i in range(0, len(found), batch)]

    def send(mine: list[bytes]) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as link:
            for body in mine:
                link.request("POST", "/events", body, {"Authorization": f"Bearer {TOKEN}"})
                answer = link.getresponse()
                told = json.loads(answer.read())
                assert answer.status == 200, told

    threads = [threading.Thread(target=send, args=(bodies[i::CLIENTS],)) for i in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(found) / (time.perf_counter() - began)


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
    print(f"{'events/s':16}{'one by one':>12}{'executemany':>13}{'saved':>8}{'over HTTP':>12}{'saved':>8}{'times':>8}")
    for batch in (50, 500, 1_000):
        best: dict[str, float] = {"one": 0.0, "bare": 0.0, "http": 0.0}
        for turn in range(options.rounds):
            with tempfile.TemporaryDirectory(dir=options.folder) as name:
                folder, found = Path(name), events(options.events)
                os.sched_setaffinity(0, {cores[-1]})
                best["one"] = max(best["one"], bare(folder / "one.db", found[: options.events // 20], 1))
                best["bare"] = max(best["bare"], bare(folder / "bare.db", found, batch))
                with served(folder, cores[-1]) as (port, _):
                    os.sched_setaffinity(0, set(cores[:-1]) or set(cores))
                    best["http"] = max(best["http"], over_http(port, found, batch))
                    if batch == 50 and turn == options.rounds - 1:
                        os.sched_setaffinity(0, set(cores))
                        emitted = in_the_bot(port, folder)
        times = best["bare"] / best["http"]
        cells = [f"batches of {batch:<5,}{best['one']:12,.0f}"]
        for kind, width in (("bare", 13), ("http", 12)):
            cells.append(f"{best[kind]:{width},.0f}{1 - best['one'] / best[kind]:8.1%}")
        print("".join(cells) + f"{times:8.2f}", flush=True)
        if batch == 500 and (best["http"] < LEAST or times > MOST):
            over = 1
    print(f"{'OVER' if over else 'ok  '} at least {LEAST:,} events/s and at most {MOST:g} times executemany, by 500")
    worst = emitted[int(0.99 * len(emitted))]
    print(
        f"emit in the bot: {median(emitted):.0f} us, 99 of 100 in {worst:.0f} us, the worst {emitted[-1] / 1e3:.1f} ms"
    )
    return over


if __name__ == "__main__":
    sys.exit(main())
