"""What follows the series on an exposition line: the value, a timestamp, an exemplar."""

from __future__ import annotations

import math
import re

from tradetop.model.text import clean
from tradetop.scrape.series_text import BadLineError

EXEMPLAR_MARK = " # {"
_EXEMPLAR = re.compile(
    r'(?:(?:[a-zA-Z_][a-zA-Z0-9_]*|"(?:[^"\\]|\\.)*")="(?:[^"\\]|\\.)*",?)*\} (\S+)(?: ([0-9.eE+-]+))?'
)
_TEXT_TIME = re.compile(r"-?[0-9]+")
_OPEN_TIME = re.compile(r"-?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?")


def read_value(text: str) -> float:
    """A sample's value; Go's rules, as far as a page can hold them. Raises BadLineError."""
    shown = clean(text, 30)
    if "_" in text or not text.isascii() or not text.isprintable():
        raise BadLineError(f"{shown} is no number")
    try:
        value = float(text)
    except ValueError:
        raise BadLineError(f"{shown} is no number") from None
    if math.isinf(value) and text[-1].isdigit():
        raise BadLineError(f"{shown} is beyond what a 64-bit float can hold")
    return value


def read_rest(rest: str, openmetrics: bool) -> float:
    """The value on a line after its series; a timestamp is checked and ignored, as an exemplar is.

    Raises BadLineError.
    """
    rest, mark, exemplar = rest.partition(EXEMPLAR_MARK)
    if mark:
        _check_exemplar(exemplar)
    if openmetrics and (rest[:1] != " " or "  " in rest or "\t" in rest or rest.endswith(" ")):
        raise BadLineError("no value after a single space" if rest.strip() else "no value")
    parts = rest.replace("\t", " ").split(" ")
    if parts[0]:
        raise BadLineError(f"{clean(parts[0], 20)} after the series, where a space should be")
    words = [part for part in parts if part]
    if not words:
        raise BadLineError("no value")
    value = read_value(words[0])
    if len(words) > 1 and not (_OPEN_TIME if openmetrics else _TEXT_TIME).fullmatch(words[1]):
        raise BadLineError(f"{clean(words[1], 30)} is no timestamp")
    if len(words) > 2:
        raise BadLineError(f"{clean(' '.join(words[2:]), 30)} after the timestamp")
    return value


def _check_exemplar(text: str) -> None:
    match = _EXEMPLAR.fullmatch(text)
    if not match:
        raise BadLineError("an exemplar that cannot be read")
    read_value(match.group(1))
