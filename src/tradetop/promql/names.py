"""Names of results: which labels go where an operation makes a value another, and what becomes of series alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tradetop.model.labels import NAME, Labels
from tradetop.promql.error import PromQLError
from tradetop.promql.run import Cell, Curve

REMEMBERED = 65_536
"""Label sets of which what an operation makes of them is remembered: with fewer than a store has, none would be."""

SCHEMA = (NAME, "__type__", "__unit__")
"""Labels that say what a value is: they go where an operation makes it another."""


@lru_cache(maxsize=REMEMBERED)
def without(labels: Labels, names: tuple[str, ...]) -> Labels:
    """The label set less some labels; remembered, because every evaluation asks the same of the same series."""
    return labels.without(*names)


@lru_cache(maxsize=REMEMBERED)
def keeping(labels: Labels, names: tuple[str, ...]) -> Labels:
    """Only some labels; remembered as above."""
    return labels.keeping(*names)


def nameless(labels: Labels) -> Labels:
    """The label set less its name, type and unit."""
    return without(labels, SCHEMA)


def named(curves: Sequence[Curve]) -> list[Curve]:
    """Drop the names that are to go at the end of a query; PromQLError as `merged`."""
    return merged([Curve(nameless(c.labels), c.values, False) if c.unnamed else c for c in curves])


def merged(curves: Sequence[Curve]) -> list[Curve]:
    """Make curves with the same labels one; PromQLError where two of them have a value at the same step."""
    if len(curves) == 1 and curves[0].values[0] is not None:
        return [curves[0]]
    out: dict[Labels, Curve] = {}
    for curve in curves:
        earlier = out.setdefault(curve.labels, curve)
        if earlier is not curve:
            values = [_one(x, y) for x, y in zip(earlier.values, curve.values, strict=True)]
            out[curve.labels] = Curve(curve.labels, values, earlier.unnamed and curve.unnamed)
    return [c for c in out.values() if c.values.count(None) < len(c.values)]


def _one(x: Cell, y: Cell) -> Cell:
    if x is not None and y is not None:
        raise PromQLError("vector cannot contain metrics with the same labelset")
    return y if x is None else x
