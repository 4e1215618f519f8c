"""The heartbeat: somebody outside is told that recording works, and notices when it is told no more."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from tradetop.model.clock import SECOND
from tradetop.model.target import STALE_AFTER, Secret, Target, TargetStatus
from tradetop.model.text import clean
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import Fetch, fetch

DEADLINE = 10 * SECOND
"""How long one ping may take (ms)."""
RETRY = 10 * SECOND
"""When a ping that did not arrive is tried again (ms), where the interval is not shorter."""
LIMIT = 64 * 1024
"""Most bytes of an answer that are read."""


class Heartbeat:
    """Pings a URL while all is well, and the same URL with `/fail` behind it while something is not."""

    def __init__(self, url: Secret, interval: int, fetch: Fetch = fetch) -> None:
        """`interval` (ms) is the least time between two pings that say the same."""
        self._url = url
        self._interval = interval
        self._fetch = fetch
        self._due = 0
        self._well: bool | None = None
        self.notice = ""
        """Why the last ping did not arrive; the URL is a secret and not named."""

    async def beat(self, now: int, trouble: str) -> None:
        """Ping at `now` (ms) if it is time to, or if there is `trouble` now and there was none, or the reverse."""
        well = not trouble
        if well is self._well and now < self._due:
            return
        self._well = well
        url = self._url.reveal()
        try:
            await self._fetch(
                url if well else failing(url), deadline=DEADLINE, limit=LIMIT, accept="*/*", statuses=range(200, 300)
            )
        except FetchError as error:
            self.notice = f"{clean(urlsplit(url).hostname or '', 80)} was not reached ({error.word})"
            self._due = now + min(self._interval, RETRY)
        else:
            self.notice = ""
            self._due = now + self._interval


def failing(url: str) -> str:
    """The URL that says that something is wrong, as healthchecks.io has it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail"))


def trouble(watched: Iterable[tuple[Target, TargetStatus, str]], since: int, now: int) -> str | None:
    """What is wrong at `now` (ms) with recording these targets, which began at `since` (ms); "" where nothing is.

    Each comes with why no history of it is kept or nobody can be notified, or "". None while one of them has not had
    its first turn. A bot that is down is trouble too, once it has been for long enough to be believed.
    """
    found = []
    for target, status, unkept in watched:
        if (status.tried_at or 0) < since:
            return None
        if unkept:
            found.append(f"{target.name}: {unkept}")
        elif now - max(status.scraped_at or 0, since) > STALE_AFTER * target.interval:
            found.append(f"{target.name}: {status.reason or status.database_reason or 'not scraped'}")
    return "; ".join(found)
