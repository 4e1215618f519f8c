"""Tell `tradetop serve` what a bot does: one file, standard library only, Python 3.8 or newer; copy it into a bot.

    from tradetop.emit import Emitter

    events = Emitter("http://127.0.0.1:8790", "alpha", token_file="serve.token")
    events.emit("trade_close", pair="SOL/USDC", strategy="dip", metadata={"trade_id": "t-17", "pnl_usd": 12.5})

`emit` puts the event into memory and returns: it never waits and never raises, in async code as little as elsewhere. A
thread sends what has gathered every 5 s, or with the 50th event. While the server is away events wait in the spool, a
small file, until it has them, each once. `close`, the end of the program, or leaving `with` or `async with` sends or
spools what is left. What had to be dropped is counted in `stats`, logged, and told to the server as an event.
"""

from __future__ import annotations

import asyncio
import atexit
import http.client
import itertools
import json
import logging
import math
import os
import queue
import re
import sqlite3
import sys
import threading
import time
import uuid
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlsplit

EVERY = 5.0
"""Longest time that an event waits for others (seconds)."""
BATCH = 50
"""So many events are sent without waiting."""
MEMORY = 10_000
"""Most events in memory."""
SPOOL_LIMIT = 64 * 1024 * 1024
"""Characters of events in the spool; when there are more, the oldest are dropped."""
_REQUEST = 1_000
_REQUEST_SIZE = 1_000_000
_EVENT_SIZE = 60_000
"""Characters of an event; the metadata of a longer one is cut, for the server would refuse it."""
_ANSWER_LIMIT = 1_000_000
_TIMEOUT = 10.0
_LONGEST_PAUSE = 60.0
_QUIET = 60.0
"""Seconds between two lines in the log."""
_log = logging.getLogger("tradetop.emit")
_disk = threading.Lock()
"""Held while SQLite is at work: a fork waits for it, for the child would find the file locked forever."""
_living: weakref.WeakSet[Emitter] = weakref.WeakSet()


class Stats(NamedTuple):
    """What became of this process' events so far."""

    sent: int
    """The server has them; what an earlier run left in the spool is counted, too."""
    waiting: int
    """In memory."""
    spooled: int
    """Written to the spool."""
    refused: int
    """The server found them wrong; the log says why."""
    dropped: int
    """There was no room for them, or they could not be written as JSON."""
    trouble: str
    """What goes wrong now, or ""."""


class _AwayError(Exception):
    """The server did not take a request: its events are to be sent again."""

    def __init__(self, text: str, pause: float = 0.0) -> None:
        super().__init__(text)
        self.pause = pause


class _UnfitError(Exception):
    """The server will never take these events, at least not together."""


