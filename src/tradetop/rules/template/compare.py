"""eq, ne, lt, le, gt and ge: Go's comparisons."""

from __future__ import annotations

from tradetop.rules.template.error import CallError
from tradetop.rules.template.printing import text_of
from tradetop.rules.template.values import Pointer, Slice, kind, type_name, unboxed

_BASIC = frozenset(["bool", "int", "uint", "float", "complex", "string"])
_ORDERED = frozenset(["int", "uint", "float", "string"])


def equal(first: object, *others: object) -> bool:
    """Whether the first equals any of the others."""
    first = unboxed(first)
    if not others:
        raise CallError("missing argument for comparison")
    return any(_same(first, unboxed(other)) for other in others)


def differ(first: object, second: object) -> bool:
    """Whether two values are not equal."""
    return not equal(first, second)


def less(first: object, second: object) -> bool:
    """Whether the first comes before the second."""
    first, second = unboxed(first), unboxed(second)
    kinds = kind(first), kind(second)
    if not _BASIC.issuperset(kinds):
        raise CallError("invalid type for comparison")
    if kinds[0] != kinds[1] and set(kinds) != {"int", "uint"}:
        raise _incompatible(first, second)
    if kinds[0] not in _ORDERED:
        raise CallError("invalid type for comparison")
    return bool(first < second)  # type: ignore[operator]


def less_or_equal(first: object, second: object) -> bool:
    """Whether the first is not after the second."""
    return less(first, second) or equal(first, second)


def greater(first: object, second: object) -> bool:
    """Whether the first is after the second: not before it and not equal, so true of NaN, as in Go."""
    return not less_or_equal(first, second)


def greater_or_equal(first: object, second: object) -> bool:
    """Whether the first is not before the second."""
    return not less(first, second)


def _same(first: object, second: object) -> bool:
    kinds = kind(first), kind(second)
    if first is None or second is None:
        return _is_nil(first) and _is_nil(second) if not _BASIC.intersection(kinds) else False
    basics = tuple(k if k in _BASIC else "" for k in kinds)
    if basics[0] != basics[1] and set(basics) != {"int", "uint"}:
        raise _incompatible(first, second)
    if basics[0]:
        return bool(first == second)
    if kinds[0] != kinds[1]:
        raise CallError(
            f"non-comparable types {text_of(first)}: {type_name(first)}, {type_name(second)}: {text_of(second)}"
        )
    if _is_nil(first) or _is_nil(second):
        return _is_nil(first) and _is_nil(second)
    if kinds[1] in ("slice", "map"):
        raise CallError(f"non-comparable type {text_of(second)}: {type_name(second)}")
    return first is second or bool(first == second)


def _is_nil(value: object) -> bool:
    return value is None or (isinstance(value, Pointer | Slice) and value.nil)


def _incompatible(first: object, second: object) -> CallError:
    return CallError(f"incompatible types for comparison: {type_name(first)} and {type_name(second)}")
