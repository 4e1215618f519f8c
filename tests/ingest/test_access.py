from __future__ import annotations

import pytest

from tradetop.ingest.access import Pace, Token
from tradetop.model.target import Secret


@pytest.mark.parametrize(
    ("header", "opens"),
    [
        ("Bearer sesame-0123456789", True),
        ("bearer  sesame-0123456789 ", True),
        ("Bearer sesame-012345678", False),
        ("Bearer sesame-0123456789x", False),
        ("Basic sesame-0123456789", False),
        ("sesame-0123456789", False),
        ("Bearer", False),
        ("", False),
        ("Bearer \ud800", False),
    ],
)
def test_only_the_token_opens(header: str, opens: bool) -> None:
    assert Token(Secret("sesame-0123456789")).opens(header) is opens


def test_the_token_is_in_no_repr() -> None:
    assert "sesame" not in repr(vars(Token(Secret("sesame-0123456789"))))


def test_a_client_may_burst_for_two_seconds_and_then_go_at_the_pace() -> None:
    pace = Pace(10)
    assert [pace.wait("a", 0) for _ in range(20)] == [0.0] * 20
    assert pace.wait("a", 0) == pytest.approx(0.1)
    assert pace.wait("b", 0) == 0, "others have a pace of their own"
    assert pace.wait("a", 100) == 0
    assert pace.wait("a", 100) > 0


def test_no_rate_is_no_limit_and_clients_are_forgotten() -> None:
    assert not any(Pace(0).wait("a", 0) for _ in range(1_000))
    pace = Pace(1)
    for i in range(5_000):
        pace.wait(str(i), 0)
    assert pace.wait("0", 0) == 0