class Emitter:
    """Sends one bot's events; for all threads, and in the child of a fork for the child's own."""

    def __init__(
        self,
        url: str,
        bot_id: str,
        *,
        token: str = "",
        token_file: str = "",
        spool: str | None = None,
        memory: int = MEMORY,
        spool_limit: int = SPOOL_LIMIT,
        every: float = EVERY,
        batch: int = BATCH,
    ) -> None:
        """`spool` is a file of its own for each bot, by default in the state directory; "" is none: memory alone.

        ValueError where the URL is none: the one place that raises, when the bot starts.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ValueError("url: write where tradetop serve listens, as http://HOST:PORT")
        self._server = _Server(parts.scheme, parts.hostname, parts.port, parts.path, token, token_file)
        self._bot_id = str(bot_id)
        self._spool = _Spool(_usual_spool(self._bot_id) if spool is None else spool, spool_limit)
        self._memory, self._every, self._batch = max(1, memory), max(0.01, every), max(1, batch)
        self._begin()
        _living.add(self)
        atexit.register(self.close)

    def _begin(self) -> None:
        """Empty and without a thread: at the start, and in the child of a fork, whose parent sends what it had."""
        # A SimpleQueue may be put into from everywhere, even from a signal handler that interrupts just that.
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._lost: queue.SimpleQueue[None] = queue.SimpleQueue()
        """One for each event that was dropped and not counted yet."""
        self._pending: deque[str] = deque()
        """Taken from the queue; neither with the server nor in the spool."""
        self._working = threading.RLock()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._ids = map((uuid.uuid4().hex[:20] + "-%d").__mod__, itertools.count(1))
        self._sent = self._spooled = self._refused = self._dropped = self._told = 0
        self._trouble = ""
        self._complained: dict[str, float] = {}
        self._paused_until = self._pause = 0.0
        self._woken = self._closed = False

    def emit(
        self,
        event_type: str,
        *,
        pair: str | None = None,
        strategy: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        timestamp: datetime | str | float | None = None,
        id: str | None = None,
    ) -> None:
        """Tell of an event: signal, risk_eval, trade_open, trade_close, settlement or error; never waits or raises.

        `timestamp` is now unless given: a datetime (UTC where it has no zone), ISO text, or seconds since 1970. With
        an `id` of your own the same event, told twice, is one event.
        """
        try:
            if self._closed or self._queue.qsize() + len(self._pending) >= self._memory:
                self._lost.put(None)
                return
            names = (event_type, pair, strategy, _stamp(timestamp), metadata)
            self._queue.put(_written(str(id or next(self._ids)), self._bot_id, names))
        except Exception:  # noqa: BLE001 - whatever it is, it is not the bot's concern.
            self._lost.put(None)
            return
        if self._thread is None:
            self._start()
        if not self._woken and self._queue.qsize() >= self._batch:
            self._woken = True
            self._wake.put(None)

    @property
    def stats(self) -> Stats:
        """What became of the events so far."""
        waiting, dropped = self._queue.qsize() + len(self._pending), self._dropped + self._lost.qsize()
        return Stats(self._sent, waiting, self._spooled, self._refused, dropped, self._trouble)

    def flush(self) -> bool:
        """Send all that there is now; whether the server has it. Takes as long as that takes."""
        self._paused_until = 0.0
        self._work()
        return not (self._queue.qsize() or self._pending or self._spool.filled)

    def close(self, timeout: float = 5.0) -> None:
        """Send what is left, or spool it where that takes longer than `timeout` seconds; nothing is taken after it."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        thread = self._thread
        if thread is None:
            self._work()
        else:
            self._wake.put(None)
            thread.join(timeout)
        if self._queue.qsize() or self._pending:
            # The server, or the disk, takes its time: what is on its way is spooled all the same, the server will know.
            self._gather()
            self._set_aside(list(self._pending))

    async def aflush(self) -> bool:
        """As `flush`; other tasks go on meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(None, self.flush)

    async def aclose(self, timeout: float = 5.0) -> None:
        """As `close`; other tasks go on meanwhile."""
        await asyncio.get_running_loop().run_in_executor(None, self.close, timeout)

    def __enter__(self) -> Emitter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Emitter:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _start(self) -> None:
        if not self._starting.acquire(blocking=False):
            return
        try:
            if self._thread is None:
                _close_with_child(self)
                thread = threading.Thread(target=self._run, name="tradetop.emit", daemon=True)
                thread.start()
                self._thread = thread
        except RuntimeError as error:
            # The interpreter ends, or the machine has no room for a thread: `close` sends.
            self._trouble = str(error)
        finally:
            self._starting.release()

    def _run(self) -> None:
        while not self._closed:
            with suppress(queue.Empty):
                self._wake.get(timeout=self._every)
            self._woken = False
            self._work()
        # What came while the last batch was on its way.
        self._work()

    def _work(self) -> None:
        """Send the spool, then what is in memory; where the server is away, spool it."""
        with self._working:
            try:
                self._gather()
                if time.monotonic() >= self._paused_until:
                    self._send_spool()
                    self._send_pending()
                    self._tell_losses()
                    self._trouble, self._pause = "", 0.0
            except _AwayError as error:
                self._pause = max(min(2 * self._pause, _LONGEST_PAUSE), error.pause, 1.0)
                self._paused_until = time.monotonic() + self._pause
                self._complain("server", f"{error}; events wait until the server takes them")
            except Exception as error:  # noqa: BLE001 - the thread has to live on.
                self._complain("work", _said(error))
            if self._pending and (self._spool.path or self._closed):
                self._set_aside(list(self._pending))

    def _gather(self) -> None:
        """Take what was emitted, and count what could not be."""
        with suppress(queue.Empty):
            while True:
                self._pending.append(self._queue.get_nowait())
        with suppress(queue.Empty):
            while True:
                self._lost.get_nowait()
                self._dropped += 1

    def _send_spool(self) -> None:
        while True:
            kept = self._spool.first()
            if not kept:
                return
            self._send([text for _, text in kept])
            self._spool.remove(kept)
            # What comes meanwhile queues up behind it.
            self._gather()
            if self._pending:
                self._set_aside(list(self._pending))

    def _send_pending(self) -> None:
        while self._pending:
            part: list[str] = []
            size = 0
            for text in itertools.islice(self._pending, _REQUEST):
                size += len(text)
                if part and size > _REQUEST_SIZE:
                    break
                part.append(text)
            self._send(part)
            _drop_first(self._pending, len(part))

    def _tell_losses(self) -> None:
        """What was dropped is an event, too: who watches the bot has to know of the gap."""
        dropped = self._dropped
        if dropped > self._told:
            said = f"{dropped - self._told} events of this bot were dropped before they could be sent"
            metadata = {"error_type": "events_dropped", "message": said, "dropped": dropped - self._told}
            self._send([_written(next(self._ids), self._bot_id, ("error", None, None, _stamp(None), metadata))])
            self._told = dropped
            self._complain("loss", said)

    def _send(self, texts: Sequence[str]) -> None:
        """Send events, in smaller parts where the server does not take them together."""
        try:
            refused, why = self._server.post(texts)
        except _UnfitError as error:
            if len(texts) > 1:
                middle = len(texts) // 2
                self._send(texts[:middle])
                self._send(texts[middle:])
                return
            refused, why = 1, str(error)
        self._sent += len(texts) - refused
        self._refused += refused
        if refused:
            self._complain("refusal", f"the server refused {refused} of {len(texts)} events: {why}")

    def _set_aside(self, texts: list[str]) -> None:
        """Move events from memory to the spool; they stay where that fails, unless this is the end."""
        try:
            dropped = self._spool.add(texts)
        except Exception as error:  # noqa: BLE001 - as above.
            self._complain("spool", "the spool cannot be written: " + _said(error))
            if not self._closed:
                return
            dropped = len(texts)
        self._spooled += len(texts) - min(dropped, len(texts))
        self._dropped += dropped
        if dropped:
            self._complain("loss", f"{dropped} events were dropped: neither the server nor the spool has room for them")
        _drop_first(self._pending, len(texts))

    def _complain(self, about: str, text: str) -> None:
        """Say what goes wrong in `stats`, and in the log: once a minute about each thing, at the end every loss."""
        self._trouble = text
        now = time.monotonic()
        if now - self._complained.get(about, -math.inf) >= _QUIET or (self._closed and about == "loss"):
            self._complained[about] = now
            _log.warning("%s", text)


class _Server:
    """Where events go; a connection for each request, straight there, without proxies and redirects."""

    def __init__(self, scheme: str, host: str, port: int | None, path: str, token: str, token_file: str) -> None:
        self._scheme, self._host, self._port = scheme, host, port
        self._path = path.rstrip("/") + "/events"
        self._token, self._token_file = token, token_file

    def post(self, texts: Iterable[str]) -> tuple[int, str]:
        """Send events as one batch: how many of them the server refused, and why the first one."""
        body = ("[" + ",".join(texts) + "]").encode("utf-8", "replace")
        headers = {"Authorization": "Bearer " + self._bearer(), "Content-Type": "application/json"}
        kind = http.client.HTTPSConnection if self._scheme == "https" else http.client.HTTPConnection
        try:
            with closing(kind(self._host, self._port, timeout=_TIMEOUT)) as link:
                link.request("POST", self._path, body, headers)
                answer = link.getresponse()
                status, pause = answer.status, _seconds(answer.getheader("Retry-After"))
                told = _read(answer.read(_ANSWER_LIMIT))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _AwayError(f"no answer from {self._host}: {_said(error)}") from None
        error_text = _printable(told.get("error") or f"HTTP {status}")
        if status in (400, 413, 415):
            raise _UnfitError(error_text)
        if status not in (200, 207, 422) or not isinstance(told.get("refused"), int):
            raise _AwayError(f"{self._host} answers {status}: {error_text}", pause)
        problems = told.get("problems") or [{}]
        return told["refused"], _printable(" ".join(str(problems[0].get(key, "")) for key in ("field", "message")))

    def _bearer(self) -> str:
        """The token; a file is read each time, for it may have a new one."""
        token = self._token
        if self._token_file:
            try:
                with open(self._token_file, encoding="utf-8") as file:
                    token = file.read(65_536).strip()
            except (OSError, ValueError) as error:
                raise _AwayError(f"the token file cannot be read: {type(error).__name__}") from None
        if not (token.isascii() and token.isprintable()):
            raise _AwayError("the token holds characters that no header may carry")
        return token


class _Spool:
    """Events that wait on disk, oldest first; several processes may share one."""

    def __init__(self, path: str, limit: int) -> None:
        self.path = path
        self.filled = bool(path)
        """Whether there may be something in it."""
        self._limit = limit

    def add(self, texts: Sequence[str]) -> int:
        """Append events; how many were dropped, the oldest ones, since there was no room for all."""
        if not self.path:
            return len(texts)
        with self._open() as link:
            rows = [(text.encode("utf-8", "replace"),) for text in texts]
            link.executemany("INSERT INTO spool (event) VALUES (?)", rows)
            self.filled = True
            over = link.execute("SELECT coalesce(sum(length(event)), 0) FROM spool").fetchone()[0] - self._limit
            old = []
            for n, size in link.execute("SELECT n, length(event) FROM spool ORDER BY n"):
                if over <= 0:
                    break
                old.append((n,))
                over -= size
            link.executemany("DELETE FROM spool WHERE n = ?", old)
        return len(old)

    def first(self) -> list[tuple[int, str]]:
        """The oldest events, as many as go into one request."""
        if not self.filled or not os.path.exists(self.path):
            self.filled = False
            return []
        found: list[tuple[int, str]] = []
        size = 0
        with self._open() as link:
            for n, text in link.execute("SELECT n, event FROM spool ORDER BY n LIMIT ?", (_REQUEST,)):
                size += len(text)
                if found and size > _REQUEST_SIZE:
                    break
                found.append((n, text.decode("utf-8", "replace")))
        self.filled = bool(found)
        return found

    def remove(self, kept: Iterable[tuple[int, str]]) -> None:
        """Forget events that the server has."""
        with self._open() as link:
            link.executemany("DELETE FROM spool WHERE n = ?", [(n,) for n, _ in kept])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file for one step, all of which happens or nothing."""
        try:
            with _disk, closing(self._connect()) as link, link:
                link.execute("BEGIN IMMEDIATE")
                yield link
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # It is no database any more. Who wants to know what was in it finds it beside the new one.
            _log.warning("the spool is damaged: it was moved to %s.damaged", self.path)
            os.replace(self.path, self.path + ".damaged")
            raise

    def _connect(self) -> sqlite3.Connection:
        folder = os.path.dirname(self.path)
        if folder:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        link = sqlite3.connect(self.path, timeout=2.0, isolation_level=None)
        try:
            link.execute("PRAGMA auto_vacuum = full")
            # Numbers are not used again: an event that was sent is removed by its own.
            link.execute("CREATE TABLE IF NOT EXISTS spool (n INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB NOT NULL)")
        except BaseException:
            link.close()
            raise
        return link


