"""Reports that are asked for on the screen: `report strategies grid momentum 30d`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tradetop.ask.answer import Reply, answer_of
from tradetop.cli.refusal import Refusal
from tradetop.cli.reports import ReportOptions, made
from tradetop.cli.sheets import cells
from tradetop.cli.units import duration
from tradetop.cli.whose import Events
from tradetop.cli.zone import Zone
from tradetop.model.clock import SystemClock
from tradetop.reports import REPORTS
from tradetop.reports.reading import Watch

WORD = "report"
"""How such a question begins."""
_SHAPE = f"report {'|'.join(REPORTS)} [STRATEGY]... [7d] [bot=NAME] [tag=NAME]"


def reported(words: Sequence[str], events: Events, store: Path, zone: Zone, watch: Watch | None = None) -> Reply:
    """The report that these words ask for; Refusal where they make no sense."""
    if not words:
        raise Refusal(_SHAPE)
    said = ReportOptions()
    for word in words[1:]:
        key, equals, value = word.partition("=")
        ago = duration(word) if word[:1].isdigit() else None
        if equals and key == "bot":
            said = replace(said, bot=value)
        elif equals and key == "tag":
            said = replace(said, tag=value)
        elif ago:
            said = replace(said, since=SystemClock().now() - ago)
        else:
            said = replace(said, strategies=(*said.strategies, word))
    found, about = made(words[0], events, store, said, zone, watch)
    head, *rows = cells(found, about) if found.rows else [["nothing"]]
    span = f"{zone.stamp(found.window.since)} to {zone.stamp(found.window.until)}"
    return Reply("", "; ".join([f"{WORD} {found.name}{about.of}, {span}", *found.notes]), answer_of(head, rows))
