"""What a query's text may cost, checked before it is parsed: the parser recurses and would take the process with it."""

from __future__ import annotations

import re

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
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])"""
    r"""|(?P<operator>==|!=|<=|>=|=~|!~|[-+*/%^<>]|\b(?:and|or|unless|atan2)\b)""",
    re.IGNORECASE | re.DOTALL,
)
_AMOUNT = re.compile(r"([-+]?)\s*([0-9.]+(?:e[-+]?[0-9]+)?|inf|nan)$", re.IGNORECASE)
_BYTE = re.compile(r"\\(?:\\|x[89a-fA-F]|[23][0-7]{2})")


def check_text(text: str) -> None:
    """PromQLError where a query is too long, too deep or holds what the parser would read wrongly."""
    size = len(text.encode("utf-8", "replace"))
    if size > TEXT:
        raise PromQLError(f"the query is {size:,} bytes long; at most {TEXT:,} are read: {quoted(text)}")
    operators = depth = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "operator":
            operators += 1
            if operators > OPERATORS:
                raise PromQLError(f"the query has more than {OPERATORS:,} operators: {quoted(text)}")
        elif kind == "open":
            depth += 1
            if depth > NESTING:
                raise PromQLError(f"the query is nested more than {NESTING} deep: {quoted(text)}")
        elif kind == "close":
            depth -= 1
        elif kind == "quoted" and any(escape != "\\\\" for escape in _BYTE.findall(token[0])):
            raise PromQLError(f"write the character itself in place of {token[0]}, which is half a character")
        elif kind == "time":
            _check_time(token[0], text)


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
