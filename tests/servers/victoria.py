"""Debian's real VictoriaMetrics on a free loopback port, scraping what a test's configuration says."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from servers.prometheus import PATIENCE, wait_for


@contextmanager
def victoria_metrics(folder: Path, config: str) -> Iterator[str]:
    """The URL of a server that keeps its data in this folder; skips the test where it is not installed."""
    binary = shutil.which("victoria-metrics")
    if binary is None:
        pytest.skip("no victoria-metrics here: apt-get install victoria-metrics")
    (folder / "scrape.yml").write_text(config)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        *(binary, f"-storageDataPath={folder / 'data'}", f"-httpListenAddr={address}"),
        *(f"-promscrape.config={folder / 'scrape.yml'}", "-memory.allowedBytes=64MB"),
    ]
    with (
        (folder / "victoria.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        try:
            wait_for(f"http://{address}/health", process)
            yield f"http://{address}"
        finally:
            process.terminate()
            process.wait(PATIENCE)
