"""A real PostgreSQL server on a free loopback port, with a password and data of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "s3cret/@:word"
"""With what must be escaped in a URL."""
USER = "trader"
PATIENCE = 30.0


def programs() -> tuple[str, str]:
    """`initdb` and `postgres`; skips the test where they are not installed."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, found)])
    initdb, postgres = shutil.which("initdb", path=path), shutil.which("postgres", path=path)
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    return initdb, postgres


class PostgresServer:
    """A running server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.kwargs = {"host": "127.0.0.1", "port": port, "user": USER, "password": PASSWORD, "dbname": "postgres"}


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server; skips the test where there can be none."""
    pytest.importorskip("psycopg", reason="no psycopg here: pip install 'tradetop[postgres]'")
    initdb, postgres = programs()
    with tempfile.TemporaryDirectory(prefix="tradetop-pg-") as made, socket.socket() as free:
        folder = Path(made)
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        free.close()
        owner = _owner(folder)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if owner is not None:
            shutil.chown(secret, owner)
        start = [initdb, "-D", str(folder / "data"), "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-N"]
        start += ["-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(start, check=True, capture_output=True, user=owner, cwd=folder, timeout=120)
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
        command = [postgres, "-D", str(folder / "data"), *(f"--{name}={value}" for name, value in settings.items())]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, user=owner, cwd=folder)
            try:
                _wait_for(port, process)
                yield PostgresServer(port)
            finally:
                # Fast: whoever is still connected is thrown out.
                process.send_signal(2)
                process.wait(PATIENCE)


def _owner(folder: Path) -> str | None:
    """A user that is not root, whom the folder then belongs to: the server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        shutil.chown(folder, name)
        return name
    pytest.skip("PostgreSQL does not run as root, and there is no other user here")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """A process of somebody else can only be asked again and again whether it is ready."""
    import psycopg

    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=USER, password=PASSWORD, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("postgres does not start")
