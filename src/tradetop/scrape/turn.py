"""Turns: at most one connection to a server at one time, for many bots serve one request after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tradetop.model.clock import SECOND


class Turn:
    """Taken by whoever talks to one server; scrape and probe of a target share it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def taken(self, patience: int | None = None) -> AsyncIterator[None]:
        """Wait for the turn, and hold it; after `patience` ms go ahead without it.

        A health endpoint that hangs must not hold up the metrics.
        """
        try:
            async with asyncio.timeout(None if patience is None else patience / SECOND):
                await self._lock.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            self._lock.release()
