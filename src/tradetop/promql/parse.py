"""The grammar of PromQL: from tokens to nodes, each with its place, the kinds of its parts checked.

A recursive descent with precedence climbing; how deep it goes is bounded by `caps`.
"""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.caps import NESTING, OPERATORS
from tradetop.promql.checks import check_aggregate, check_binary
from tradetop.promql.cursor import Cursor
from tradetop.promql.fault import FaultError
from tradetop.promql.lex import AGGREGATORS, CLOCKS, END, FILLS, NAMES
from tradetop.promql.matchers import braces, check_regex, check_selective, labels
from tradetop.promql.nodes import (
    Aggregate,
    Binary,
    Call,
    Kind,
    Matching,
    Negative,
    Node,
    Number,
    Selector,
    Side,
    Text,
)
from tradetop.promql.signatures import check_arguments, said, signature
from tradetop.promql.suffixes import SUFFIXES, suffixed

STRENGTH = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 7,
}
UNARY = 6
"""How strongly a minus sign binds: more than a product, less than a power."""

_SIDES = {"group_left": Side.LEFT, "group_right": Side.RIGHT}
_PLAIN = Matching()


class Parser(Cursor):
    """Reads one query; `brackets` and `operators` count what it may not have too many of."""

    __slots__ = ("_brackets", "_operators")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._brackets = 0
        self._operators = 0

    def query(self) -> Node:
        """The whole query; FaultError where it is none."""
        if self.kind == END:
            raise FaultError("the query is empty", 0)
        node = self._expression(0, 0)
        if self.kind != END:
            raise self._stranger("an operator or the end of the query")
        return node

    def _expression(self, least: int, depth: int) -> Node:
        """Operators that bind at least as strongly as `least`, with all their operands."""
        if depth > NESTING:
            raise FaultError(f"the query is nested more than {NESTING} deep", self.at)
        start = self.at
        kind = self.kind
        left = self._signed(depth) if kind in ("-", "+") else self._operand(depth)
        while (strength := STRENGTH.get(self.kind, 0)) and strength >= least:
            op, at = self.kind, self.at
            self._count(at)
            self.advance()
            as_bool = self.take("bool")
            matching = self._matching() if self.kind in _MATCHING else _PLAIN
            right_at = self.at
            right = self._expression(strength + (op != "^"), depth + 1)
            matching = check_binary(op, left, right, matching, as_bool, (start, at, right_at))
            kinds = (left.kind, right.kind)
            kind_ = Kind.VECTOR if Kind.VECTOR in kinds else Kind.SCALAR
            left = Binary(op, left, right, matching, as_bool, kind_, place=(start, self.closed))
        return left

    def _stranger(self, expected: str) -> FaultError:
        """What to raise for a token that goes on with no expression."""
        return self.unexpected(f"{expected}; equality is ==" if self.kind == "=" else expected)

    def _count(self, at: int) -> None:
        self._operators += 1
        if self._operators > OPERATORS:
            raise FaultError(f"the query has more than {OPERATORS:,} operators", at)

    def _signed(self, depth: int) -> Node:
        """A sign and what it belongs to: a number takes it in, a plus means next to nothing."""
        at, negative = self.at, self.kind == "-"
        self._count(at)
        self.advance()
        inner_at = self.at
        plain = self.kind in ("number", "duration", "-", "+")
        inner = self._expression(UNARY, depth + 1)
        if (kind := inner.kind) not in (Kind.SCALAR, Kind.VECTOR):
            raise FaultError(f"a sign belongs to a scalar or an instant vector, not to {said(kind)}", inner_at)
        if isinstance(inner, Number) and plain:
            return Number(-inner.value if negative else inner.value, place=(at, self.closed))
        if negative:
            return Negative(inner, place=(at, self.closed))
        return replace(inner, plus=True) if isinstance(inner, Selector) else inner

    def _operand(self, depth: int) -> Node:
        """What stands between operators, with what follows it: a window, an offset, a time."""
        start = self.at
        # What stands in brackets can only be looked at anew, by a subquery.
        bare = self.kind != "("
        node = self._primary(depth)
        while self.kind in SUFFIXES:
            node = suffixed(self, node, start, bare=bare)
            bare = True
        return node

    def _primary(self, depth: int) -> Node:
        kind = self.kind
        if kind == "word":
            return self._call(depth) if self.ahead() == "(" else self._selector()
        if kind in ("number", "duration"):
            at = self.at
            return Number(self.number(), place=(at, self.closed))
        if kind == "(":
            self._open()
            inner = self._expression(0, depth)
            self._close()
            return inner
        if kind == "{":
            return self._selector()
        if kind == "string":
            at = self.at
            return Text(self.text(), place=(at, self.closed))
        if kind in AGGREGATORS and self.ahead() in ("(", "by", "without"):
            return self._aggregate(depth)
        if kind in CLOCKS and self.ahead() == "(":
            return self._call(depth)
        if kind in NAMES and not (kind in FILLS and self.ahead() == "("):
            return self._selector()
        if kind in _SIDES:
            raise FaultError(f"{kind} comes after on(...) or ignoring(...)", self.at)
        raise self.unexpected("an expression")

    def _open(self) -> None:
        self._brackets += 1
        if self._brackets > NESTING:
            raise FaultError(f"the query is nested more than {NESTING} deep", self.at)
        self.expect("(")

    def _close(self) -> None:
        if self.kind != ")":
            raise self._stranger('an operator or ")"')
        self.advance()
        self._brackets -= 1

    def _selector(self) -> Selector:
        start, name = self.at, None
        if self.kind != "{":
            name = self.said
            self.advance()
        if name is not None and self.kind != "{":
            return Selector((Matcher(NAME, MatchOp.EQUAL, name),), place=(start, self.closed))
        matchers = braces(self, name)
        if name is None:
            check_selective(matchers, start)
        return Selector(matchers, place=(start, self.closed))

    def _arguments(self, depth: int) -> tuple[list[Node], list[int]]:
        """Expressions in brackets, and where each begins."""
        args: list[Node] = []
        places: list[int] = []
        self._open()
        while self.kind != ")" or args:
            places.append(self.at)
            args.append(self._expression(0, depth + 1))
            if self.kind == ")":
                break
            if not self.take(","):
                raise self._stranger('an operator, "," or ")"')
        self._close()
        return args, places

    def _call(self, depth: int) -> Call:
        name, at = self.said if self.kind == "word" else self.kind, self.at
        of = signature(name, at)
        self.advance()
        if name == "info":
            args, places = self._info(depth)
        else:
            args, places = self._arguments(depth)
        check_arguments(name, of, args, places, at)
        if name in _REGEX_IN and isinstance(regex := args[4], Text):
            check_regex(regex.value, places[4])
        return Call(name, tuple(args), of.gives, place=(at, self.closed))

    def _info(self, depth: int) -> tuple[list[Node], list[int]]:
        """The arguments of info(): the second one says which labels to join, and may leave every series in."""
        self._open()
        args, places = [], []
        if self.kind != ")":
            places.append(self.at)
            args.append(self._expression(0, depth + 1))
        if self.take(","):
            places.append(self.at)
            if self.kind != "{":
                raise self.unexpected('labels in braces such as {version=~".+"}')
            args.append(Selector(braces(self, None), place=(places[-1], self.closed)))
        self._close()
        return args, places

    def _aggregate(self, depth: int) -> Aggregate:
        op, at = self.kind, self.at
        self.advance()
        grouped = self.kind in ("by", "without")
        without, names = self._grouping() if grouped else (False, ())
        args, places = self._arguments(depth)
        if not grouped and self.kind in ("by", "without"):
            without, names = self._grouping()
        param, expr = check_aggregate(op, args, places, at)
        return Aggregate(op, expr, param, names, without, place=(at, self.closed))

    def _grouping(self) -> tuple[bool, tuple[str, ...]]:
        without = self.kind == "without"
        self.advance()
        return without, labels(self)

    def _matching(self) -> Matching:
        """What may stand between an operator and its right side: on, ignoring, group_left, fill."""
        on, many = False, Side.NONE
        names: tuple[str, ...] = ()
        include: tuple[str, ...] = ()
        if self.kind in ("on", "ignoring"):
            on = self.kind == "on"
            self.advance()
            names = labels(self)
            if self.kind in _SIDES:
                many = _SIDES[self.kind]
                self.advance()
                include = labels(self) if self.kind == "(" else ()
        fills: dict[str, float] = {}
        while self.kind in FILLS and self.ahead() == "(":
            word, at = self.kind, self.at
            self.advance()
            self.expect("(")
            value = self.signed_number("a number")
            self.expect(")")
            for side in ("fill_left", "fill_right") if word == "fill" else (word,):
                if side in fills:
                    raise FaultError(f"{word} is given where {side} is known already", at)
                fills[side] = value
        return Matching(on, names, many, include, fills.get("fill_left"), fills.get("fill_right"))


_MATCHING = frozenset(["on", "ignoring", *FILLS])
_REGEX_IN = frozenset(["label_replace"])
