"""The output wall: whatever got past the entry, no control character reaches the terminal."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Control characters, line separators, invisible and bidirectional marks, surrogates."""

REPLACEMENT = "�"


class Wall(LineFilter):
    """Replaces what could be an order to the terminal, and counts it: a hit is a fault of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.hits = 0

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's port.
        """What Textual calls for every line that it renders itself."""
        return self.tame(segments)

    def tame(self, segments: list[Segment]) -> list[Segment]:
        """The segments without control characters; the same list where there are none."""
        if not any(_UNSAFE.search(segment.text) for segment in segments):
            return segments
        return [Segment(self._harmless(segment.text), segment.style) for segment in segments]

    def _harmless(self, text: str) -> str:
        plain, hits = _UNSAFE.subn(REPLACEMENT, text)
        self.hits += hits
        return plain
