"""Queries made up at random: most of them right, the others with a token lost, doubled, exchanged or put in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

NAMES = ["a", "b_total", "c:d", "sum", "by", "offset", "and", "or", "step", "start", "min", "fill", "limitk", "end",
         "range", "group", "without", "unless", "foo_bucket", "fill_left"]  # fmt: skip
LABELS = ["x", "y", "le", "job", "sum", "by", "on", "offset", "bool", "group_left", '"a.b"']
DURATIONS = ["5m", "1h30m", "10s", "1d", "300", "1.5", "1w2d", "1y", "100ms", "2h5m3s", "0x10", "5"]
NUMBERS = ["1", "2.5", "0x1F", "1e3", ".5", "5.", "Inf", "NaN", "010", "5m", "1e-3", "08"]
TEXTS = ['"x"', "'y'", "`z`", '"a\\n"', '"\\u00e9"', '"a\\"b"', '""', '"5.."', '"a|b"']
STRANGERS = ["(", ")", "[", "]", "{", "}", ",", "by", "on", "5m", '"x"', "-", "bool", "offset", "@", "and", "#", "\n",
             "1", "a", "fill(0)", "group_left", ":", "=", "!", "unless"]  # fmt: skip
CALLS = ["time()", "vector(1)", "step()", "hour()", "round(a,2)", 'label_join(a,"b","c")', "clamp(a,1,2)", "scalar(a)",
         "histogram_quantile(0.9,foo_bucket)"]  # fmt: skip
OPS = ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless"]


class Maker:
    """Makes queries; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def queries(self, count: int) -> Iterator[str]:
        for _ in range(count):
            query = self._any(self._random.randint(0, 3))
            yield self._broken(query) if self._random.random() < 0.4 else query

    def _one(self, *of: str) -> str:
        return self._random.choice(of)

    def _many(self, of: list[str], most: int) -> str:
        return ",".join(self._random.choice(of) for _ in range(self._random.randint(0, most)))

    def _braces(self) -> str:
        matchers = [
            f"{self._one(*LABELS)}{self._one('=', '!=', '=~', '!~')}{self._one(*TEXTS)}"
            for _ in range(self._random.randint(0, 2))
        ]
        return f"{{{','.join(matchers)}{self._one('', '', ',')}}}"

    def _selector(self) -> str:
        return self._one(
            self._one(*NAMES), self._one(*NAMES) + self._braces(), self._braces(), '{"m.n"}', '{"a",x="y"}'
        )

    def _modifiers(self) -> str:
        span, number = self._one(*DURATIONS), self._one(*NUMBERS)
        one = (f" offset {span}", f" offset -{span}", f" @ {number}", " @ start()", " @ end()", " @ 1609746000.5")
        return "".join(self._one(*one) for _ in range(self._random.choice([0, 0, 0, 1, 2])))

    def _range(self, depth: int) -> str:
        span, step = self._one(*DURATIONS), self._one("", *DURATIONS)
        return self._one(
            f"{self._selector()}[{span}]{self._modifiers()}",
            f"{self._vector(depth)}[{span}:{step}]{self._modifiers()}",
            f"({self._vector(depth)})[{span}:{step}]",
        )

    def _aggregate(self, depth: int) -> str:
        op = self._one("sum", "avg", "count", "max", "topk", "quantile", "count_values", "group", "limitk", "bottomk")
        by = self._one("", f" {self._one('by', 'without', 'BY')} ({self._many(LABELS, 2)}{self._one('', ',')})")
        first = {"count_values": f"{self._one(*TEXTS)}, "}.get(op, f"{self._one(*NUMBERS)}, ")
        args = (
            f"({first if op in ('topk', 'quantile', 'count_values', 'limitk', 'bottomk') else ''}{self._vector(depth)})"
        )
        return self._one(f"{op}{by}{args}", f"{op}{args}{by}")

    def _binary(self, depth: int) -> str:
        words = ""
        op = self._one(*OPS)
        if op in ("==", ">", "<=") and self._random.random() < 0.4:
            words += " bool"
        if self._random.random() < 0.3:
            words += f" {self._one('on', 'ignoring')}({self._many(LABELS, 2)})"
            words += self._one(
                "", "", f" {self._one('group_left', 'group_right')}", f" group_left({self._many(LABELS, 2)})"
            )
        if self._random.random() < 0.1:
            words += self._one(" fill(0)", " fill_left(1)", " fill_right(-2)", " fill_left(1) fill_right(NaN)")
        return f"{self._any(depth)} {op}{words} {self._any(depth)}"

    def _vector(self, depth: int) -> str:
        if depth <= 0:
            return self._selector() + self._modifiers()
        return [
            lambda: self._selector() + self._modifiers(),
            lambda: (
                f"{self._one('abs', 'ceil', 'sort', 'rate', 'timestamp', 'absent', 'nofn')}({self._any(depth - 1)})"
            ),
            lambda: f"{self._one('rate', 'increase', 'max_over_time')}({self._range(depth - 1)})",
            lambda: self._aggregate(depth - 1),
            lambda: self._binary(depth - 1),
            lambda: self._binary(depth - 1),
            lambda: f"-{self._vector(depth - 1)}",
            lambda: f"({self._vector(depth - 1)})",
        ][self._random.randrange(8)]()

    def _any(self, depth: int) -> str:
        which = self._random.random()
        if which < 0.2:
            return self._one("", "-", "+") + self._one(*NUMBERS)
        if which < 0.3:
            return self._one(*CALLS, *TEXTS)
        return self._range(depth) if which < 0.35 else self._vector(depth)

    def _broken(self, query: str) -> str:
        tokens = re.findall(r"\s+|\w+|.", query)
        at, other = self._random.randrange(len(tokens)), self._random.randrange(len(tokens))
        which = self._random.random()
        if which < 0.3:
            del tokens[at]
        elif which < 0.5:
            tokens.insert(at, tokens[other])
        elif which < 0.7:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            tokens.insert(at, self._one(*STRANGERS))
        return "".join(tokens)
