"""The page's own lines behind a series, for the one who wants to see what the bot really said."""

from __future__ import annotations

from tradetop.model.labels import NAME, Labels
from tradetop.model.text import clean
from tradetop.scrape.series_text import BadLineError, read_series, with_target


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
