"""Metrics pages in the text format 0.0.4 and in OpenMetrics: a bad line costs that line and is named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isfinite

from tradetop.model.labels import NAME, Labels
from tradetop.model.target import LineError
from tradetop.model.text import clean
from tradetop.scrape.comments import EOF, LINE_SHOWN, Comments, read_comments
from tradetop.scrape.page import Page
from tradetop.scrape.sample_line import EXEMPLAR_MARK, read_rest
from tradetop.scrape.series_text import BadLineError, read_series, with_target

SAMPLE_LIMIT = 50_000
ERRORS_SHOWN = 20
_SPARE = 1_000
"""Series texts remembered beyond twice a page's own, before all are forgotten."""
_HTML = ("<!doctype", "<html", "<head", "<body", "<?xml")
_METRIC = re.compile(r"[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)")
_NO_LINE_END = "the page ends within this line, so its value may be cut: end the page with a line feed"
_CUT = "the page was cut off: OpenMetrics ends with # EOF, and this page does not"


class PageParser:
    """Reads the pages of one target; series texts that it has seen before are not read again."""

    def __init__(self, labels: Mapping[str, str], limit: int = SAMPLE_LIMIT) -> None:
        """`labels` are the target's own: job, instance and what its user adds."""
        self._target = {name: value for name, value in labels.items() if value}
        self._limit = limit
        self._known: dict[str, Labels] = {}
        self._comment_lines: tuple[list[str], list[int], bool] = ([], [], False)
        self._comments = Comments()

    def parse(self, text: str, content_type: str = "text/plain") -> Page:
        """Read a page; no page makes it raise."""
        body = text.removeprefix("\ufeff")
        if "\r" in body and body.count("\r\n") == body.count("\n"):
            body = body.replace("\r\n", "\n")
        start = body[:200].lstrip().lower()
        if start.startswith(_HTML) or (start.startswith("<") and content_type.startswith("text/html")):
            return Page({}, {}, html=True, refused_by_prometheus=True)
        reading = _Reading("openmetrics" in content_type, body != text or content_type.startswith("text/html"))
        lines = body.split("\n")
        _take_end(lines, reading)
        if len(lines) > self._limit and (problem := _too_many(lines, self._limit)):
            return Page({}, {}, problem=problem)
        self._take(lines, reading)
        return self._page(lines, reading)

    def _take(self, lines: list[str], reading: _Reading) -> None:
        """Read the lines; the commonest kind, a series known before, must cost the least."""
        known, series, values = self._known, reading.series, reading.values
        for number, line in enumerate(lines, 1):
            key, _, tail = line.rpartition(" ")
            labels = known.get(key)
            if labels is not None and "_" not in tail and tail.isascii() and tail.isprintable():
                try:
                    value = float(tail)
                except ValueError:
                    value, tail = inf, ""
                # What is not finite ends in a letter, or is one of the slow path's faults.
                if isfinite(value) or tail[-1:] > "9":
                    series.append(labels)
                    values.append(value)
                    continue
            self._take_slowly(number, line, reading)

    def _take_slowly(self, number: int, line: str, reading: _Reading) -> None:
        """Read a line that is a comment, is new, has a timestamp or an exemplar, or is bad."""
        if (line if reading.openmetrics else line.lstrip(" \t"))[:1] == "#":
            reading.comments.append(line)
            reading.comment_numbers.append(number)
            return
        if not line.strip(" \t") and not reading.openmetrics:
            return
        try:
            labels, rest = self._series(line, reading.openmetrics)
            value = read_rest(rest, reading.openmetrics)
        except BadLineError as problem:
            reading.fault(number, line, str(problem))
            return
        reading.series.append(labels)
        reading.values.append(value)
        if EXEMPLAR_MARK in rest and not reading.openmetrics:
            reading.refused = True

    def _series(self, line: str, openmetrics: bool) -> tuple[Labels, str]:
        """The series at the start of a line, and the rest of it. Raises BadLineError."""
        head = line.partition(EXEMPLAR_MARK)[0]
        for key in (head.rpartition(" ")[0], head.rpartition(" ")[0].rpartition(" ")[0]):
            labels, rest = self._known.get(key), line[len(key) :]
            if labels is not None and rest.lstrip(" \t")[:1] != "{":
                return labels, rest
        if openmetrics and line[:1] in ("", " ", "\t"):
            raise BadLineError("an empty line, or a space before the name, which OpenMetrics does not allow")
        page_labels, end = read_series(line)
        labels = with_target(page_labels, self._target)
        if line[0] not in " \t" and line[end : end + 1] in (" ", "\t"):
            self._known[line[:end]] = labels
        return labels, line[end:]

    def _page(self, lines: list[str], reading: _Reading) -> Page:
        comments = self._read_comments(reading)
        samples = dict(zip(reading.series, reading.values, strict=True))
        duplicates = len(reading.series) - len(samples)
        if duplicates:  # The first counts, as in Prometheus.
            samples = dict(zip(reversed(reading.series), reversed(reading.values), strict=True))
        if len(self._known) > 2 * len(samples) + _SPARE:
            self._known.clear()  # Series that keep changing must not fill the memory.
        errors = sorted(reading.errors + comments.errors, key=lambda error: error.line)
        return Page(
            samples,
            comments.metadata,
            tuple(errors[:ERRORS_SHOWN]),
            reading.error_count + len(comments.errors),
            duplicates,
            reading.refused or any(error.problem != _NO_LINE_END for error in errors),
            comment="" if samples else comments.words or _first_words(lines),
            problem=reading.cut,
        )

    def _read_comments(self, reading: _Reading) -> Comments:
        lines = (reading.comments, reading.comment_numbers, reading.openmetrics)
        if lines != self._comment_lines:  # Most pages repeat them word for word.
            self._comment_lines, self._comments = lines, read_comments(*lines)
        return self._comments


