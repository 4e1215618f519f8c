"""How much history is kept."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.clock import DAY

RETENTION = 30 * DAY
"""How long a file keeps history by default (ms)."""
SIZE = 2**30
"""Bytes of a file at most, by default: a month of 5,000 series every 10 s; the sample bot's 153 need 25 MiB."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How much history is kept: so long (ms), and in so many bytes."""

    retention: int = RETENTION
    size: int = SIZE


KEEPING = Keeping()
"""What is kept where nobody said anything else."""
