"""From nodes back to text, as Prometheus would write it: what is read from it is the same node again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.model.labels import NAME, quote
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.aggregate import REDUCE
from tradetop.promql.nodes import (
    Aggregate,
    At,
    Binary,
    Call,
    Edge,
    Matching,
    Negative,
    Node,
    Number,
    Range,
    Selector,
    Side,
    Subquery,
    Text,
)
from tradetop.promql.numbers import format_value

_STRENGTH = {
    **dict.fromkeys(("or",), 1),
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    **dict.fromkeys(("^",), 7),
}
_WORDS = ["bool", "by", "without", "on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right",
          "offset", "start", "end", "step", "inf", "nan", "topk", "bottomk", "limitk", "limit_ratio", "quantile",
          "count_values"]  # fmt: skip
_UNARY = 6
"""How strongly a minus sign binds: more than a product, less than a power."""
_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (1, "ms"))
_WORD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_RESERVED = frozenset([*_STRENGTH, *REDUCE, *_WORDS])
"""Words that a metric's name must not be taken for."""


def written(node: Node) -> str:
    """The expression as text; brackets stand where they must."""
    match node:
        case Number():
            return _number(node.value)
        case Text():
            return _quoted(node.value)
        case Selector():
            return _selector(node) + _when(node.offset, node.at)
        case Range():
            of = node.selector
            return f"{_selector(of)}[{_span(node.span)}]{_when(of.offset, of.at)}"
        case Subquery():
            step = "" if node.step is None else _span(node.step)
            return f"{_inner(node.expr)}[{_span(node.span)}:{step}]{_when(node.offset, node.at)}"
        case Negative():
            return f"-{_bracketed(node.expr, _UNARY + 1)}"
        case Call():
            return f"{node.name}({', '.join(map(written, node.args))})"
        case Aggregate():
            return _aggregate(node)
        case Binary():
            return _chain(node)


def _chain(node: Binary) -> str:
    """A chain of operators from its left end on, so that a long sum needs no deep stack."""
    chain = [node]
    while isinstance(left := chain[-1].left, Binary) and not _needs_brackets(left, _left(chain[-1].op)):
        chain.append(left)
    found = [_bracketed(chain[-1].left, _left(chain[-1].op))]
    for each in reversed(chain):
        strength = _STRENGTH[each.op]
        words = (each.op, "bool" if each.as_bool else "", *_matching(each.matching))
        found += [*filter(None, words), _bracketed(each.right, strength + (each.op != "^"))]
    return " ".join(found)


def _left(op: str) -> int:
    """How strongly the left side of an operator must bind to stand there without brackets."""
    return _STRENGTH[op] + (op == "^")


def _needs_brackets(node: Node, least: int) -> bool:
    match node:
        case Binary():
            return _STRENGTH[node.op] < least
        case Negative():
            return least > _UNARY
        case Number():
            return least > _UNARY and _number(node.value).startswith("-")
    return False


def _bracketed(node: Node, least: int) -> str:
    return f"({written(node)})" if _needs_brackets(node, least) else written(node)


def _inner(node: Node) -> str:
    """What a subquery looks at: anything but a plain name or a call stands in brackets."""
    timed = isinstance(node, Selector | Subquery) and (node.offset or node.at is not None)
    return f"({written(node)})" if isinstance(node, Binary | Negative) or timed else written(node)


def _aggregate(node: Aggregate) -> str:
    args = [written(part) for part in (node.param, node.expr) if part is not None]
    by = f" {'without' if node.without else 'by'} ({_names(node.labels)}) " if node.labels or node.without else ""
    return f"{node.op}{by}({', '.join(args)})"


def _matching(of: Matching) -> Iterable[str]:
    if of.on or of.labels or of.many is not Side.NONE:
        yield f"{'on' if of.on else 'ignoring'} ({_names(of.labels)})"
    if of.many is not Side.NONE:
        yield f"{of.many.value} ({_names(of.include)})"
    if of.fill_left is not None and of.fill_left == of.fill_right:
        yield f"fill ({_number(of.fill_left)})"
        return
    for word, value in (("fill_left", of.fill_left), ("fill_right", of.fill_right)):
        if value is not None:
            yield f"{word} ({_number(value)})"


def _selector(node: Selector) -> str:
    first, *rest = node.matchers
    plain = first.name == NAME and first.op is MatchOp.EQUAL and _METRIC.fullmatch(first.value) is not None
    if not plain or first.value.lower() in _RESERVED:
        return f"{{{', '.join(map(_matcher, node.matchers))}}}"
    return first.value + (f"{{{', '.join(map(_matcher, rest))}}}" if rest else "")


def _matcher(of: Matcher) -> str:
    return f"{_name(of.name)}{of.op.value}{_quoted(of.value)}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_name, names))


def _name(name: str) -> str:
    return name if _WORD.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return f'"{quote(text)}"'


def _when(offset: int, at: At) -> str:
    moment = "" if at is None else f" @ {at.value if isinstance(at, Edge) else f'{at / 1_000:.3f}'}"
    return moment + (f" offset {'-' if offset < 0 else ''}{_span(abs(offset))}" if offset else "")


def _span(ms: int) -> str:
    """`5m`, `1h30m`, `1d`."""
    found = []
    for size, name in _UNITS:
        count, ms = divmod(ms, size)
        if count:
            found.append(f"{count}{name}")
    return "".join(found) or "0s"


def _number(value: float) -> str:
    return format_value(value).removeprefix("+")
