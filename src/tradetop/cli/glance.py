"""The glance: what the bots answer first, asked for before anything else of the engine is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tradetop.model.clock import SECOND, Clock

if TYPE_CHECKING:
    from tradetop.recorder.watch import Watch
    from tradetop.scrape.scrape import Scrape, Scraper

PATIENCE = 300
"""How long the histories wait for the bots' first answers (ms)."""


class Glance:
    """Asks every bot once, at once; the watch that goes on with a scraper gets that same answer."""

    def __init__(self, scrapers: Sequence[Scraper | None], clock: Clock) -> None:
        self._scrapers = scrapers
        self._asked = [None if scraper is None else scraper.begin(clock.now()) for scraper in scrapers]

    async def answers(self) -> list[Scrape | None]:
        """What has been answered in `PATIENCE`; None for whom it was not, or who was not asked."""
        asked = [answer for answer in self._asked if answer is not None]
        if asked:
            await asyncio.wait(asked, timeout=PATIENCE / SECOND)
        return [answer.result() if answer is not None and answer.done() else None for answer in self._asked]

    def hand_over(self, watches: Sequence[Watch]) -> None:
        """Let each watch go on with the scraper that has asked."""
        for watch, scraper in zip(watches, self._scrapers, strict=False):
            if scraper is not None:
                watch.scrape_with(scraper)
