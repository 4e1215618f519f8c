"""Label matchers in braces, and lists of labels in brackets."""

from __future__ import annotations

from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.cursor import Cursor
from tradetop.promql.error import PromQLError
from tradetop.promql.fault import FaultError
from tradetop.promql.lex import NAMES
from tradetop.promql.regex import compiled

_OPS = {op.value: op for op in MatchOp}
_REGEXES = (MatchOp.REGEX, MatchOp.NOT_REGEX)
_LABELS = frozenset([*NAMES, "word", "string", "atan2", "bool", "on", "ignoring", "group_left", "group_right"])
"""What may name a label in a list."""


def braces(cursor: Cursor, name: str | None) -> tuple[Matcher, ...]:
    """What stands in braces, the metric's name first: the one before them, or a quoted one within.

    FaultError where a matcher cannot be read, or names the metric a second time.
    """
    named = [] if name is None else [Matcher(NAME, MatchOp.EQUAL, name)]
    others: list[Matcher] = []
    cursor.expect("{")
    while cursor.kind != "}":
        at, quoted = cursor.at, cursor.kind == "string"
        matcher = _matcher(cursor)
        if name is not None and matcher.name == NAME:
            raise FaultError(f'the metric is named twice, "{name}" and "{matcher.value}"', at)
        is_name = quoted and matcher.name == NAME and matcher.op is MatchOp.EQUAL
        (named if is_name else others).append(matcher)
        if not cursor.take(",") and cursor.kind != "}":
            raise cursor.unexpected('"," or "}"')
    cursor.advance()
    return (*named, *others)


def _matcher(cursor: Cursor) -> Matcher:
    """One matcher, such as `symbol="BTC"`, or a metric's name in quotes."""
    at, label = cursor.at, cursor.said
    if cursor.kind == "string":
        label = cursor.text()
        if cursor.kind in (",", "}"):
            return Matcher(NAME, MatchOp.EQUAL, label)
    elif not (label[:1].isalpha() or label[:1] in ("_", ":")):
        raise cursor.unexpected('a label or "}"')
    elif ":" in label:
        raise FaultError(f'"{label}" is no label unless it is quoted: a colon belongs to names of metrics', at)
    else:
        cursor.advance()
    op = _OPS.get(cursor.kind)
    if op is None:
        raise cursor.unexpected("=, !=, =~ or !~")
    cursor.advance()
    if cursor.kind != "string":
        raise cursor.unexpected("a quoted text")
    said_at = cursor.at
    value = cursor.text()
    if op in _REGEXES:
        check_regex(value, said_at)
    return Matcher(label, op, value)


def check_regex(value: str, at: int) -> None:
    """FaultError where a regular expression is none."""
    try:
        compiled(value)
    except PromQLError as error:
        raise FaultError(str(error), at) from None


def check_selective(matchers: tuple[Matcher, ...], at: int) -> None:
    """FaultError where matchers leave every series in, those without any of the labels too."""
    if not any(map(_needs_something, matchers)):
        raise FaultError("this selects every series: name a metric, or a label that must not be empty", at)


def _needs_something(matcher: Matcher) -> bool:
    match matcher.op:
        case MatchOp.EQUAL:
            return bool(matcher.value)
        case MatchOp.NOT_EQUAL:
            return not matcher.value
        case MatchOp.REGEX:
            return compiled(matcher.value).fullmatch("") is None
        case _:
            return compiled(matcher.value).fullmatch("") is not None


def labels(cursor: Cursor) -> tuple[str, ...]:
    """Labels in round brackets, such as `(symbol, side)`."""
    found = []
    cursor.expect("(")
    while cursor.kind != ")":
        if cursor.kind not in _LABELS:
            raise cursor.unexpected('a label or ")"')
        at = cursor.at
        if cursor.kind == "string":
            name = cursor.text()
        else:
            name = cursor.said
            cursor.advance()
        if not name:
            raise FaultError("a label has no empty name", at)
        found.append(name)
        if not cursor.take(",") and cursor.kind != ")":
            raise cursor.unexpected('"," or ")"')
    cursor.advance()
    return tuple(found)
