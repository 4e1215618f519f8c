"""A server of Prometheus' API over a store of the test's own, on a free loopback port; it fails as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tradetop.cli.values import as_json
from tradetop.model.labels import Labels
from tradetop.promql import Engine, PromQLError
from tradetop.store import MemoryStore

JOB, INSTANCE = "bot", "127.0.0.1:8000"


def series(name: str, job: str = JOB, instance: str = INSTANCE, **labels: str) -> Labels:
    return Labels({"__name__": name, "job": job, "instance": instance, **labels})


class Served:
    """`with Served() as server: server.address`; `scrape` gives it samples, `failing` is what it answers instead."""

    def __init__(self, now: int) -> None:
        self.store = MemoryStore()
        self.now = now
        """The server's own present (ms)."""
        self.rules: Any = {"groups": []}
        self.metadata: list[dict[str, Any]] = []
        self.failing: Callable[[str], tuple[int, bytes] | None] = lambda _: None
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        """Path with query, and headers, of every request."""
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        return f"prometheus+{self.url}"

    def scrape(self, t: int, found: Mapping[str, float], *, up: float = 1, job: str = JOB, at: str = INSTANCE) -> None:
        """What a target's page had at `t` (ms): by metric name."""
        own = {"up": up, "scrape_duration_seconds": 0.01, "scrape_samples_scraped": float(len(found))}
        self.store.append_scrape(f"{job} {at}", t, {series(n, job, at): v for n, v in {**found, **own}.items()})
        self.now = max(self.now, t)

    def __enter__(self) -> Served:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, bytes]:
        failed = self.failing(path)
        if failed is not None:
            return failed
        parts = urlsplit(path)
        words = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.removeprefix("/prefix"):
            case "/api/v1/query":
                return self._query(words)
            case "/api/v1/rules":
                return _said(self.rules)
            case "/api/v1/targets/metadata":
                return _said(self.metadata)
            case "/api/v1/metadata":
                return _said({})
            case "/api/v1/targets":
                labels = {"job": JOB, "instance": INSTANCE}
                return _said({"activeTargets": [{"labels": labels, "lastError": "dial tcp: connection refused"}]})
            case "/api/v1/label/__name__/values":
                return self._names(words["match[]"])
        return 404, b"404 page not found\n"

    def _query(self, words: Mapping[str, str]) -> tuple[int, bytes]:
        at = round(float(words["time"]) * 1_000) if "time" in words else self.now
        try:
            value = Engine(self.store, born_counters=False).instant(words["query"], at=at)
        except PromQLError as error:
            said = {"status": "error", "errorType": "bad_data", "error": f"invalid parameter: {error}"}
            return 400, json.dumps(said).encode()
        return 200, as_json(value).encode()

    def _names(self, selector: str) -> tuple[int, bytes]:
        value = Engine(self.store).instant(f"count by (__name__) ({selector})", at=self.now)
        return _said([sample.labels.name for sample in getattr(value, "samples", ())])


def _said(data: Any) -> tuple[int, bytes]:
    return 200, json.dumps({"status": "success", "data": data}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, served: Served) -> None:
        self.served = served
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        served = self.server.served
        served.asked.append((self.path, dict(self.headers)))
        status, body = served.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass
