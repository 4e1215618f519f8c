"""Bots as the doctor finds them: which are meant, what is recorded of them, and what they answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from tradetop.cli.configured import Settings
from tradetop.cli.options import TargetOptions
from tradetop.cli.prometheus import OWN_JOB, same_place
from tradetop.cli.refusal import Refusal
from tradetop.cli.targets import credentials_of, targets_of, told
from tradetop.dashboards.choose import ANY, choose, preset
from tradetop.doctor.knowledge import Knowledge, Unread, known_of, with_page
from tradetop.document import DocumentError
from tradetop.events.counters import EVENT_SERIES
from tradetop.model.address import is_page, is_server, shown
from tradetop.model.clock import DAY, SystemClock
from tradetop.model.labels import Labels
from tradetop.model.panel import Dashboard
from tradetop.model.ports import Queryable
from tradetop.model.target import HealthState, Target
from tradetop.model.text import clean
from tradetop.scrape.discover import discover
from tradetop.scrape.locate import masked
from tradetop.scrape.probe import Prober
from tradetop.scrape.scrape import Scrape, Scraper, samples, target_labels
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader
from tradetop.store.place import history_of, store_directory
from tradetop.store.union import Union

PAST = 7 * DAY
"""How far back the history is read (ms)."""
FAR = 1 << 62
_SERVER_PORT = 9090
_SERVERS = ("prometheus_", "promhttp_", "net_conntrack_", "go_", "process_")
"""How the names begin that a Prometheus server has of itself."""

Health = tuple[tuple[str, bool | None, str], ...]
"""Role, whether it passed (None: cannot be said) and what it says, of each health endpoint."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One bot, as it was found."""

    target: Target
    store: MemoryStore
    """What is recorded of it."""
    series: Queryable
    """The same, as rules see it."""
    history: str
    """Path of the history file; "" where there is none."""
    scrape: Scrape | None = None
    """None where it has no page."""
    health: Health = ()

    @property
    def labels(self) -> Labels:
        """Those that all of its series have."""
        return Labels(target_labels(self.target))

    @property
    def place(self) -> str:
        """Where it is asked, for people."""
        target = self.target
        return masked(target.url) if is_page(target.url) else shown(target.url or target.database)

    @property
    def is_server(self) -> bool:
        """Whether it is the Prometheus server that scrapes itself, which is no bot."""
        return _is_server(self.target)

    @property
    def up(self) -> bool:
        """Whether its page arrived."""
        return self.scrape is not None and self.scrape.up

    @property
    def answered(self) -> bool:
        """Whether there is a page, good or bad."""
        return self.scrape is not None and self.scrape.page is not None

    @property
    def count(self) -> int:
        """The samples on its page."""
        return len(self.scrape.page.samples) if self.scrape is not None and self.scrape.page is not None else 0

    @property
    def down(self) -> bool:
        """Whether it was asked and has no metrics."""
        return self.scrape is not None and not (self.up and self.count) and not self.is_server

    def known(self) -> Knowledge:
        """What the history and the page tell."""
        known = known_of(self.series.select((), 0, FAR), dict(self.store.families))
        if self.scrape is None or self.scrape.page is None:
            return known
        page = self.scrape.page
        found = with_page(known, samples(self.scrape, self.target), page.metadata, self.scrape.t)
        return replace(found, comment=page.comment)

    def with_scrape(self, known: Knowledge) -> Knowledge:
        """What is known of it with what a scrape in vain tells: rules that see every target see `up` being 0."""
        if self.scrape is None or self.answered:
            return known
        return with_page(known, samples(self.scrape, self.target), {}, self.scrape.t)

    def unread(self) -> tuple[Unread, ...]:
        """What it may have that nobody has read."""
        job, found = clean(target_labels(self.target)["job"]), []
        if self.scrape is not None and not self.answered:
            reason = f"job {job} could not be read ({self.scrape.word or 'no answer'})"
            found.append(Unread(self.labels, reason, _SERVERS if self.is_server else ("",), tried=True))
        if self.target.database:
            reason = f"the event database of job {job} is not read here"
            found.append(Unread(self.labels, reason, tuple(EVENT_SERIES), tried=True))
        return tuple(found)


