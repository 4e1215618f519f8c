"""A server that hears events, and answers as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, object], dict[str, str]]
PATIENCE = 10.0


def taken(_events: list[dict[str, Any]]) -> Answer:
    return 200, {"stored": len(_events), "duplicates": [], "refused": 0}, {}


class Hearing:
    """`with Hearing() as heard`: `heard.events` by id, in order; `stop` and `start` take it away and bring it back."""

    def __init__(self) -> None:
        self.answer: Callable[[list[dict[str, Any]]], Answer] = taken
        self.batches: list[list[dict[str, Any]]] = []
        self.tokens: list[str] = []
        self.port = 0
        self.changed = threading.Condition()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        return {event["id"]: event for batch in self.batches for event in batch}

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE)

    def start(self) -> None:
        hearing = self

        class Request(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, told, headers = hearing.answer(events)
                with hearing.changed:
                    hearing.tokens.append(self.headers["Authorization"])
                    if status in (200, 207):
                        hearing.batches.append(events)
                    hearing.changed.notify_all()
                body = json.dumps(told).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Request)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Hearing:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
