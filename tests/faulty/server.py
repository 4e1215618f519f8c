"""A small HTTP server that misbehaves on purpose, on a free loopback port."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from faulty.answers import ANSWERS

CERTIFICATES = Path(__file__).parent / "certificates"
Behaviour = Callable[[socket.socket, threading.Event], None]


class FaultyServer:
    """Serves one behaviour, by its name or as a function; `with FaultyServer("hang") as server: server.url`.

    `requests` holds what was asked, `most_open` the most connections at one time; `behaviour` may be changed meanwhile.
    """

    def __init__(self, behaviour: str | bytes | Behaviour, certificate: str = "") -> None:
        self.behaviour = behaviour
        self.requests: list[str] = []
        self.open = 0
        self.most_open = 0
        self._context = _context(certificate) if certificate else None
        self._stop = threading.Event()
        self._lock = threading.Condition()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def instance(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}/metrics"

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.split(" ")[1] for request in self.requests]

    def settle(self) -> None:
        """Wait until every connection has been dealt with."""
        with self._lock:
            assert self._lock.wait_for(lambda: self.open == 0, 5)

    def __enter__(self) -> FaultyServer:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                # Of those that the client has closed our own threads may not know yet.
                others = sum(not _has_left(other) for other in self._connections)
                self.most_open = max(self.most_open, others + 1)
                self._connections.append(connection)
                self.open += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):
                if self._context:
                    connection = self._context.wrap_socket(connection, server_side=True)
                request = _read_request(connection)
                if request:
                    self.requests.append(request)
                    self._answer(connection)
        finally:
            connection.close()
            with self._lock:
                self.open -= 1
                self._lock.notify_all()

    def _answer(self, connection: socket.socket) -> None:
        behaviour = self.behaviour
        if isinstance(behaviour, str):
            behaviour = ANSWERS[behaviour]
        if callable(behaviour):
            behaviour(connection, self._stop)
        else:
            connection.sendall(behaviour)


def _has_left(connection: socket.socket) -> bool:
    """Whether the other end has closed a connection, or we have."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def free_port() -> int:
    """A loopback port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "server.key")
    return context


def _read_request(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return ""
        received += chunk
        if received.startswith(b"\x16"):
            break  # A TLS handshake on a plain port: real servers answer it as a bad request.
    return received.decode("latin-1")
