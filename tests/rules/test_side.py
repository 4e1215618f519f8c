"""On which side of its limit a rule gives alerts."""

from __future__ import annotations

import pytest

from tradetop.model.panel import Side
from tradetop.rules.side import limit_side


@pytest.mark.parametrize(
    ("expr", "side"),
    [
        ("x > 8", Side.ABOVE),
        ("x >= 8", Side.ABOVE),
        ("x < -400", Side.BELOW),
        ("8 < x", Side.ABOVE),
        ("8 > x", Side.BELOW),
        ("(x > 8)", Side.ABOVE),
        ("(a) > 90 or (b) > 90", Side.ABOVE),
        ("a > 90 or b < 10", None),
        ("x > 8 and on() y < 3", Side.ABOVE),
        ("x < 8 unless y > 3", Side.BELOW),
        ('rate(errors_total{path="a < b"}[5m]) * 60 > 5', Side.ABOVE),
        ("time() - x > 120", Side.ABOVE),
        ("x < y", Side.BELOW),
        ("-(x > 8)", Side.BELOW),
        ("up == 0", None),
        ("absent(x)", None),
        ("0 < x < 5", None),
        ("count(x < 3)", None),
        ("x > bool 8", None),
        ("x >", None),
        ("vector(1)", None),
    ],
)
def test_side(expr: str, side: Side | None) -> None:
    assert limit_side(expr) is side
