"""The comment lines of a page: types, help texts, units, and what else it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tradetop.model.ports import Metadata
from tradetop.model.target import LineError
from tradetop.model.text import clean

EOF = "# EOF"
LINE_SHOWN = 80
"""How much of a bad line is shown, in characters."""
_NAME = r'(?:"(?:[^"\\]|\\.)*"|[a-zA-Z_:][a-zA-Z0-9_:]*)'
_TEXT_COMMENT = re.compile(r"[ \t]*#[ \t]+(HELP|TYPE)(?:[ \t]+(.*))?")
_OPEN_COMMENT = re.compile(r"# (HELP|TYPE|UNIT)(?: (.*))?")
_SUBJECT = re.compile(rf"({_NAME})(?:[ \t](.*))?")
_TYPES = frozenset({"counter", "gauge", "histogram", "summary", "untyped"})
_OPEN_TYPES = frozenset({"counter", "gauge", "histogram", "summary", "unknown", "info", "stateset", "gaugehistogram"})
_EMPTY = Metadata()


@dataclass(slots=True)
class Comments:
    """What the comment lines of one page said."""

    metadata: dict[str, Metadata] = field(default_factory=dict)
    errors: list[LineError] = field(default_factory=list)
    words: str = ""
    """The first comment that is none of the format's own."""


def read_comments(lines: Sequence[str], numbers: Sequence[int], openmetrics: bool) -> Comments:
    """Read comment lines, whose line numbers are `numbers`."""
    comments = Comments()
    for number, line in zip(numbers, lines, strict=True):
        problem = _read(line, openmetrics, comments)
        if problem:
            comments.errors.append(LineError(number, clean(line, LINE_SHOWN), problem))
    return comments


def _read(line: str, openmetrics: bool, comments: Comments) -> str:
    """Take one line in; gives what is wrong with it, or ""."""
    match = (_OPEN_COMMENT if openmetrics else _TEXT_COMMENT).fullmatch(line)
    if not match:
        if line.rstrip() != EOF and not comments.words:
            comments.words = clean(line.lstrip("# \t").rstrip(), 200)
        return "a comment, which OpenMetrics does not allow" if openmetrics else ""
    keyword, rest = match.group(1), match.group(2) or ""
    subject = _SUBJECT.fullmatch(rest.lstrip(" \t"))
    if not subject:
        return f"no metric name after {keyword}"
    name, text = _plain(subject.group(1)), subject.group(2)
    if openmetrics and text is None:
        return f"no text after {keyword} and the name"
    return _note(comments.metadata, keyword, name, text or "", openmetrics)


def _note(metadata: dict[str, Metadata], keyword: str, name: str, text: str, openmetrics: bool) -> str:
    known = metadata.get(name, _EMPTY)
    if keyword == "HELP":
        unescaped = text.replace(r"\n", " ").replace(r"\\", "\\")
        metadata[name] = replace(known, help=clean(unescaped))
    elif keyword == "UNIT":
        if text and not name.endswith("_" + text) and not name.endswith("." + text):
            return f"the unit {clean(text, 40)} does not end the name {name}"
        metadata[name] = replace(known, unit=clean(text, 100))
    else:
        if text not in (_OPEN_TYPES if openmetrics else _TYPES):
            return f'"{clean(text, 40)}" is no metric type'
        metadata[name] = replace(known, type="unknown" if text == "untyped" else text)
    return ""


def _plain(name: str) -> str:
    if name[0] == '"':
        name = name[1:-1].replace(r"\"", '"').replace(r"\n", "\n").replace(r"\\", "\\")
    return clean(name)
