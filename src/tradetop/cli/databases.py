"""Whether event databases can be read, before anything is shown; apart from other checks, which load far more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tradetop.cli.refusal import Refusal
from tradetop.events.fault import EventError, LockedError
from tradetop.events.opening import check_address, open_store
from tradetop.model.address import is_remote
from tradetop.model.clock import SystemClock
from tradetop.model.target import Target


def check_databases(targets: Sequence[Target]) -> None:
    """Refusal where event databases cannot be: they are missing, no SQLite files with events, or no addresses.

    No server is asked: it may be away, and the screen says so while it is.
    """
    wrong = []
    for target in targets:
        try:
            check_address(target.database)
            if not is_remote(target.database):
                asyncio.run(_check(target.database))
        except LockedError:
            # A lock passes; the screen says so while it lasts.
            continue
        except EventError as error:
            wrong.append(str(error))
    if wrong:
        raise Refusal("\n".join(wrong))


async def _check(address: str) -> None:
    database = open_store(address, SystemClock())
    try:
        await database.check()
    finally:
        await database.close()
