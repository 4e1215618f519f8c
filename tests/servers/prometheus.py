"""Debian's real Prometheus on a free loopback port, with the samples that a test gives it."""

from __future__ import annotations

import json
import shutil
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode

import pytest

from tradetop.model.labels import Labels

PATIENCE = 30.0
"""Seconds until it must be ready."""
BATCH = 5_000
"""Samples of one request."""

Sample = tuple[int, Labels, float]
"""Time (ms), series, value with its very bits."""


class Prometheus:
    """A running server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def write(self, samples: Iterable[Sample]) -> None:
        """Give it samples, in the order of their times; staleness markers stay what they are."""
        batch: list[Sample] = []
        for sample in samples:
            batch.append(sample)
            if len(batch) == BATCH:
                self._send(batch)
                batch = []
        self._send(batch)

    def range(self, expr: str, start: int, end: int, step: int) -> dict[Labels, list[int]]:
        """The times (ms) at which each series of an expression is there, of start, start + step, ... up to end."""
        query = {"query": expr, "start": start / 1_000, "end": end / 1_000, "step": step / 1_000}
        result = self._get(f"/api/v1/query_range?{urlencode(query)}")["result"]
        return {Labels(row["metric"]): [round(t * 1_000) for t, _ in row["values"]] for row in result}

    def values(self, expr: str, start: int, end: int, step: int) -> dict[Labels, list[tuple[int, float]]]:
        """As `range`, with the values."""
        query = {"query": expr, "start": start / 1_000, "end": end / 1_000, "step": step / 1_000}
        result = self._get(f"/api/v1/query_range?{urlencode(query)}")["result"]
        return {Labels(row["metric"]): [(round(t * 1_000), float(v)) for t, v in row["values"]] for row in result}

    def alerts(self) -> set[tuple[str, frozenset[tuple[str, str]]]]:
        """The alerts that there are now: state, and labels."""
        return {(a["state"], frozenset(a["labels"].items())) for a in self._get("/api/v1/alerts")["alerts"]}

    def written(self, name: str, start: int, end: int) -> dict[Labels, list[int]]:
        """When the samples of each series of a name were written, from start to end (ms)."""
        span = (end - start) // 1_000
        query = {"query": f"{name}[{span}s]", "time": end / 1_000}
        result = self._get(f"/api/v1/query?{urlencode(query)}")["result"]
        return {Labels(row["metric"]): [round(t * 1_000) for t, _ in row["values"]] for row in result}

    def _send(self, batch: Sequence[Sample]) -> None:
        headers = {
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        body = _snappy(_write_request(batch))
        request = urllib.request.Request(f"{self.url}/api/v1/write", body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status in (200, 204)

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
            return json.load(answer)["data"]


@contextmanager
def prometheus(folder: Path, config: str = "global: {scrape_interval: 15s}\n") -> Iterator[Prometheus]:
    """A server that keeps its data in this folder; skips the test where it is not installed.

    It scrapes what `config` says: as it stands there, nothing.
    """
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("no prometheus here: apt-get install prometheus")
    (folder / "prometheus.yml").write_text(config)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        *(binary, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"),
        *(
            f"--web.listen-address={address}",
            "--web.enable-remote-write-receiver",
            "--storage.tsdb.retention.time=100y",
        ),
    ]
    with (
        (folder / "prometheus.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        try:
            wait_for(f"http://{address}/-/ready", process)
            yield Prometheus(f"http://{address}")
        finally:
            process.terminate()
            process.wait(PATIENCE)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """A process of somebody else can only be asked again and again whether it is ready."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("the server does not start: see its log")


# Remote write: a protobuf message in a snappy frame that compresses nothing


def _write_request(samples: Iterable[Sample]) -> bytes:
    series: dict[Labels, list[bytes]] = {}
    for t, labels, value in samples:
        series.setdefault(labels, []).append(_field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(t)))
    return b"".join(_field(1, _labels(labels) + b"".join(found)) for labels, found in series.items())


def _labels(labels: Mapping[str, str]) -> bytes:
    return b"".join(_field(1, _field(1, k.encode()) + _field(2, v.encode())) for k, v in labels.items())


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _snappy(content: bytes) -> bytes:
    pieces = [content[i : i + 65_536] for i in range(0, len(content), 65_536)]
    literals = (bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece for piece in pieces)
    return _varint(len(content)) + b"".join(literals)