def _usual_spool(bot_id: str) -> str:
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "tradetop", "emit", re.sub(r"[^A-Za-z0-9_-]", "_", bot_id)[:60] + ".spool")


def _stamp(moment: object) -> object:
    if moment is None:
        moment = datetime.now(timezone.utc)
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"


def _written(id: str, bot_id: str, names: tuple[Any, ...]) -> str:
    """An event as JSON, whatever the bot has put into it."""
    kind, pair, strategy, timestamp, metadata = names
    event = {
        "id": id,
        "bot_id": bot_id,
        "event_type": kind,
        "pair": pair,
        "strategy": strategy,
        "timestamp": timestamp,
        "metadata": metadata,
    }
    try:
        text = _encode(event)
    except (ValueError, TypeError, RecursionError):
        text = _encode(_plain(event, 0))
    if len(text) > _EVENT_SIZE:
        event["metadata"] = {"cut": _encode(_plain(metadata, 0))[:2_000], "characters": len(text)}
        text = _encode(_plain(event, 0))
    return text


def _other(value: object) -> object:
    """What JSON does not know: Decimals, times, arrays' numbers, and at last everything as a text."""
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "size", 1) == 1:
        return item()
    return value.isoformat() if isinstance(value, datetime) else str(value)[:2_000]


def _plain(value: object, depth: int) -> object:
    """The same with texts for all that JSON cannot say: NaN, infinity, odd keys, circles."""
    if depth > 20:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (str, int)) else _plain(_other(value), depth + 1)


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_other).encode


def _drop_first(texts: deque[str], count: int) -> None:
    for _ in range(min(count, len(texts))):
        texts.popleft()


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _seconds(header: str | None) -> float:
    return min(float(header), _LONGEST_PAUSE) if header and header.isdigit() else 0.0


def _said(error: BaseException) -> str:
    return _printable(f"{type(error).__name__}: {error}")


def _printable(text: object) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(text)[:300])


def _close_with_child(emitter: Emitter) -> None:
    """A process of multiprocessing ends without atexit; it has a list of its own."""
    process = sys.modules.get("multiprocessing.process")
    util = sys.modules.get("multiprocessing.util")
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, emitter.close, exitpriority=100)


def _before_fork() -> None:
    _disk.acquire(timeout=_TIMEOUT)


def _in_parent() -> None:
    with suppress(RuntimeError):
        _disk.release()


def _in_child() -> None:
    _in_parent()
    for emitter in list(_living):
        closed = emitter._closed
        emitter._begin()
        emitter._closed = closed


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
