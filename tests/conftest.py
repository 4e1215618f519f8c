"""Fixtures that every test may use."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tradetop.model.labels import Labels
from tradetop.model.sample import STALE
from tradetop.store import MemoryStore

DATA = Path(os.environ.get("TRADETOP_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture(scope="session")
def recorded() -> Callable[..., Path]:
    """Finds recorded data: `recorded("247trader", "prometheus_alerts.yml")`; skips the test where there is none."""

    def find(*parts: str) -> Path:
        path = DATA.joinpath(*parts)
        if not path.exists():
            pytest.skip(f"no recorded data at {path}: set TRADETOP_TEST_DATA to its folder")
        return path

    return find


LINE = re.compile(r"\{(.*)\} (\S+) (-?\d+)$")
PAIR = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@pytest.fixture(scope="session")
def recorded_store(recorded: Callable[..., Path]) -> MemoryStore:
    """The dump of the real bot's Prometheus, to be read only; a NaN in it is the staleness marker."""
    store = MemoryStore()
    known: dict[str, Labels] = {}
    with gzip.open(recorded("247trader", "prometheus-50h.promtool-dump.txt.gz"), "rt") as lines:
        for line in lines:
            match = LINE.match(line)
            assert match is not None
            labels = known.get(match[1]) or known.setdefault(match[1], Labels(dict(PAIR.findall(match[1]))))
            value = float(match[2])
            store.append(labels, int(match[3]), STALE if value != value else value)
    return store
