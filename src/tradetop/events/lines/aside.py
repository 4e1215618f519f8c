"""Reading aside: a disk that has died must neither stop the recorder nor keep it from ending."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

_CLOSING = 0.2
"""Longest wait for a read to end (seconds): quitting has 0.3."""


class Aside:
    """Runs one call at a time in a thread of its own, which ends with the call or with the program."""

    def __init__(self) -> None:
        self._running: Thread | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """What the call gives, or raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def work() -> None:
            result: T | None = None
            error: BaseException | None = None
            try:
                result = call()
            except BaseException as caught:  # noqa: BLE001 - it is raised where the result is awaited
                error = caught
            with suppress(RuntimeError):  # Nobody waits any more: the loop is closed.
                loop.call_soon_threadsafe(settle, result, error)

        self._running = Thread(target=work, name="tradetop-lines", daemon=True)
        self._running.start()
        return await future

    def finish(self) -> bool:
        """Wait a moment for the last call to end; whether it has."""
        if self._running is not None:
            self._running.join(_CLOSING)
        return self._running is None or not self._running.is_alive()
