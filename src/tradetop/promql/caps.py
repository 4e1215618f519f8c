"""What a query's text may cost, checked before it is parsed: the parser recurses and would take the process with it."""

from __future__ import annotations

import re
from itertools import accumulate

from tradetop.promql.error import PromQLError

TEXT = 4_096
"""Longest query, in bytes of UTF-8."""

OPERATORS = 1_000
NESTING = 100

FAR = 253_000_000_000
"""Seconds from 1970 to the last years that the parser can say."""

_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|`[^`]*`|\#[^\n]*"""
    r"""|(?P<time>(?:@|\boffset\b)\s*[-+]?\s*(?:[0-9.][0-9.a-z]*(?:(?<=e)[-+][0-9]+)?|inf\b|nan\b))"""
    r"""|(?P<span>\[[^\]\[(){}"'`]*\])"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])"""
    r"""|(?P<operator>==|!=|<=|>=|=~|!~|[-+*/%^<>]|\b(?:and|or|unless|atan2)\b)""",
    re.IGNORECASE | re.DOTALL,
)
_AMOUNT = re.compile(r"([-+]?)\s*([0-9.]+(?:e[-+]?[0-9]+)?|inf|nan)$", re.IGNORECASE)
_LITERAL = re.compile(r"(?<![0-9.])(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BYTE = re.compile(r"\\(?:\\|x[89a-fA-F]|[23][0-7]{2})")


def check_text(text: str) -> None:
    """PromQLError where a query is too long, too deep or holds what the parser would read wrongly."""
    size = len(text.encode("utf-8", "replace"))
    if size > TEXT:
        raise PromQLError(f"the query is {size:,} bytes long; at most {TEXT:,} are read: {quoted(text)}")
    tokens = [(token.lastgroup, token[0]) for token in _TOKEN.finditer(text)]
    _check_size([kind for kind, _ in tokens], text)
    for kind, said in tokens:
        if kind == "quoted" and any(escape != r"\\" for escape in _BYTE.findall(said)):
            raise PromQLError(f"write the character itself in place of {said}, which is half a character")
        if kind == "time":
            _check_time(said, text)
        elif kind == "span" and any(float(amount) >= FAR for amount in _LITERAL.findall(said)):
            raise PromQLError(f'"{said}" is too long: {quoted(text)}')


def _check_size(kinds: list[str | None], text: str) -> None:
    if kinds.count("operator") > OPERATORS:
        raise PromQLError(f"the query has more than {OPERATORS:,} operators: {quoted(text)}")
    depths = accumulate((kind == "open") - (kind == "close") for kind in kinds)
    if max(depths, default=0) > NESTING:
        raise PromQLError(f"the query is nested more than {NESTING} deep: {quoted(text)}")


def _check_time(said: str, text: str) -> None:
    """PromQLError where the number after `@` or `offset` would make the parser panic."""
    amount = _AMOUNT.search(said)
    if amount is None:
        return
    try:
        seconds = float(amount[1] + amount[2])
    except ValueError:
        return
    if not abs(seconds) < FAR or (said.startswith("@") and seconds < 0):
        raise PromQLError(f'"{said}" is no time between 1970 and 9999: {quoted(text)}')


def quoted(text: str, limit: int = 120) -> str:
    """A query as an error quotes it: on one line, cut where it is long."""
    line = " ".join(text.split())
    return f'"{line if len(line) <= limit else line[: limit - 1] + "…"}"'