def meant(said: TargetOptions, known: Settings) -> tuple[Target, ...]:
    """The bot that was named, else all that are configured, else those that answer on this machine."""
    if said.targets:
        chosen = [known.over(t) for t in targets_of(said)]
    else:
        chosen = [*known.targets()]
        if not any(c.target.url for c in chosen):
            found = asyncio.run(discover(known.config.discover.all_ports)).found
            chosen = [known.over(t) for t in targets_of(TargetOptions(found))]
    if not chosen:
        click.echo("tradetop: no bot answers on this machine: only what needs none is looked at", err=True)
    if said.targets and not chosen[0].target.url:
        raise Refusal("doctor needs a bot's URL, such as http://127.0.0.1:8000")
    if said.name and len(chosen) > 1:
        raise Refusal("--name is for one target; name several in a configuration file")
    credentials = credentials_of(said)
    targets = tuple(told(c.target, said, credentials) for c in chosen)
    if not any(is_server(target.url) for target in targets):
        return targets
    from tradetop.cli.servers import expanded

    directory = store_directory(said.store or (Path(known.config.store) if known.config.store else None))
    served = expanded([replace(c, target=t) for c, t in zip(chosen, targets, strict=True)], directory)
    for line in served.lines:
        click.echo(f"tradetop: {line}", err=True)
    return tuple(c.target for c in served.targets)


def not_asked(target: Target, known: Settings) -> tuple[Unread, ...]:
    """The targets of prometheus.yml beside the one that is asked."""
    every = [s.target for s in known.prometheus.targets] if known.prometheus is not None else []
    others = [other for other in every if not same_place(other.url, target.url)]
    bots = [other for other in others if not _is_server(other)]
    if len(others) == len(every) and len(bots) == 1:
        # The only bot of the file has another name there, such as that of its container.
        others.remove(bots[0])
    return tuple(_not_asked(other, target_labels(target)["job"]) for other in others)


def _not_asked(other: Target, asked: str) -> Unread:
    labels = target_labels(other)
    who = f"job {labels['job']}" if labels["job"] != asked else f"{labels['instance']} of job {asked}"
    reason = f"{clean(who)} is scraped too, but was not asked: without TARGET all are"
    return Unread(Labels(labels), reason, _SERVERS if _is_server(other) else ("",))


def _is_server(target: Target) -> bool:
    return target.job == OWN_JOB and urlsplit(target.url).port == _SERVER_PORT


def examine(targets: Sequence[Target], said: TargetOptions, known: Settings) -> tuple[Examined, ...]:
    """Read the histories, then ask all bots at once, each once, for their pages and their health."""
    now = SystemClock().now()
    directory = store_directory(said.store or (Path(known.config.store) if known.config.store else None))
    read = [_recorded(target, directory, now, alone=len(targets) == 1) for target in targets]
    return asyncio.run(_asked(read, now))


def _recorded(target: Target, directory: Path, now: int, *, alone: bool) -> Examined:
    path = history_of(directory, target.url, target.database)
    store, count = MemoryStore(), 0
    if path.is_file():
        reader = HistoryReader.open(path)
        for name, metadata in reader.metadata().items():
            store.set_metadata(name, metadata)
        count = reader.load(store, now - PAST)
        reader.close()
    history = clean(str(path)) if count else ""
    if alone:
        return Examined(target, store, store, history)
    from tradetop.recorder.exposed import Exposed
    from tradetop.recorder.record import Record

    record = Record(target)
    record.store = store
    return Examined(target, store, Exposed(record), history)


async def _asked(bots: Sequence[Examined], now: int) -> tuple[Examined, ...]:
    return tuple(await asyncio.gather(*(_answered(bot, now) for bot in bots)))


async def _answered(bot: Examined, now: int) -> Examined:
    if not bot.target.url:
        return bot
    if is_server(bot.target.url):
        # Imported late: it loads the evaluator.
        from tradetop.remote.glance import glance

        return replace(bot, scrape=await glance(bot.target, now))
    scrape = await Scraper(bot.target).scrape(now)
    return replace(bot, scrape=scrape, health=() if bot.is_server else await _health(bot.target, now, scrape))


async def _health(target: Target, now: int, scrape: Scrape) -> Health:
    prober = Prober(target)
    if scrape.page is not None:
        dashboard = dashboard_of(choose({labels.name for labels in scrape.page.samples}))
        prober.suggest(dashboard.health if dashboard is not None else ())
    states = {HealthState.HEALTHY: True, HealthState.UNHEALTHY: False, HealthState.DEGRADED: False}
    found = (await prober.probe(now)).healths
    return tuple(
        (h.role, states.get(h.state, _told_of(h.reason)), f"{h.url}: {h.reason or h.state.value}") for h in found
    )


def _told_of(reason: str) -> bool | None:
    # One answer makes nothing unhealthy yet, but what it says is said.
    return False if reason and "no health endpoint" not in reason else None


def dashboard_of(name: str) -> Dashboard | None:
    """The preset of a name; None for the one that fits any bot."""
    if name == ANY:
        return None
    try:
        return preset(name)
    except (ValueError, DocumentError) as error:
        raise Refusal(str(error)) from None


def now(*bots: Examined) -> Queryable:
    """The bots' pages as they were just read."""
    stores = []
    for bot in bots:
        if bot.scrape is not None:
            stores.append(MemoryStore())
            stores[-1].append_scrape("scrape", bot.scrape.t, samples(bot.scrape, bot.target))
    return Union(stores)
