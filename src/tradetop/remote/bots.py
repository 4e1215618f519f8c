"""Which of the targets that a server knows are bots."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tradetop.dashboards.choose import ANY, choose
from tradetop.model.clock import DAY, MINUTE, SECOND
from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.text import clean
from tradetop.model.value import Matrix, Scalar, Series, Vector
from tradetop.remote.address import ServerAddress, selector, without_ours
from tradetop.remote.faults import ServerError
from tradetop.remote.server import Server

PAST = 15 * MINUTE
"""How far back a target's `up` is looked at (ms): who is looked for has been scraped since."""
MOST = 500
"""Targets that are looked at."""
BOTS = 50
"""Bots that are shown at one time."""
_NAMED = 4
"""Targets that are named where they are left out."""


@dataclass(frozen=True, slots=True)
class ServedBot:
    """One target of a server that is a bot."""

    job: str
    instance: str
    interval: int = 10 * SECOND
    """How often the server scrapes it (ms)."""


@dataclass(frozen=True, slots=True)
class Found:
    """The bots of a server, and its other targets."""

    bots: tuple[ServedBot, ...]
    others: tuple[ServedBot, ...] = ()

    def left_out(self, where: str) -> str:
        """What is said of the other targets; "" where there are none."""
        if not self.others:
            return ""
        jobs = [*dict.fromkeys(clean(other.job, 40) for other in self.others)]
        named = ", ".join(jobs[:_NAMED]) + (f" and {len(jobs) - _NAMED} more" if len(jobs) > _NAMED else "")
        many = len(self.others)
        return (
            f"{where}: {many} target{'s' * (many > 1)} left out, whose metrics no preset knows (job {named}):"
            f" ?job={jobs[0]} in the address takes it"
        )


async def find(server: Server, address: ServerAddress) -> Found:
    """The bots that an address means: all targets that it names, else those whose metrics a preset knows.

    FetchError where the server does not answer, or has too many.
    """
    targets = await _targets(server, address)
    if address.names_all:
        found = Found(tuple(targets or await _without_up(server, address)))
    else:
        found = await _sorted(server, address, targets)
    if len(found.bots) > BOTS:
        many = len(found.bots)
        raise ServerError(
            "too many targets", f"{server.where} has {many} bots, and {BOTS} can be shown: ?job=NAME narrows them"
        )
    return found


async def newcomers(server: Server, address: ServerAddress, known: Collection[tuple[str, str]]) -> Found:
    """What `find` would find besides the targets of which job and instance are known; FetchError as there."""
    targets = [each for each in await _targets(server, address) if (each.job, each.instance) not in known]
    return Found(tuple(targets)) if address.names_all else await _sorted(server, address, targets)


async def _targets(server: Server, address: ServerAddress) -> list[ServedBot]:
    """The targets that an address may mean; ServerError where they are too many."""
    series = await _ups(server, address)
    if len(series) > MOST:
        raise ServerError(
            "too many targets", f"{server.where} has {len(series):,} targets: ?job=NAME in the address narrows them"
        )
    seen = {(s.labels.get("job", ""), s.labels.get("instance", "")): s for s in series}
    return [ServedBot(job, instance, _interval(s)) for (job, instance), s in sorted(seen.items())]


async def _sorted(server: Server, address: ServerAddress, targets: Sequence[ServedBot]) -> Found:
    """Targets whose metrics a preset knows, and the others."""
    fits = await asyncio.gather(*(_is_bot(server, address, target) for target in targets))
    fitting = tuple(target for target, fit in zip(targets, fits, strict=True) if fit)
    return Found(fitting, tuple(target for target, fit in zip(targets, fits, strict=True) if not fit))


def only_one(found: Found, where: str) -> ServedBot:
    """The one bot that was found; ServerError where there is none, or where there are several."""
    if len(found.bots) == 1:
        return found.bots[0]
    if found.bots:
        raise ServerError("several", f"{where} answers by now, and has {len(found.bots)} bots: start tradetop anew")
    left = found.left_out(where)
    raise ServerError("no bot", left or f"{where} has scraped nothing that is meant in the last {PAST // MINUTE} min")


async def _without_up(server: Server, address: ServerAddress) -> list[ServedBot]:
    """One bot of all series that an address names, where no target of a scrape has them: they were written remotely."""
    chosen = selector(without_ours(address.matchers()))
    count = (await server.instant(f"count({chosen})")).value
    if not isinstance(count, Vector) or not count.samples:
        return []
    value = (await server.instant(f"topk(1, count_over_time({chosen}[{PAST}ms]))")).value
    most = max((sample.value for sample in value.samples), default=0) if isinstance(value, Vector) else 0
    return [ServedBot("", "", max(SECOND, round(PAST / most / SECOND) * SECOND) if most > 1 else MINUTE)]


async def _ups(server: Server, address: ServerAddress) -> Sequence[Series]:
    # A selector of other names would leave no `up`.
    own = [m for m in address.matchers() if m.name != NAME]
    up = selector((Matcher(NAME, MatchOp.EQUAL, "up"), *own))
    clock = (await server.instant("time()")).value
    at = round(clock.value * SECOND) if isinstance(clock, Scalar) else None
    value = (await server.instant(f"{up}[{PAST}ms]", at)).value
    if not isinstance(value, Matrix):
        raise ServerError("no answer", f"{server.where} answers a range of samples with something else")
    return value.series


def _interval(series: Series) -> int:
    """How often a target is scraped (ms), in whole seconds."""
    gaps = [b - a for a, b in pairwise(series.times)]
    return max(SECOND, round(median(gaps) / SECOND) * SECOND) if gaps else MINUTE


async def _is_bot(server: Server, address: ServerAddress, target: ServedBot) -> bool:
    own = selector(address.of(target.job, target.instance).matchers())
    names = await server.names(own, DAY)
    return choose(names) != ANY
