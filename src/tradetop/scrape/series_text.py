"""The series part of an exposition line, as in `name{label="value"}`, for both text formats."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from tradetop.floats import format_general
from tradetop.model.labels import NAME, Labels
from tradetop.model.text import clean

LABEL_COUNT_LIMIT = 64
NAME_LIMIT = 256
"""Longest metric or label name, in characters."""
VALUE_LIMIT = 4_096
"""Longest label value, in characters."""

_STRING = r'"(?:[^"\\]|\\.)*"'
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_SPACE = re.compile(r"[ \t]*")
_ITEM = re.compile(rf"([a-zA-Z_][a-zA-Z0-9_]*|{_STRING})[ \t]*(=)?[ \t]*({_STRING})?")
_ESCAPE = re.compile(r'\\([\\"n])')
_UNESCAPED = {"\\": "\\", '"': '"', "n": "\n"}


class BadLineError(ValueError):
    """Why a line cannot be read, in a few words."""


def read_series(line: str) -> tuple[dict[str, str], int]:
    """The labels (with `__name__`) at the start of a line, and where they end. Raises BadLineError.

    Names may be quoted inside the braces, as Prometheus 3 allows: `{"a.b",c="d"}`. All texts come out clean.
    """
    labels: dict[str, str] = {}
    at = _skip(line, 0)
    match = _METRIC.match(line, at)
    if match:
        labels[NAME] = match.group()
        at = match.end()
    brace = _skip(line, at)
    if line[brace : brace + 1] == "{":
        at = _read_braces(line, brace + 1, labels)
    elif not match:
        raise BadLineError("no metric name at its start")
    if NAME not in labels:
        raise BadLineError("no metric name")
    _check_size(labels)
    return {clean(name, NAME_LIMIT): clean(value, VALUE_LIMIT) for name, value in labels.items()}, at


def _read_braces(line: str, at: int, labels: dict[str, str]) -> int:
    """Read what stands in braces into `labels`; gives the position after the closing one."""
    at = _skip(line, at)
    while line[at : at + 1] != "}":
        item = _ITEM.match(line, at)
        if not item:
            raise BadLineError(_item_problem(line, at))
        name, equals, value = item.groups()
        if equals and value is None:
            raise BadLineError(f"the value of label {clean(name, 40)} is not in quotes, or they do not close")
        _add(labels, name, value)
        at = _skip(line, item.end())
        if line[at : at + 1] == ",":
            at = _skip(line, at + 1)
        elif line[at : at + 1] != "}":
            raise BadLineError("no comma or closing brace after a label")
    return at + 1


def _add(labels: dict[str, str], name: str, value: str | None) -> None:
    quoted = name[0] == '"'
    text = _unescape(name) if quoted else name
    if value is None:
        if not quoted:
            raise BadLineError(f"label {clean(name, 40)} has no value")
        name, value = NAME, text
        if not value:
            raise BadLineError("an empty metric name")
    else:
        name, value = text, _unescape(value)
        if not name:
            raise BadLineError("an empty label name")
    if name in labels:
        raise BadLineError("two metric names" if name == NAME else f"label {clean(name, 40)} stands twice")
    labels[name] = value


def _item_problem(line: str, at: int) -> str:
    rest = line[at:]
    if not rest:
        return "no closing brace"
    if rest[0] == '"':
        return "a quote that does not close"
    return f"{clean(rest[0])} where a label name should be"


def _check_size(labels: Mapping[str, str]) -> None:
    if len(labels) > LABEL_COUNT_LIMIT:
        raise BadLineError(f"{len(labels)} labels, more than {LABEL_COUNT_LIMIT}")
    for name, value in labels.items():
        if name == NAME and len(value) > NAME_LIMIT:
            raise BadLineError(f"a metric name of {len(value):,} characters, more than {NAME_LIMIT}")
        if len(name) > NAME_LIMIT:
            raise BadLineError(f"a label name of {len(name):,} characters, more than {NAME_LIMIT}")
        if len(value) > VALUE_LIMIT:
            raise BadLineError(f"label {clean(name, 40)} of {len(value):,} characters, more than {VALUE_LIMIT:,}")


def with_target(page: Mapping[str, str], target: Mapping[str, str]) -> Labels:
    """A page's labels with the target's own put over them; a label of the page that clashes becomes `exported_...`.

    `le` and `quantile` become the float text that Prometheus 3 stores ("1" becomes "1.0").
    """
    labels: dict[str, str] = {}
    for name, value in page.items():
        if not value:
            continue  # An empty label is an absent one.
        if (name == "le" and page[NAME].endswith("_bucket")) or name == "quantile":
            value = normal_float(value)
        kept = name
        while kept in target or (kept != name and kept in page):
            kept = "exported_" + kept
        labels[kept] = value
    return Labels({**labels, **target})


def normal_float(text: str) -> str:
    """A float as Prometheus 3 writes it in `le` and `quantile` (model/textparse, formatOpenMetricsFloat)."""
    try:
        value = float(text)
    except ValueError:
        return text
    if "_" in text or not text.isascii():
        return text
    shown = format_general(value)
    return shown if not math.isfinite(value) or "e" in shown or "." in shown else shown + ".0"


def _unescape(quoted: str) -> str:
    inner = quoted[1:-1]
    return _ESCAPE.sub(lambda m: _UNESCAPED[m.group(1)], inner) if "\\" in inner else inner


def _skip(line: str, at: int) -> int:
    match = _SPACE.match(line, at)
    return match.end() if match else at
