"""A clock that a test moves by hand."""

from __future__ import annotations

NOW = 1_767_323_045_000
"""2026-01-02 03:04:05 UTC."""


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, now: int = NOW) -> None:
        self.t = now

    def now(self) -> int:
        return self.t

    def monotonic(self) -> int:
        return self.t - NOW

    def forward(self, milliseconds: int) -> None:
        self.t += milliseconds
