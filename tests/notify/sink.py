"""A receiver that takes messages, or misbehaves as it is told, on a free loopback port."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Sink:
    """Answers each POST as `answers` says, one after the other, the last one for ever.

    An answer is a status, a status with headers or a body, "hang" (until the end), or "die" (the message is read, and
    the connection closed without a word). `took` holds the bodies of what was answered with 2xx or died with,
    `asked` those of all.
    """

    def __init__(self, *answers: int | str | tuple[int, dict[str, str]] | tuple[int, bytes]) -> None:
        self.answers = list(answers) or [200]
        self.took: list[Any] = []
        self.asked: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self._ended = threading.Event()
        self._lock = threading.Condition()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sink._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def until(self, count: int) -> None:
        """Wait until so many messages were asked to be taken."""
        with self._lock:
            assert self._lock.wait_for(lambda: len(self.asked) >= count, 10), self.asked

    def __enter__(self) -> Sink:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        text = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        message = json.loads(text)
        with self._lock:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            status, more = answer if isinstance(answer, tuple) else (answer, {})
            self.paths.append(handler.path)
            self.headers.append({k.lower(): v for k, v in handler.headers.items()})
            self.asked.append(message)
            if status == "die" or (isinstance(status, int) and status < 300):
                self.took.append(message)
            self._lock.notify_all()
        if status == "hang":
            self._ended.wait(60)
        if isinstance(status, str):
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        body = more if isinstance(more, bytes) else b""
        handler.send_response(status)
        for name, value in more.items() if isinstance(more, dict) else ():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
