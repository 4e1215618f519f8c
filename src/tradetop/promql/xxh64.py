"""XXH64, by which Prometheus tells which series a ratio keeps.

Source of the algorithm: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
"""

from __future__ import annotations

import struct
from itertools import chain

_MASK = (1 << 64) - 1
_P1, _P2, _P3, _P4, _P5 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def xxh64(data: bytes) -> int:
    """The 64 bit hash of some bytes, with seed 0."""
    size = len(data)
    whole = size - size % 32
    if size >= 32:
        lanes = [(_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK]
        for stripe in struct.iter_unpack("<4Q", data[:whole]):
            lanes = [_round(lane, word) for lane, word in zip(lanes, stripe, strict=True)]
        mixed = sum(_rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
        for lane in lanes:
            mixed = ((mixed ^ _round(0, lane)) * _P1 + _P4) & _MASK
    else:
        mixed = _P5
    return _avalanche(_tail((mixed + size) & _MASK, data[whole:]))


def label_hash(pairs: dict[str, str]) -> int:
    """The hash of labels in the order of their names, each text with its length before it, as Prometheus keeps them."""
    parts = [text.encode("utf-8", "surrogatepass") for text in chain.from_iterable(sorted(pairs.items()))]
    return xxh64(b"".join(_length(len(part)) + part for part in parts))


def _length(size: int) -> bytes:
    return bytes((size,)) if size < 255 else b"\xff" + size.to_bytes(3, "little")


def _tail(mixed: int, data: bytes) -> int:
    while len(data) >= 8:
        mixed = (_rotate(mixed ^ _round(0, int.from_bytes(data[:8], "little")), 27) * _P1 + _P4) & _MASK
        data = data[8:]
    if len(data) >= 4:
        mixed ^= int.from_bytes(data[:4], "little") * _P1 & _MASK
        mixed = (_rotate(mixed, 23) * _P2 + _P3) & _MASK
        data = data[4:]
    for byte in data:
        mixed = _rotate(mixed ^ (byte * _P5 & _MASK), 11) * _P1 & _MASK
    return mixed


def _round(lane: int, word: int) -> int:
    return _rotate((lane + word * _P2) & _MASK, 31) * _P1 & _MASK


def _rotate(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & _MASK


def _avalanche(value: int) -> int:
    value = (value ^ value >> 33) * _P2 & _MASK
    value = (value ^ value >> 29) * _P3 & _MASK
    return value ^ value >> 32
