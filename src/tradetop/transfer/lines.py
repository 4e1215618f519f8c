"""Reading samples from text: what `promtool tsdb dump` writes, and OpenMetrics with timestamps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import BinaryIO

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.sample import STALE
from tradetop.model.text import clean
from tradetop.scrape.comments import EOF, read_comments
from tradetop.scrape.sample_line import EXEMPLAR_MARK, read_value
from tradetop.scrape.series_text import BadLineError, read_series, with_target

LINE_LIMIT = 2**20
"""Bytes of the longest line."""
KNOWN = 50_000
"""Series texts that are remembered before all are forgotten."""
SHOWN = 20
"""Faults that are kept; the others are counted."""
_EARLIEST, _LATEST = -(2**53), 2**53
_MILLISECONDS = 1e11
"""Seconds of the year 5138: who writes such a number means milliseconds."""

Sample = tuple[Labels, int, float]
"""A series, a time (ms), a value."""


class Lines:
    """Reads one file, line by line: a bad line costs that line, and its number is kept with what is wrong."""

    def __init__(self) -> None:
        self.faults: list[tuple[int, str]] = []
        self.fault_count = 0
        self.native = 0
        """Samples that are native histograms, which a history cannot hold."""
        self.metadata: dict[str, Metadata] = {}
        self.dump: bool | None = None
        """Whether the file is of promtool's form; None while no line has told."""
        self._known: dict[str, Labels] = {}
        self._numbers: set[Labels] = set()
        """Of a dump: the series whose last sample was a number."""

    def samples(self, file: BinaryIO) -> Iterator[Sample]:
        """The samples, in the file's order."""
        number = 0
        while raw := file.readline(LINE_LIMIT):
            number += 1
            if len(raw) == LINE_LIMIT and not raw.endswith(b"\n"):
                self._fault(number, f"a line of more than {LINE_LIMIT:,} bytes")
                while (more := file.readline(LINE_LIMIT)) and not more.endswith(b"\n"):
                    pass
                continue
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            if line.rstrip() == EOF:
                return
            if line.startswith("#"):
                self._comment(number, line)
            elif line.strip():
                try:
                    yield from self._sample(line)
                except BadLineError as problem:
                    self._fault(number, str(problem))

    def _sample(self, line: str) -> Iterator[Sample]:
        if self.dump is None:
            self.dump = line.startswith('{__name__="')
        head, _, rest = line.rpartition(" ")
        head, _, value = head.rpartition(" ")
        labels = self._known.get(head)
        if labels is None:
            found, end = read_series(line)
            # Only behind the series: its label values may hold anything.
            words = line[end:].partition(EXEMPLAR_MARK)[0].split()
            if words and words[0].startswith("{"):
                self.native += 1
                return
            if len(words) != 2:
                raise BadLineError(("no value", "no timestamp")[len(words)] if len(words) < 2 else "too many words")
            labels = self._remember(line[:end], with_target(found, {}))
            value, rest = words
        number, t = read_value(value), self._time(rest)
        yield labels, t, self._ended(labels, number) if self.dump else number

    def _remember(self, text: str, labels: Labels) -> Labels:
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known[text] = labels
        return labels

    def _time(self, text: str) -> int:
        """Milliseconds of a dump's timestamp, or of OpenMetrics' seconds."""
        try:
            if self.dump:
                t = int(text)
            else:
                seconds = float(text)
                if seconds >= _MILLISECONDS:
                    raise BadLineError(f"{clean(text, 30)} is no time in seconds: are they milliseconds?")
                t = round(seconds * 1_000)
        except (ValueError, OverflowError) as error:
            if isinstance(error, BadLineError):
                raise
            raise BadLineError(f"{clean(text, 30)} is no timestamp") from None
        if not _EARLIEST < t < _LATEST:
            raise BadLineError(f"{clean(text, 30)} is no timestamp")
        return t

    def _ended(self, labels: Labels, value: float) -> float:
        """A dump writes the staleness marker as any other NaN: one that follows a number is taken for it."""
        if not math.isnan(value):
            self._numbers.add(labels)
        elif labels in self._numbers:
            self._numbers.discard(labels)
            return STALE
        return value

    def _comment(self, number: int, line: str) -> None:
        comments = read_comments([line], [number], openmetrics=True)
        for name, told in comments.metadata.items():
            known = self.metadata.get(name, Metadata())
            self.metadata[name] = Metadata(told.type or known.type, told.help or known.help, told.unit or known.unit)

    def _fault(self, number: int, text: str) -> None:
        self.fault_count += 1
        if len(self.faults) < SHOWN:
            self.faults.append((number, text))