@dataclass(slots=True)
class _Reading:
    """One page while it is being read."""

    openmetrics: bool
    refused: bool
    series: list[Labels] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    comment_numbers: list[int] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    error_count: int = 0
    cut: str = ""

    def fault(self, number: int, line: str, problem: str) -> None:
        self.error_count += 1
        if len(self.errors) < ERRORS_SHOWN:
            self.errors.append(LineError(number, clean(line, LINE_SHOWN), problem))


def _take_end(lines: list[str], reading: _Reading) -> None:
    """Take the page's end off its lines: a number that may be cut is not a number."""
    last = lines.pop()
    if reading.openmetrics:
        if last == EOF:
            return
        if not last and lines and lines[-1] == EOF:
            lines.pop()
            return
        if last:
            lines.append(last)
        if EOF not in lines:
            reading.cut, reading.refused = _CUT, True
            return
        at = lines.index(EOF)
        reading.fault(at + 2, "".join(lines[at + 1 : at + 2]), "text after # EOF")
        del lines[at:]
    elif last.lstrip(" \t").startswith("#"):
        lines.append(last)
    elif last.strip():
        reading.fault(len(lines) + 1, last, _NO_LINE_END)


def _too_many(lines: list[str], limit: int) -> str:
    """The refusal of a page with more samples than `limit`, or ""; it names the metric with the most."""
    counts = Counter(
        match.group(1) if (match := _METRIC.match(line)) else "" for line in lines if line[:1] not in ("", "#")
    )
    total = sum(counts.values())
    if total <= limit:
        return ""
    ((name, count),) = counts.most_common(1)
    return (
        f"too many series ({total:,} > {limit:,}): nothing of the page is used; "
        f"most are {clean(name, 60) or 'quoted names'} ({count:,}): a label of it has too many values"
    )


def _first_words(lines: list[str]) -> str:
    """The first line that is not empty and no comment, cleaned."""
    return next((clean(line.strip(), 200) for line in lines if line.strip() and not line.lstrip().startswith("#")), "")


def raw_lines(text: str, labels: Labels) -> tuple[str, ...]:
    """The lines of a page that gave the series `labels` (as stored, with the target's labels), cleaned.

    The target's labels need not be known: of the lines whose every label is in `labels`, those with the most win.
    """
    needle = labels.name
    found: list[tuple[int, str]] = []
    for line in text.split("\n"):
        if line[:1] == "#" or (needle.isidentifier() and needle not in line):
            continue
        matched = _matched(line, labels)
        if matched:
            found.append((matched, clean(line.strip())))
    most = max((matched for matched, _ in found), default=0)
    return tuple(line for matched, line in found if matched == most)


def _matched(line: str, labels: Labels) -> int:
    """How many labels of a line are in `labels`; 0 unless all are."""
    try:
        page, _ = read_series(line)
    except BadLineError:
        return 0
    normal = with_target(page, {})
    if normal.name != labels.name:
        return 0
    for name, value in normal.items():
        if name != NAME and value not in (labels.get(name), labels.get("exported_" + name)):
            return 0
    return len(normal)
