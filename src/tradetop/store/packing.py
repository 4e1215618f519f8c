"""Blocks: scrapes of the same series packed column by column, for columns repeat themselves as rows do not."""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise

from tradetop.store.schema import little

ROWS = 120
"""Scrapes of a block: twenty minutes of them. Half as many take a tenth more disk, twice as many a twelfth less."""
CELLS = 65_536
"""Values of a block at most, so that packing one never holds anybody up: 10 ms of work, half a MiB."""
MOST = 4_096
"""Times that are packed together at most."""
PART = 32
"""Columns that are packed together: who wants one of them unpacks no more than these."""
_LEVEL = 6


def rows_of(width: int) -> int:
    """How many scrapes of so many series make a block."""
    return max(1, min(ROWS, CELLS // max(1, width)))


def pack_times(times: Sequence[int]) -> bytes:
    """Times (ms) as bytes: the first, and how much later each of the others is than the one before."""
    gaps = array("q", times[:1])
    gaps.extend(b - a for a, b in pairwise(times))
    return zlib.compress(little(gaps).tobytes(), _LEVEL)


def unpack_times(raw: bytes) -> array[int]:
    """What `pack_times` packed; ValueError or zlib.error where it is damaged."""
    inflate = zlib.decompressobj()
    gaps = array("q")
    gaps.frombytes(inflate.decompress(raw, 8 * MOST))
    if not inflate.eof:
        raise ValueError(f"more than {MOST:,} times, or not all of them")
    try:
        return array("q", accumulate(little(gaps)))
    except OverflowError as error:
        raise ValueError("a time that is none") from error


def pack_columns(columns: Sequence[array[float]]) -> bytes:
    """Columns of the same length as bytes, every bit kept: the staleness marker is a NaN like no other."""
    parts = [
        zlib.compress(b"".join(little(column[:]).tobytes() for column in columns[i : i + PART]), _LEVEL)
        for i in range(0, len(columns), PART)
    ]
    return struct.pack(f"<{len(parts)}I", *map(len, parts)) + b"".join(parts)


def unpack_columns(raw: bytes, rows: int, width: int, wanted: Collection[int] | None = None) -> list[array[float]]:
    """All `width` columns of `rows` values, or those at the wanted places in the places' order.

    ValueError or zlib.error where the bytes are damaged.
    """
    places = range(width) if wanted is None else sorted(wanted)
    found: list[array[float]] = []
    part, values = -1, array("d")
    offsets = list(_offsets(raw, -(-width // PART)))
    for place in places:
        if place // PART != part:
            part = place // PART
            values = _values(raw[offsets[part] : offsets[part + 1]], rows * min(PART, width - part * PART))
        start = place % PART * rows
        found.append(values[start : start + rows])
    return found


def _offsets(raw: bytes, parts: int) -> Iterator[int]:
    """Where each part begins, and where the last ends."""
    try:
        lengths = struct.unpack_from(f"<{parts}I", raw)
    except struct.error as error:
        raise ValueError("a block is cut") from error
    at = 4 * parts
    yield at
    for length in lengths:
        at += length
        yield at
    if at != len(raw):
        raise ValueError("a block has another length than it says")


def _values(raw: bytes, count: int) -> array[float]:
    # Damage must not make it unpack more than a block can hold.
    if count > max(CELLS, MOST) * PART:
        raise ValueError("more values than a block can hold")
    inflate = zlib.decompressobj()
    plain = inflate.decompress(raw, 8 * count + 1)
    if len(plain) != 8 * count or not inflate.eof:
        raise ValueError("a block holds another number of values than it says")
    values = array("d")
    values.frombytes(plain)
    return little(values)
