"""Imported samples: series with times of their own, beside what was recorded."""

from __future__ import annotations

import sqlite3
import zlib
from array import array
from collections.abc import Mapping, Sequence

from tradetop.store import packing, schema

CHUNK = 2_048
"""Samples that are packed together."""
_OVERLAPPING = "select id, t, n, v from imported where series = ? and until >= ? and start <= ?"
_INSERT = "insert into imported(series, start, until, n, t, v) values (?, ?, ?, ?, ?, ?)"


def merge(connection: sqlite3.Connection, series: int, samples: Mapping[int, float]) -> int:
    """Put samples (by their times in ms) among those of a series that were imported before; how many are new.

    Where there is a sample already it stays: to import the same twice changes nothing.
    """
    if not samples:
        return 0
    found = connection.execute(_OVERLAPPING, (series, min(samples), max(samples))).fetchall()
    there: dict[int, float] = {}
    for _, times, n, values in found:
        there.update(unpacked(times, n, values))
    new = len(samples.keys() - there.keys())
    if new:
        connection.executemany("delete from imported where id = ?", [(row[0],) for row in found])
        _insert(connection, series, {**samples, **there})
    return new


def unpacked(times: bytes, n: int, values: bytes) -> list[tuple[int, float]]:
    """The samples of a chunk, in the order of their times; DamagedError where they cannot be read."""
    try:
        return list(zip(packing.unpack_times(times), packing.unpack_columns(values, n, 1)[0], strict=True))
    except (zlib.error, ValueError, TypeError) as error:
        raise schema.DamagedError("samples that were imported cannot be read") from error


def _insert(connection: sqlite3.Connection, series: int, samples: Mapping[int, float]) -> None:
    order: Sequence[int] = sorted(samples)
    for i in range(0, len(order), CHUNK):
        times = array("q", order[i : i + CHUNK])
        values = array("d", [samples[t] for t in times])
        body = packing.pack_times(times), packing.pack_columns([values])
        connection.execute(_INSERT, (series, times[0], times[-1], len(times), *body))
