"""Operators between scalars and vectors."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne, sub

from tradetop.model.labels import NAME, Labels
from tradetop.promql.error import PromQLError
from tradetop.promql.names import REMEMBERED, keeping, without
from tradetop.promql.nodes import Binary, Kind, Matching, Side
from tradetop.promql.numbers import divide
from tradetop.promql.run import Cell, Curve, Result, Run, as_scalar, as_vector


def _power(x: float, y: float) -> float:
    """Go's math.Pow, which never fails."""
    try:
        return math.pow(x, y)
    except OverflowError:
        odd = y == math.floor(y) and y % 2 == 1
        return -math.inf if x < 0 and odd else math.inf
    except ValueError:
        if x == 0 and y < 0:
            odd = math.isfinite(y) and y == math.floor(y) and y % 2 == 1
            return math.copysign(math.inf, x) if odd else math.inf
        return math.nan


def _modulo(x: float, y: float) -> float:
    try:
        return math.fmod(x, y)
    except ValueError:
        return math.nan


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda x, y: x + y,
    "-": sub,
    "*": lambda x, y: x * y,
    "/": divide,
    "^": _power,
    "%": _modulo,
    "atan2": math.atan2,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {"==": eq, "!=": ne, ">": gt, "<": lt, ">=": ge, "<=": le}
SETS = frozenset({"and", "or", "unless"})

Combine = Callable[[float, float], Cell]
"""What two values give; a gap where a comparison filters it out."""


def _combine(node: Binary) -> Combine:
    if node.op in ARITHMETIC:
        return ARITHMETIC[node.op]
    compare = COMPARISONS[node.op]
    if node.as_bool:
        return lambda x, y: 1.0 if compare(x, y) else 0.0
    return lambda x, y: x if compare(x, y) else None


def binary(node: Binary, left: Result, run: Run) -> Result:
    """Apply an operator to its left side's result; its right side is evaluated here."""
    right = run.set.visit(node.right, run)
    kinds = node.left.kind, node.right.kind
    if node.op in SETS:
        return _set(node, as_vector(left), as_vector(right))
    combine = _combine(node)
    unnamed = node.op in ARITHMETIC or node.as_bool
    match kinds:
        case (Kind.SCALAR, Kind.SCALAR):
            pairs = zip(as_scalar(left), as_scalar(right), strict=True)
            return [value for x, y in pairs if (value := combine(x, y)) is not None]
        case (Kind.VECTOR, Kind.SCALAR):
            return _with_scalar(as_vector(left), as_scalar(right), combine, unnamed)
        case (Kind.SCALAR, Kind.VECTOR):
            return _with_scalar(as_vector(right), as_scalar(left), _swapped(combine, node), unnamed)
        case _:
            return _Join(node, combine, unnamed, run).curves(as_vector(left), as_vector(right))


def _swapped(combine: Combine, node: Binary) -> Combine:
    """The operator with its sides exchanged; a comparison keeps the vector's value."""
    if node.op in COMPARISONS and not node.as_bool:
        return lambda x, y: x if combine(y, x) is not None else None
    return lambda x, y: combine(y, x)


def _with_scalar(curves: list[Curve], scalar: list[float], combine: Combine, unnamed: bool) -> list[Curve]:
    out = []
    for curve in curves:
        values = [None if v is None else combine(v, s) for v, s in zip(curve.values, scalar, strict=True)]
        if values.count(None) < len(values):
            out.append(Curve(curve.labels, values, unnamed or curve.unnamed))
    return out


def _signatures(curves: Sequence[Curve], matching: Matching) -> list[Labels]:
    """For each series what must agree in the one that it matches."""
    part, names = (keeping, matching.labels) if matching.on else (without, (NAME, *matching.labels))
    return [part(curve.labels, names) for curve in curves]


def _by_signature(curves: Sequence[Curve], matching: Matching) -> dict[Labels, list[Curve]]:
    groups: dict[Labels, list[Curve]] = defaultdict(list)
    for sig, curve in zip(_signatures(curves, matching), curves, strict=True):
        groups[sig].append(curve)
    return groups


def _presence(curves: Sequence[Curve]) -> Sequence[Cell]:
    """At each step some value where any curve has one."""
    if len(curves) == 1:
        return curves[0].values
    return [next((v for v in row if v is not None), None) for row in zip(*(c.values for c in curves), strict=True)]


def _set(node: Binary, left: list[Curve], right: list[Curve]) -> list[Curve]:
    if node.op == "or":
        seen = {sig: _presence(curves) for sig, curves in _by_signature(left, node.matching).items()}
        return left + _where(right, seen, node.matching, present=False)
    seen = {sig: _presence(curves) for sig, curves in _by_signature(right, node.matching).items()}
    return _where(left, seen, node.matching, present=node.op == "and")


def _where(
    curves: list[Curve], seen: dict[Labels, Sequence[Cell]], matching: Matching, *, present: bool
) -> list[Curve]:
    """The curves where their match is present, or where it is not."""
    out = []
    for sig, curve in zip(_signatures(curves, matching), curves, strict=True):
        other = seen.get(sig)
        if other is None:
            if not present:
                out.append(curve)
            continue
        values = [v if (o is not None) is present else None for v, o in zip(curve.values, other, strict=True)]
        if values.count(None) < len(values):
            out.append(Curve(curve.labels, values, curve.unnamed))
    return out


