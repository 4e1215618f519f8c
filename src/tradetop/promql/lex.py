"""From text to tokens: the words of PromQL, each with its place."""

from __future__ import annotations

import re

from tradetop.promql.fault import FaultError, shown
from tradetop.promql.literals import is_duration, is_number

Token = tuple[str, str, int]
"""What it is, how it is written, and the place of its first character.

What it is: `word`, `number`, `duration`, `string` or END; an operator, bracket or keyword is what it says, in small
letters.
"""

END = "<end>"

AGGREGATORS = frozenset(
    ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "count_values", "quantile",
     "limitk", "limit_ratio"]
)  # fmt: skip
FILLS = frozenset(["fill", "fill_left", "fill_right"])
CLOCKS = frozenset(["start", "end", "step", "range"])
"""Words that ask for the query's own times."""

NAMES = frozenset(
    [*AGGREGATORS, *FILLS, *CLOCKS, "and", "or", "unless", "by", "without", "offset", "anchored", "smoothed"]
)
"""Keywords that name a metric as well, where one is expected."""

KEYWORDS = {
    **{word: word for word in (*NAMES, "atan2", "bool", "on", "ignoring", "group_left", "group_right")},
    "inf": "number",
    "nan": "number",
}
"""Keywords are read in letters of any size."""

_SPACE = r"[ \t\r\n]+|\#[^\r\n]*"
_WORD = r"[a-zA-Z_][a-zA-Z0-9_]*"
_DIGITS = r"0[xX][0-9a-zA-Z_]*|\.?[0-9](?:[eE][-+]|[0-9a-zA-Z_.])*"
_STRING = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`"""
_SIGN = r"[=!]~|[=!<>]=|[-+*/%^<>(){}\],@=]"
_OUTSIDE = re.compile(
    rf"(?P<space>{_SPACE})|(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<sign>{_SIGN})|(?P<digits>{_DIGITS})"
    rf"|(?P<string>{_STRING})|(?P<bracket>\[[^\]]*)|(?P<bad>.)",
    re.DOTALL,
)
_INSIDE = re.compile(
    rf"(?P<space>[ \t\r\n]+)|(?P<digits>{_DIGITS})|(?P<word>{_WORD})|(?P<sign>{_SIGN}|[:\[])|(?P<bad>.)", re.DOTALL
)
"""Within square brackets a colon stands for itself; elsewhere it is a part of names."""


def lex(text: str) -> list[Token]:
    """The tokens of a query, the end of it as the last one; FaultError where there is no such word."""
    tokens: list[Token] = []
    _read(_OUTSIDE, text, 0, len(text), tokens)
    tokens.append((END, "", len(text.rstrip())))
    return tokens


def _read(words: re.Pattern[str], text: str, start: int, end: int, tokens: list[Token]) -> None:
    """Add the tokens of a part of the text; what stands between square brackets has words of its own."""
    for found in words.finditer(text, start, end):
        kind = found.lastgroup
        if kind == "space":
            continue
        said, at = found[0], found.start()
        if kind == "sign":
            tokens.append((said, said, at))
        elif kind == "word":
            tokens.append((KEYWORDS.get(said.lower(), "word"), said, at))
        elif kind == "bracket":
            tokens.append(("[", "[", at))
            _read(_INSIDE, text, at + 1, found.end(), tokens)
        else:
            tokens.append(_other(kind, said, at))


def _other(kind: str | None, said: str, at: int) -> Token:
    """A number, a duration or a text; FaultError for anything else."""
    if kind == "string":
        return ("string", said, at)
    if kind == "digits":
        if is_duration(said):
            return ("duration", said, at)
        if is_number(said):
            return ("number", said, at)
        raise FaultError(f'"{shown(said)}" is neither a number nor a duration such as 1h30m', at)
    if said in "\"'`":
        raise FaultError(f"the text that begins with {said} here does not end", at)
    raise FaultError(f'unexpected character "{said}"', at)
