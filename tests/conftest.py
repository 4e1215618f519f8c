"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

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
