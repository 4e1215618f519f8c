"""Cloudflare's real D1 engine on loopback: npm's miniflare, which answers its REST API, too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from platformdirs import user_cache_path

MINIFLARE = "miniflare@4.20260426.0"
SCRIPT = Path(__file__).with_name("d1.mjs")
PATIENCE = 180.0
"""Seconds that npm may take, once for all runs."""


def folder() -> Path:
    """Where miniflare is installed, outside of any checkout; skips the test where it cannot be had."""
    if shutil.which("node") is None:
        pytest.skip("no node here: D1's engine runs in it")
    place = Path(os.environ.get("TRADETOP_MINIFLARE") or user_cache_path("tradetop-tests") / MINIFLARE)
    if (place / "node_modules" / "miniflare").is_dir():
        return place
    if shutil.which("npm") is None:
        pytest.skip("no npm here, which would install miniflare: name its folder in TRADETOP_MINIFLARE")
    place.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(place), MINIFLARE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=place)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install miniflare within {PATIENCE:.0f} s")
    if done.returncode:
        pytest.skip(f"npm cannot install miniflare: {done.stderr.strip()[-200:]}")
    return place


class D1Server:
    """A running engine."""

    def __init__(self, port: int, database: str) -> None:
        self.port = port
        self.path = f"/cdn-cgi/explorer/api/d1/database/{database}"

    def run(self, sql: str, values: Sequence[object] = ()) -> list[list[Any]]:
        """Run one statement; its rows."""
        # The API takes texts alone, so that a NULL must stand in the statement.
        for value in values:
            sql = sql.replace("?", "NULL" if value is None else "\0", 1)
        said = {"sql": sql.replace("\0", "?"), "params": [str(value) for value in values if value is not None]}
        body = json.dumps(said).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{self.path}/raw", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                rows: list[list[Any]] = json.load(answer)["result"][0]["results"]["rows"]
                return rows
        except HTTPError as error:
            raise AssertionError(f"{sql[:200]}: {error.read().decode()}") from None


@contextmanager
def d1_server(database: str = "events") -> Iterator[D1Server]:
    """An engine with one empty database; skips the test where there can be none."""
    command = ["node", str(SCRIPT), str(folder()), database]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            said = process.stdout.readline()
            assert said.strip().isdecimal(), "miniflare does not start"
            yield D1Server(int(said), database)
        finally:
            process.stdin.close()
            process.wait(30)
