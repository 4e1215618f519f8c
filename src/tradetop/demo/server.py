"""The sample bot's one HTTP server: /metrics and the health endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tradetop.demo.health import Answer

Routes = Mapping[str, Callable[[], Answer]]


class _Quiet(ThreadingHTTPServer):
    """A server that does not complain of clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nobody reads what would be written."""


class Server:
    """Answers GET for the given paths on loopback, in its own thread."""

    def __init__(self, port: int, routes: Routes) -> None:
        """Port 0 takes a free one; OSError where the port is taken."""

        class Request(BaseHTTPRequestHandler):
            """One request."""

            timeout = 10

            def do_GET(self) -> None:
                route = routes.get(self.path.partition("?")[0])
                answer = route() if route else Answer(404, b"not found\n", "text/plain; charset=utf-8")
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: the screen beside us may share the terminal."""

        self._server = _Quiet(("127.0.0.1", port), Request)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="http", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
