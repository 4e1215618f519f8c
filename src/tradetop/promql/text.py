"""From nodes back to text, as Prometheus would write it: what is read from it is the same node again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tradetop.floats import format_value
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.model.labels import NAME, quote
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.lex import KEYWORDS
from tradetop.promql.nodes import (
    Aggregate,
    Binary,
    Call,
    Edge,
    Matching,
    Negative,
    Node,
    Number,
    Range,
    Reach,
    Selector,
    Side,
    Subquery,
    Text,
)
from tradetop.promql.parse import STRENGTH, UNARY

_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (1, "ms"))
_WORD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_RESERVED = frozenset(KEYWORDS)
"""Words that a metric's name must not be taken for."""


def written(node: Node) -> str:
    """The expression as text; brackets stand where they must."""
    match node:
        case Number():
            return _number(node.value)
        case Text():
            return _quoted(node.value)
        case Selector():
            return f"{'+' * node.plus}{_selector(node)}{_when(node)}"
        case Range():
            return f"{_selector(node.selector)}[{_length(node.span, node.length)}]{_when(node.selector)}"
        case Subquery():
            step = "" if node.step is None and node.every is None else _length(node.step or 0, node.every)
            return f"{_inner(node.expr)}[{_length(node.span, node.length)}:{step}]{_when(node)}"
        case Negative():
            return f"-{_bracketed(node.expr, UNARY + 1)}"
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
        strength = STRENGTH[each.op]
        words = (each.op, "bool" if each.as_bool else "", *_matching(each.matching))
        found += [*filter(None, words), _bracketed(each.right, strength + (each.op != "^"))]
    return " ".join(found)


def _left(op: str) -> int:
    """How strongly the left side of an operator must bind to stand there without brackets."""
    return STRENGTH[op] + (op == "^")


def _needs_brackets(node: Node, least: int) -> bool:
    match node:
        case Binary():
            return STRENGTH[node.op] < least
        case Negative():
            return least > UNARY
        case Number():
            return least > UNARY and _number(node.value).startswith("-")
    return False


def _bracketed(node: Node, least: int) -> str:
    return f"({written(node)})" if _needs_brackets(node, least) else written(node)


def _inner(node: Node) -> str:
    """What a subquery looks at: anything but a plain name or a call stands in brackets."""
    timed = isinstance(node, Selector | Subquery) and _when(node)
    signed = isinstance(node, Selector) and node.plus
    return f"({written(node)})" if isinstance(node, Binary | Negative) or timed or signed else written(node)


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
    if not node.matchers:
        return "{}"
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


def _when(node: Selector | Subquery) -> str:
    reach = f" {node.reach.value}" if isinstance(node, Selector) and node.reach is not Reach.WINDOW else ""
    at = node.at
    moment = "" if at is None else f" @ {at.value if isinstance(at, Edge) else _seconds(at)}"
    if node.shift is not None:
        return f"{reach}{moment} offset ({written(node.shift)})"
    sign = "-" if node.offset < 0 else ""
    return reach + moment + (f" offset {sign}{_span(abs(node.offset))}" if node.offset else "")


def _seconds(ms: int) -> str:
    return f"{'-' if ms < 0 else ''}{abs(ms) // 1_000}.{abs(ms) % 1_000:03d}"


def _length(ms: int, length: Node | None) -> str:
    return _span(ms) if length is None else written(length)


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
