"""Samples, and the marker that says a series has gone."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tradetop.model.labels import Labels

STALE_BITS = 0x7FF0000000000002
"""The bit pattern of Prometheus' staleness marker (model/value/value.go, StaleNaN)."""

STALE: float = struct.unpack(">d", struct.pack(">Q", STALE_BITS))[0]


def is_stale(value: float) -> bool:
    """Whether a value is the staleness marker, and not just any NaN."""
    return value != value and bool(struct.pack(">d", value) == struct.pack(">Q", STALE_BITS))


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series; `t` in milliseconds since the epoch."""

    labels: Labels
    t: int
    value: float
