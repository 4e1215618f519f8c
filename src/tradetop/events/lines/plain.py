"""Plain text lines: the time at the beginning, the word for the level, the message."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from tradetop.events.lines.severity import WORDS
from tradetop.events.metadata import Scalar
from tradetop.events.moment import milliseconds
from tradetop.model.clock import DAY

_HEAD = 240
"""Characters in which a line says when it was and how bad."""
_ISO = r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_SYSLOG = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})?"
_EPOCH = r"1\d{9}(?:\d{3}|\.\d{1,9})?(?=[\s\])])"
_TIME = re.compile(rf"[\[(]?(?:(?P<iso>{_ISO})|(?P<syslog>{_SYSLOG})|(?P<epoch>{_EPOCH}))[\])]?[\s,|:-]*", re.ASCII)
_ZONED = re.compile(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$")
_MOST_BEFORE = 5
"""Words in which the level must come: a logger's or a host's name, a thread, a process' number may stand before it."""
_MARKS = "[](){}<>|:,-"
_TOKEN = re.compile(r"\S+")
_NOTED = re.compile(r"[._/@:|\d\[\](){}<>#]", re.ASCII)
"""What words of a sentence rarely have, and names before a level do."""
_HOST = re.compile(r"\S{1,80} (?=[\w.@/-]{1,60}(?:\[\d+\])?: )", re.ASCII)
"""What syslog puts between the time and the program's name."""
_FAULT = re.compile(
    r"(?:[A-Za-z_]\w*\.){0,8}[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Timeout)(?::\s|$)|panic: ", re.ASCII
)
_GOES_ON = re.compile(
    r"\s|$|Traceback \(most recent call last\)|The above exception was |During handling of the above |Caused by: "
    r"|[}\])]+$"
)


def fields(text: str, now: int) -> dict[str, Scalar]:
    """What a line of plain text says: `message`, and `time` (ms), `level` and `logger` where it tells them.

    A time without a zone is taken as this machine's; one without a year as the last before `now` (ms).
    """
    said: dict[str, Scalar] = {}
    rest = text.strip()
    stamp = _TIME.match(rest[:_HEAD])
    if stamp is not None and (t := _moment(stamp, now)) is not None:
        said["time"] = t
        rest = rest[stamp.end() :]
        if stamp["syslog"] and (host := _HOST.match(rest)):
            rest = rest[host.end() :]
    level = _level(rest[:_HEAD])
    if level is not None:
        said["level"] = level.word
        if before := rest[: level.start].strip(" -|:,"):
            said["logger"] = before.strip("[](){}<>") if before[0] in "[(<" else before
        rest = rest[level.end :].lstrip(" \t:|-]")
    elif _FAULT.match(rest[:_HEAD]):
        said["level"] = "error"
    said["message"] = rest or text.strip()
    return said


def goes_on(text: str) -> bool:
    """Whether a line belongs to the one before: it is indented, empty, or a piece of a traceback."""
    return _GOES_ON.match(text) is not None


def is_fault(text: str) -> bool:
    """Whether a line is how a traceback ends: `ValueError: what was wrong`."""
    return _FAULT.match(text[:_HEAD]) is not None


class _Level(NamedTuple):
    """The word for the level, and where it stands."""

    word: str
    start: int
    end: int


def _level(head: str) -> _Level | None:
    """The level among the first words: in capitals or in brackets, after nothing but names."""
    tokens = list(islice(_TOKEN.finditer(head), _MOST_BEFORE))
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        text = token[0]
        word = text.strip(_MARKS)
        if word.lower() in WORDS and (word.isupper() or text[0] in "[(<"):
            return _Level(word, token.start(), token.end())
        first = text.partition(":")[0]
        if first.isupper() and first.lower() in WORDS:
            return _Level(first, token.start(), token.start() + len(first) + 1)
        named = not word or _NOTED.search(text) or (after is not None and not after[0].strip(_MARKS))
        if not named:
            return None
    return None


def _moment(stamp: re.Match[str], now: int) -> int | None:
    if stamp["epoch"]:
        return milliseconds(stamp["epoch"])
    try:
        if stamp["iso"]:
            text = stamp["iso"].replace("/", "-").replace(",", ".")
            if _ZONED.search(text):
                return milliseconds(text.replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
            return _local(datetime.fromisoformat(text))
        year = datetime.fromtimestamp(now / 1_000, UTC).year
        text = stamp["syslog"].partition(".")[0]
        t = _of_year(year, text)
        return t if t <= now + DAY else _of_year(year - 1, text)
    except (ValueError, OverflowError, OSError):
        return None


def _of_year(year: int, text: str) -> int:
    return _local(datetime.strptime(f"{year} {' '.join(text.split())}", "%Y %b %d %H:%M:%S"))  # noqa: DTZ007 - local


def _local(moment: datetime) -> int:
    """Programs write their logs in the time of the machine that they run on."""
    return round((moment if moment.tzinfo else moment.astimezone()).timestamp() * 1_000)
