"""A line taken apart: an object, or the fields of a plain text, and the mapping that fits it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tradetop.events import metadata
from tradetop.events.lines import plain
from tradetop.events.lines.line import LINE_LIMIT, Line
from tradetop.events.lines.mapping import LineMapping, built_in, mapping
from tradetop.events.lines.rule import Said
from tradetop.events.lines.severity import ERROR
from tradetop.model.lines import Form

TEXT = "text"
_MOST_MORE = 100
"""Further lines kept of one traceback."""


class Taken(NamedTuple):
    """A line that could be read."""

    line: Line
    text: str
    said: Said
    mapping: LineMapping

    @property
    def is_object(self) -> bool:
        """Whether it was written as one, and not as text."""
        return self.said.document is not self.said.values

    def raw(self, limit: int) -> str:
        """The line as JSON; of text that is the line itself, cut at `limit` characters, in an object."""
        if self.is_object:
            return self.text
        more = {"traceback": "\n".join(self.said.more)[:limit]} if self.said.more else {}
        return json.dumps({"line": self.text.split("\n")[0][:limit], **more}, ensure_ascii=False)


class Taking:
    """Takes lines apart; `lost` hears of each that cannot be: where it stands, and why."""

    def __init__(self, form: Form, name: str, lost: Callable[[str, str], None]) -> None:
        self._form = form
        self._name = name
        self._lost = lost
        self._known: tuple[LineMapping, ...] = ()

    def check(self) -> None:
        """EventError where the mapping that was named is none."""
        if not self._known:
            self._known = (mapping(self._name),) if self._name else built_in()

    def take(self, lines: Sequence[Line], now: int) -> Iterator[Taken]:
        """The lines that can be read, the pieces of a traceback with the line that they belong to; `now` is in ms."""
        self.check()
        last: Taken | None = None
        for line in lines:
            text = line.text.decode("utf-8", "replace").strip("\r\n\0").removeprefix("\ufeff")
            if not text.strip():
                continue
            taken = self._object(line, text)
            if taken is None and self._form is Form.TEXT:
                if last is not None and not last.is_object and _belongs(text, last):
                    if len(last.said.more) < _MOST_MORE:
                        last.said.more.append(text)
                    continue
                taken = self._plain(line, text, now)
            if taken is None:
                self._lost(line.id, _fault(line, text))
                continue
            if last is not None:
                yield last
            last = taken
        if last is not None:
            yield last

    def _object(self, line: Line, text: str) -> Taken | None:
        if self._name == TEXT or not text.lstrip().startswith("{") or line.size:
            return None
        read = metadata.read(text)
        if not isinstance(read.document, dict):
            return None
        fitting = self._known[0]
        if not self._name:
            fitting = next(m for m in self._known if all(key in read.document for key in m.detect))
        return Taken(line, text, Said(read.document, read.values, line.priority), fitting)

    def _plain(self, line: Line, text: str, now: int) -> Taken:
        first, *more = text.split("\n")
        said = plain.fields(first, now)
        priority = line.priority or (ERROR if plain.goes_on(first) else "")
        fitting = self._known[0] if self._name == TEXT else built_in()[-1]
        return Taken(line, text, Said(said, said, priority, more[:_MOST_MORE]), fitting)


def _belongs(text: str, last: Taken) -> bool:
    """Whether a line goes on with the text before it."""
    return plain.goes_on(text) or (bool(last.said.more) and plain.is_fault(text))


def _fault(line: Line, text: str) -> str:
    if line.size:
        return f"{line.size:,} bytes long, only {LINE_LIMIT >> 20} MiB of a line is read"
    return "not a JSON object" if not text.lstrip().startswith("{") else "broken JSON"
