"""What follows a selector or another expression: a window, an offset, a time, how far it reaches."""

from __future__ import annotations

from dataclasses import replace

from tradetop.promql.cursor import Cursor
from tradetop.promql.durations import Length, shift, span
from tradetop.promql.fault import FaultError
from tradetop.promql.nodes import At, Edge, Kind, Node, Range, Reach, Selector, Subquery
from tradetop.promql.signatures import said

SUFFIXES = frozenset(["[", "offset", "@", "anchored", "smoothed"])
LATEST = 2**62
"""The time furthest from 1970 that may be asked about (ms): no sum of it and a duration leaves 64 bits."""


def suffixed(cursor: Cursor, node: Node, start: int, *, bare: bool) -> Node:
    """Pass one suffix: the node with it. `bare` says that the node does not stand in brackets."""
    at, kind = cursor.at, cursor.kind
    cursor.advance()
    if kind == "[":
        return _window(cursor, node, (start, at), bare=bare)
    if not bare or not isinstance(node, Selector | Range | Subquery):
        raise FaultError(f"{kind} must directly follow a selector, a range or a subquery", at)
    match kind:
        case "offset":
            node = _moved(cursor, node, at)
        case "@":
            node = _fixed(cursor, node, at)
        case _:
            node = _reaching(node, Reach(kind), at)
    return replace(node, place=(start, cursor.closed))


def _window(cursor: Cursor, node: Node, places: tuple[int, int], *, bare: bool) -> Node:
    start, at = places
    length = span(cursor)
    if cursor.take(":"):
        if (kind := node.kind) is not Kind.VECTOR:
            raise FaultError(f"a subquery looks at an instant vector, not at {said(kind)}", start)
        step = None if cursor.kind == "]" else span(cursor)
        _close(cursor, '"]"')
        plain, worked_out = _split(length)
        every = step if isinstance(step, int) or step is None else None
        place = (start, cursor.closed)
        return Subquery(node, plain, every, length=worked_out, every=_node(step), place=place)
    _close(cursor, '":" or "]"')
    if not bare or not isinstance(node, Selector):
        raise FaultError("only a selector has a range such as [5m]; a subquery is written [5m:]", at)
    if node.offset or node.shift is not None or node.at is not None:
        raise FaultError("a range comes before offset and @", at)
    plain, worked_out = _split(length)
    return Range(node, plain, worked_out, place=(start, cursor.closed))


def _close(cursor: Cursor, expected: str) -> None:
    if cursor.kind != "]":
        raise cursor.unexpected(expected)
    cursor.advance()


def _node(length: Length | None) -> Node | None:
    return None if isinstance(length, int) else length


def _split(length: Length) -> tuple[int, Node | None]:
    """Milliseconds, or none of them and the expression."""
    return (length, None) if isinstance(length, int) else (0, length)


def _moved(cursor: Cursor, node: Selector | Range | Subquery, at: int) -> Node:
    known = node.selector if isinstance(node, Range) else node
    if known.offset or known.shift is not None:
        raise FaultError("offset is given twice", at)
    plain, worked_out = _split(shift(cursor))
    return _with(node, replace(known, offset=plain, shift=worked_out))


def _fixed(cursor: Cursor, node: Selector | Range | Subquery, at: int) -> Node:
    known = node.selector if isinstance(node, Range) else node
    if known.at is not None:
        raise FaultError("@ is given twice", at)
    return _with(node, replace(known, at=_moment(cursor)))


def _moment(cursor: Cursor) -> At:
    """Pass the time after `@`: a number of seconds, start() or end()."""
    if cursor.kind in ("start", "end"):
        edge = Edge.START if cursor.kind == "start" else Edge.END
        cursor.advance()
        cursor.expect("(")
        cursor.expect(")")
        return edge
    at = cursor.at
    seconds = cursor.signed_number("a time in seconds, start() or end()")
    if not abs(seconds) * 1_000 < LATEST:
        raise FaultError("there is no such time", at)
    return round(seconds * 1_000)


def _reaching(node: Selector | Range | Subquery, reach: Reach, at: int) -> Node:
    if isinstance(node, Subquery):
        raise FaultError(f"a subquery cannot be {reach.value}", at)
    known = node.selector if isinstance(node, Range) else node
    if known.reach not in (Reach.WINDOW, reach):
        raise FaultError("a selector is either anchored or smoothed", at)
    return _with(node, replace(known, reach=reach))


def _with(node: Selector | Range | Subquery, known: Selector | Subquery) -> Node:
    """The node with its inner selector exchanged, or the one that was changed itself."""
    if isinstance(node, Range):
        assert isinstance(known, Selector)
        return replace(node, selector=known)
    return known
