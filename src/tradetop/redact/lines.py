"""Expressions and exposition lines: label values by the labels' names, numbers by the metrics'."""

from __future__ import annotations

import re

from tradetop.model.hidden import HIDDEN
from tradetop.redact.names import SECRET, kind_of_metric, tells_amounts
from tradetop.redact.words import Words, said

_MATCHER = re.compile(r"(\"[^\"\\]+\"|[A-Za-z_]\w*)(\s*(?:=~|!~|!=|=)\s*)(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
_LITERAL = re.compile(r"(?<![\w.:\"'\[$])-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.\]:])")
_INNOCENT = frozenset(["0", "1", "2", "60", "100", "1000", "3600", "0.5", "0.9", "0.95", "0.99"])
"""Literals that every expression may have: quantiles, and what turns shares and seconds into other units."""
_SAMPLE = re.compile(r"\s*([A-Za-z_:][\w:]*)\s*(\{.*\})?\s*(.*)")


def expression(expr: str, words: Words, secret: bool) -> str:
    """A PromQL expression; its numbers are hidden where it is about amounts."""
    found = _labels(expr, words)
    if not (secret or tells_amounts(expr)):
        return found
    parts = re.split(r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", found)
    return "".join(p if i % 2 else _LITERAL.sub(_literal, p) for i, p in enumerate(parts))


def exposition(line: str, words: Words, secret: bool) -> str:
    """A line of a metrics page; what cannot be read as one is treated as free text."""
    match = _SAMPLE.fullmatch(line)
    if match is None or line.lstrip().startswith("#"):
        return said(line)
    name, labels, rest = match.groups()
    if secret or kind_of_metric(name) in SECRET:
        rest = re.sub(r"^\S+", HIDDEN, rest)
    return f"{name}{_labels(labels or '', words)} {rest}"


def _labels(text: str, words: Words) -> str:
    def hide(match: re.Match[str]) -> str:
        name, sign, value = match.groups()
        hidden = words.label(name.strip('"'), value[1:-1])
        return f"{name}{sign}{value[0]}{hidden}{value[-1]}"

    return _MATCHER.sub(hide, text)


def _literal(match: re.Match[str]) -> str:
    return match[0] if match[0] in _INNOCENT else HIDDEN
