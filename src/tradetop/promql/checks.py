"""The kinds of what operators and aggregations work on, as Prometheus checks them."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.promql.fault import FaultError
from tradetop.promql.nodes import Kind, Matching, Node, Side
from tradetop.promql.signatures import said

COMPARISONS = frozenset(["==", "!=", ">", "<", ">=", "<="])
SETS = frozenset(["and", "or", "unless"])

_PARAMS = {
    **dict.fromkeys(("topk", "bottomk", "quantile", "limitk", "limit_ratio"), Kind.SCALAR),
    "count_values": Kind.STRING,
}
_PLAIN = Matching()


def check_binary(
    op: str, left: Node, right: Node, matching: Matching, as_bool: bool, places: tuple[int, int, int]
) -> Matching:
    """The matching that counts; FaultError where the operator cannot work on its sides.

    `places` are those of the left side, the operator and the right side.
    """
    kinds = (left.kind, right.kind)
    for kind, place in zip(kinds, (places[0], places[2]), strict=True):
        if kind is not Kind.VECTOR and kind is not Kind.SCALAR:
            raise FaultError(f"{op} works on scalars and instant vectors, not on {said(kind)}", place)
    at = places[1]
    if as_bool and op not in COMPARISONS:
        raise FaultError(f"bool belongs to comparisons, not to {op}", at)
    if Kind.SCALAR in kinds:
        return _scalars(op, kinds, matching, as_bool, at)
    if op in SETS:
        _check_set(op, matching, at)
    both = [name for name in matching.labels if matching.on and name in matching.include]
    if both:
        raise FaultError(f'"{both[0]}" cannot be both matched on and taken from the other side', at)
    return matching


def _scalars(op: str, kinds: tuple[Kind, Kind], matching: Matching, as_bool: bool, at: int) -> Matching:
    """Nothing is matched where a side is a scalar."""
    if op in SETS:
        raise FaultError(f"{op} works on two instant vectors, not on {said(Kind.SCALAR)}", at)
    if op in COMPARISONS and not as_bool and Kind.VECTOR not in kinds:
        raise FaultError(f"a comparison of two scalars needs bool: {op} bool", at)
    if matching.labels:
        raise FaultError("on and ignoring match two instant vectors", at)
    if matching.fill_left is not None or matching.fill_right is not None:
        raise FaultError("fill completes two instant vectors", at)
    return _PLAIN


def _check_set(op: str, matching: Matching, at: int) -> None:
    if matching.many is not Side.NONE:
        raise FaultError(f"{op} takes no {matching.many.value}: it matches many with many", at)
    if matching.fill_left is not None or matching.fill_right is not None:
        raise FaultError(f"{op} takes no fill", at)


def check_aggregate(op: str, args: Sequence[Node], places: Sequence[int], at: int) -> tuple[Node | None, Node]:
    """An aggregation's parameter and what it aggregates; FaultError where they are too few, too many or wrong."""
    takes = _PARAMS.get(op)
    wanted = 1 if takes is None else 2
    if len(args) != wanted:
        raise FaultError(f"{op}() takes {wanted} argument{'s' * (wanted > 1)}, got {len(args)}", at)
    if takes is not None and (got := args[0].kind) is not takes:
        raise FaultError(f"{op}() takes {said(takes)} first, not {said(got)}", places[0])
    if (got := args[-1].kind) is not Kind.VECTOR:
        raise FaultError(f"{op}() aggregates an instant vector, not {said(got)}", places[-1])
    return (args[0] if takes is not None else None), args[-1]
