"""A real HTTP bot to watch: a page and health answers that a test may change at any moment."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TEXT = "text/plain; version=0.0.4; charset=utf-8"


class WatchedBot:
    """Serves `page` at /metrics and `health` elsewhere: path -> (status, JSON); everything else is a 404.

    `with WatchedBot("bot_up 1") as bot: bot.url`; `stop` and `start` take it off its port and bring it back.
    """

    def __init__(self, page: str = "", health: Mapping[str, tuple[int, object]] | None = None) -> None:
        self.page = page
        self.health: dict[str, tuple[int, object]] = dict(health or {})
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        """Path and headers of every request, in order."""
        self.port = 0
        self._heard = threading.Condition()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def instance(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"http://{self.instance}"

    @property
    def url(self) -> str:
        return f"{self.base}/metrics"

    def asked(self, path: str = "/metrics") -> int:
        """How often a path was asked for."""
        return sum(asked == path for asked, _ in self.requests)

    def wait_for(self, count: int, path: str = "/metrics", seconds: float = 20.0) -> None:
        """Wait until a path has been asked for so often in all."""
        with self._heard:
            assert self._heard.wait_for(lambda: self.asked(path) >= count, seconds), f"{path} was not asked for"

    def hear(self, path: str, headers: Mapping[str, str]) -> None:
        """Take note of a request."""
        with self._heard:
            self.requests.append((path, headers))
            self._heard.notify_all()

    def start(self) -> None:
        """Listen: on a free port the first time, on the same one again later."""
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave the port: connections are refused from here on."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(5)
            self._server.server_close()
            self._server = None

    def __enter__(self) -> WatchedBot:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, path: str) -> tuple[int, str, str]:
        """Status, content type and body of one answer."""
        if path == "/metrics":
            return 200, TEXT, self.page
        if path in self.health:
            status, body = self.health[path]
            return status, "application/json", json.dumps(body)
        return 404, "text/plain", "no such page\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, bot: WatchedBot) -> None:
        self.bot = bot
        super().__init__(("127.0.0.1", bot.port), _Answers)


class _Answers(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        bot = self.server.bot
        bot.hear(self.path, dict(self.headers))
        status, kind, text = bot.answer(self.path)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
