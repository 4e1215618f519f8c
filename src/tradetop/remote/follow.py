"""Following one target on a server: its raw samples, first the newest, then the past, then what is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tradetop.model.clock import HOUR, SECOND
from tradetop.model.ports import Metadata
from tradetop.model.value import Matrix, Scalar, Series, Vector
from tradetop.remote.address import ServerAddress, selector, without_ours
from tradetop.remote.answer import Answer
from tradetop.remote.faults import ServerError
from tradetop.remote.scrapes import SETTLED, Scrapes, Sorter
from tradetop.remote.server import Server

MOST = 20_000
"""Series that one target may have."""
AT_ONCE = 60_000
"""Samples that are asked for at one time."""
LONGEST = HOUR
MARGIN = 5 * SECOND
"""How far beyond the last sample is looked back (ms): what arrives late is not missed."""
SKEW = 5 * SECOND
"""A difference of clocks (ms) that is worth a word."""


@dataclass(frozen=True, slots=True)
class Attached:
    """What is known of the target before its first samples."""

    series: int
    metadata: dict[str, Metadata]


class Follower:
    """Reads one target's series from a server; every method raises FetchError where that fails."""

    def __init__(self, server: Server, address: ServerAddress, interval: int) -> None:
        """`interval` is how often the target is scraped (ms)."""
        self.server = server
        self.address = address
        self._interval = interval
        self._sorter = Sorter()
        self._selector = selector(without_ours(address.matchers()))
        self.ahead = 0
        """Milliseconds that the server's clock is ahead of ours."""
        self.notes: tuple[str, ...] = ()
        """What the server says of its last answer, and what of it is left out."""

    async def attach(self, now: int) -> Attached:
        """Look at clock, size and metadata; ServerError where there are more series than can be followed."""
        clock = (await self.server.instant("time()")).value
        if isinstance(clock, Scalar):
            self.ahead = round(clock.value * SECOND) - now
        count = await self._count()
        if count > MOST:
            where, most = self.server.where, f"{MOST:,}"
            raise ServerError(
                "too many series",
                f"{count:,} series of {self.address.url} at {where}, and at most {most} can be followed:"
                ' narrow it with &match={__name__=~"..."}',
            )
        job, instance = next(iter(self.address.jobs), ""), next(iter(self.address.instances), "")
        names = await self._names()
        try:
            metadata = await self.server.metadata(job, instance, names)
        except ServerError:
            # Many servers have none: the types are told by the names then.
            metadata = {}
        return Attached(count, metadata)

    async def newest(self, since: int, now: int) -> Scrapes:
        """What came after `since` (ms, of the server's clock), at our `now` (ms)."""
        at = now + self.ahead
        span = max(at - since, 0) + MARGIN
        return self._sorter.take(await self._raw(at, span), since, at)

    async def between(self, start: int, end: int, sorter: Sorter | None = None) -> Scrapes:
        """What came after `start`, up to `end` (ms, of the server's clock), long enough ago to be whole."""
        return (sorter or self._sorter).take(await self._raw(end, end - start), start, end + SETTLED)

    def past(self) -> Sorter:
        """What sorts samples from before those that have been read."""
        return self._sorter.past()

    def chunks(self, start: int, end: int, series: int) -> Iterator[tuple[int, int]]:
        """Spans of time (ms) from `start` to `end`, each with as many samples as may come at once."""
        width = self.chunk(series)
        for at in range(start, end, width):
            yield at, min(at + width, end)

    def chunk(self, series: int) -> int:
        """How long a span may be (ms) in which so many series have as many samples as may come at once."""
        return max(2 * self._interval, min(LONGEST, AT_ONCE // max(1, series) * self._interval))

    async def _raw(self, at: int, span: int) -> Sequence[Series]:
        """The samples of the last `span` at `at` (ms), each with its own time."""
        answer = await self.server.instant(f"{self._selector}[{max(1, span)}ms]", at)
        self._note(answer)
        if not isinstance(answer.value, Matrix):
            raise ServerError("no answer", f"{self.server.where} answers a range of samples with something else")
        series = answer.value.series
        if len(series) > MOST:
            raise ServerError("too many series", f"{len(series):,} series at {self.server.where}: narrow the address")
        return series

    def _note(self, answer: Answer) -> None:
        said = [*answer.notes]
        if abs(self.ahead) > SKEW:
            way = "ahead of" if self.ahead > 0 else "behind"
            said.append(f"its clock is {abs(self.ahead) / SECOND:.0f} s {way} this machine's: ages are wrong by that")
        self.notes = tuple(f"{self.server.where}: {line}" for line in said)

    async def _count(self) -> int:
        value = (await self.server.instant(f"count({self._selector})")).value
        return int(value.samples[0].value) if isinstance(value, Vector) and value.samples else 0

    async def _names(self) -> frozenset[str]:
        value = (await self.server.instant(f"count by (__name__) ({self._selector})")).value
        return frozenset(s.labels.name for s in value.samples) if isinstance(value, Vector) else frozenset()