class _Join:
    """One vector matched with another, label set by label set."""

    def __init__(self, node: Binary, combine: Combine, unnamed: bool, run: Run) -> None:
        self._matching = node.matching
        self._unnamed = unnamed
        self._run = run
        self._swap = node.matching.many is Side.RIGHT
        self._combine = combine

    def curves(self, left: list[Curve], right: list[Curve]) -> list[Curve]:
        """The result's curves: PromQLError where a match is not unique at some step."""
        matching = self._matching
        many, one = (right, left) if self._swap else (left, right)
        # As in Prometheus, with group_right the two fills change sides as well.
        fill_many, fill_one = matching.fill_left, matching.fill_right
        manies, ones = _by_signature(many, matching), _by_signature(one, matching)
        self._check_unique(many, ones, filled=fill_many is not None)
        out: dict[Labels, Curve] = {}
        for sig, group in manies.items():
            others = ones.get(sig, [])
            if others or fill_one is not None:
                self._match(sig, group, others, fill_one, out)
        if fill_many is not None:
            for sig, others in ones.items():
                self._fill(sig, others, manies.get(sig, []), fill_many, out)
        return [c for c in out.values() if c.values.count(None) < len(c.values)]

    def _check_unique(self, many: list[Curve], ones: dict[Labels, list[Curve]], *, filled: bool) -> None:
        """PromQLError where the side of one has two series for a match at a step at which both sides have any."""
        doubled = [(sig, curves) for sig, curves in ones.items() if len(curves) > 1]
        if not doubled or not (many or filled):
            return
        alive = None if filled else _presence(many)
        for sig, curves in doubled:
            for step, row in enumerate(zip(*(c.values for c in curves), strict=True)):
                if len(row) - row.count(None) > 1 and (alive is None or alive[step] is not None):
                    side = "left" if self._swap else "right"
                    alike = [str(c.labels) for c, v in zip(curves, row, strict=True) if v is not None][:2]
                    raise PromQLError(
                        f"found duplicate series for the match group {sig} on the {side} hand-side of the operation: "
                        f"[{', '.join(alike)}]; many-to-many matching not allowed: matching labels must be unique on "
                        "one side"
                    )

    def _match(
        self, sig: Labels, group: list[Curve], others: list[Curve], fill: float | None, out: dict[Labels, Curve]
    ) -> None:
        """Pair each series of the side of many with the one that is there at each step, or with the fill."""
        self._run.set.budget.spend(len(group) * max(1, len(others)) * self._run.grid.count)
        present = _presence(others) if others else [None] * self._run.grid.count
        if self._matching.many is Side.NONE and len(group) > 1:
            _check_single(group, None if fill is not None else present)
        for curve in group:
            for other in others:
                values = [
                    None if x is None or y is None else self._pair(x, y)
                    for x, y in zip(curve.values, other.values, strict=True)
                ]
                self._add(curve, other, values, out)
            if fill is not None:
                values = [
                    None if x is None or p is not None else self._pair(x, fill)
                    for x, p in zip(curve.values, present, strict=True)
                ]
                self._add(curve, Curve(sig, (), False), values, out)

    def _fill(
        self, sig: Labels, others: list[Curve], group: list[Curve], fill: float, out: dict[Labels, Curve]
    ) -> None:
        """Where the side of many lacks a match, it counts as `fill`."""
        present = _presence(group) if group else [None] * self._run.grid.count
        for other in others:
            values = [
                None if y is None or p is not None else self._pair(fill, y)
                for y, p in zip(other.values, present, strict=True)
            ]
            self._add(Curve(sig, (), False), other, values, out)

    def _pair(self, many: float, one: float) -> Cell:
        if not self._swap:
            return self._combine(many, one)
        # A comparison keeps the value of its own left side, whichever side is the one of many.
        return self._combine(one, many)

    def _add(self, curve: Curve, other: Curve, values: list[Cell], out: dict[Labels, Curve]) -> None:
        if values.count(None) == len(values):
            return
        labels = self._labels(curve.labels, other.labels)
        earlier = out.get(labels)
        if earlier is not None:
            values = _merged(earlier.values, values)
        out[labels] = Curve(labels, values, self._unnamed or curve.unnamed)

    def _labels(self, many: Labels, one: Labels) -> Labels:
        matching = self._matching
        return _joined(many, one, matching.on, matching.labels, matching.many, matching.include)


def _check_single(group: Sequence[Curve], present: Sequence[Cell] | None) -> None:
    """PromQLError where two series of one side have a match at the same step."""
    for step, row in enumerate(zip(*(c.values for c in group), strict=True)):
        if len(row) - row.count(None) > 1 and (present is None or present[step] is not None):
            raise PromQLError(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )


def _merged(first: Sequence[Cell], second: Sequence[Cell]) -> list[Cell]:
    out = []
    for x, y in zip(first, second, strict=True):
        if x is not None and y is not None:
            raise PromQLError("multiple matches for labels: grouping labels must ensure unique matches")
        out.append(x if y is None else y)
    return out


@lru_cache(maxsize=REMEMBERED)
def _joined(
    many: Labels, one: Labels, on: bool, names: tuple[str, ...], side: Side, include: tuple[str, ...]
) -> Labels:
    """The labels of a result: those of the side of many, or of the match, with the included ones put over them."""
    labels = many
    if side is Side.NONE:
        labels = many.keeping(*names) if on else many.without(*names)
    if include:
        labels = labels.merged({name: one.get(name, "") for name in include})
    return labels
