"""Moves: the shortest way of the cursor from one cell to another."""

from __future__ import annotations

from functools import lru_cache

Cell = tuple[int, int]
"""Line and column, both from 0."""

_BACKSPACES = 3
"""So many backspaces at most are shorter than a sequence."""
_DOWN, _UP = "\x0b", "\x1bM"
"""A line down or up in the same column (VT, RI). A line feed would not do: the system's own terminal adds a return."""
_STEPS = 3
"""So many lines down are shorter one by one."""


@lru_cache(maxsize=1_024)
def move(at: Cell | None, to: Cell) -> str:
    """The shortest order that brings the cursor from `at` to `to`; None where nobody knows where it is."""
    y, x = to
    goto = _absolute(y, x)
    if at is None:
        return goto
    if at == to:
        return ""
    return min((_vertical(y - at[0]) + _along(at[1], x), goto), key=len)


def _vertical(down: int) -> str:
    if down < 0:
        return _UP if down == -1 else _sequence(-down, "A")
    return _DOWN * down if down <= _STEPS else _sequence(down, "B")


def _along(at: int, to: int) -> str:
    by = to - at
    if by >= 0:
        straight = _sequence(by, "C") if by else ""
    else:
        straight = "\b" * -by if -by <= _BACKSPACES else _sequence(-by, "D")
    return min(straight, "\r" + (_sequence(to, "C") if to else ""), key=len)


def _absolute(y: int, x: int) -> str:
    row, column = str(y + 1) if y else "", f";{x + 1}" if x else ""
    return f"\x1b[{row}{column}H"


def _sequence(count: int, final: str) -> str:
    return f"\x1b[{count if count > 1 else ''}{final}"
