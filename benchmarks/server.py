"""A real Prometheus on a free loopback port, with a day of invented history."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tradetop.model.labels import Labels, quote

PATIENCE = 60.0
"""Seconds until it must be ready."""


class Prometheus:
    """A running server, asked over one connection; answers are read whole, not parsed."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, path: str, **parameters: str | float) -> bytes:
        """The body of an answer; RuntimeError where it is none."""
        self._connection.request("GET", f"{path}?{urlencode(parameters)}")
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} answered {answer.status}: {body[:200].decode(errors='replace')}")
        return body

    def range(self, expr: str, *, start: int, end: int, step: int) -> bytes:
        """Evaluate at start, start + step, ... up to end (ms)."""
        return self.get("/api/v1/query_range", query=expr, start=start / 1e3, end=end / 1e3, step=step / 1e3)

    def instant(self, expr: str, *, at: int) -> bytes:
        """Evaluate at one time (ms)."""
        return self.get("/api/v1/query", query=expr, time=at / 1e3)

    def is_ready(self) -> bool:
        try:
            self.get("/-/ready")
        except (OSError, RuntimeError, http.client.HTTPException):
            self._connection.close()
            return False
        return True


def missing() -> str:
    """Why no server can run here; empty where it can."""
    lacking = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    return f"no {' and no '.join(lacking)} here: apt-get install prometheus" if lacking else ""


def write_blocks(folder: Path, pages: Iterable[tuple[int, Mapping[Labels, float]]]) -> None:
    """Give a server's folder the scrapes of (time in ms, samples), as promtool makes blocks of OpenMetrics text."""
    families: dict[str, dict[Labels, list[str]]] = {}
    for t, samples in pages:
        for labels, value in samples.items():
            families.setdefault(labels.name, {}).setdefault(labels, []).append(f" {value!r} {t / 1_000:.3f}\n")
    text = folder / "history.om"
    with text.open("w") as file:
        for name, series in families.items():
            file.write(f"# TYPE {name} unknown\n")
            for labels, points in series.items():
                pairs = ",".join(f'{k}="{quote(v)}"' for k, v in labels.items() if k != "__name__")
                file.writelines(f"{name}{{{pairs}}}{point}" for point in points)
        file.write("# EOF\n")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "tsdb"), "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    text.unlink()


@contextmanager
def prometheus(folder: Path) -> Iterator[Prometheus]:
    """A server of this folder's blocks, ready and not yet asked anything."""
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 10s}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *("prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=100y"),
    ]
    with (
        (folder / "prometheus.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        try:
            server, until = Prometheus(port), time.monotonic() + PATIENCE
            while not server.is_ready():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"prometheus does not start: see {log.name}")
                time.sleep(0.05)
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)
