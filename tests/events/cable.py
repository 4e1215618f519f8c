"""A cable between a client and a server on loopback, that a test can cut, or leave lying without a word."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class Cable:
    """Listens on a port of its own, and passes on what comes there and back."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._done: dict[socket.socket, bool] = {}
        """Ends from which nothing more comes; the second of a pair closes both."""
        self._lock = threading.Lock()
        self._whole = threading.Event()
        self._passing = threading.Event()
        self._whole.set()
        self._passing.set()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._whole.clear()
        self._hang_up()

    def stall(self) -> None:
        """Pass nothing on, and close nothing: the other end is just not heard of any more."""
        self._passing.clear()

    def mend(self) -> None:
        """Work again."""
        self._whole.set()
        self._passing.set()

    def __enter__(self) -> Cable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._passing.set()
        self._hang_up()
        for thread in list(self._threads):
            thread.join(5)

    def _hang_up(self) -> None:
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _start(self, work: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole.is_set():
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._behind))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open += [near, far]
            self._start(self._pass, near, far)
            self._start(self._pass, far, near)

    def _pass(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65_536):
                self._passing.wait()
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)
        with self._lock:
            self._done[here] = True
            if there in self._done:
                for one in (here, there):
                    one.close()
                    self._done.pop(one, None)
                    if one in self._open:
                        self._open.remove(one)
