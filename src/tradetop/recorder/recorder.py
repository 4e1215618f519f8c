"""Recording: what a target is asked, and what of the answers is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from tradetop.model.address import is_server
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND, Clock
from tradetop.model.labels import NAME, Labels
from tradetop.model.target import Health, Mode, TargetStatus
from tradetop.recorder.derivation import Derivation
from tradetop.recorder.judge import RULES, Judge
from tradetop.recorder.record import Record
from tradetop.scrape import probe as probing
from tradetop.scrape.loop import watch, watch_health
from tradetop.scrape.probe import Probe, Prober
from tradetop.scrape.scrape import Scrape, Scraper, samples, target_labels
from tradetop.store.file import HistoryWriter
from tradetop.store.keeping import KEEPING, Keeping
from tradetop.store.reader import CELLS

TIDY = 10 * MINUTE
"""How often old samples are dropped from the file (ms), and ten times as often from memory."""
MEMORY = 25 * HOUR
"""How much history stays in memory (ms), where it has no more than `CELLS` values."""
USUAL = 6 * HOUR
"""The documents' window (ms): with less in memory, short windows look coarser than they should, and that is said."""
EVENT_MEMORY = 8 * DAY
"""And of the events as series, which no history file holds (ms)."""

Wait = Callable[[float], Awaitable[None]]
"""Waits so many seconds, as `asyncio.sleep` does."""


def _nothing() -> None:
    pass


class Recorder:
    """Scrapes and probes one target, judges what came, and writes all of it into its record and history file."""

    GROUPS: ClassVar[tuple[str, ...]] = ("scrape", "probe", "rules")

    def __init__(
        self, record: Record, judge: Judge, derivation: Derivation, wait: Wait, keeping: Keeping = KEEPING
    ) -> None:
        self._keeping = keeping
        self._record = record
        self._judge = judge
        self._derivation = derivation
        self._wait = wait
        self._follows = is_server(record.target.url)
        self._scraper = Scraper(record.target) if record.target.url and not self._follows else None

    def scrape_with(self, scraper: Scraper) -> None:
        """Scrape with this one, which may have begun."""
        self._scraper = scraper

    def glance(self, clock: Clock, scrape: Scrape) -> None:
        """Take one answer into the record, and keep it nowhere."""
        _Session(self._record, self._judge, self._derivation, clock, None).scraped(scrape)

    async def run(self, clock: Clock, history: HistoryWriter | None, judged: Callable[[], None] = _nothing) -> None:
        """Record, for ever; `judged` is called after each judgement."""
        session = _Session(self._record, self._judge, self._derivation, clock, history, judged)
        with self._judge.sitting(session.ruled):
            await self._run(clock, history, session)

    async def _run(self, clock: Clock, history: HistoryWriter | None, session: _Session) -> None:
        target = self._record.target
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tidy(clock, history))
            turn = None
            if self._scraper is not None:
                turn = self._scraper.turn
                tasks.create_task(watch(self._scraper, clock, session.scraped, self._wait))
            elif self._follows:
                from tradetop.recorder.following import Following

                tasks.create_task(Following(self._record, clock, self._wait).run(session, history))
            else:
                tasks.create_task(self._beat(clock, session))
            if target.health or (target.url and not self._follows):
                session.prober = Prober(replace(target, url="") if self._follows else target, turn=turn)
                started = self._record.started_at
                tasks.create_task(watch_health(session.prober, clock, session.probed, self._wait, started))

    async def _beat(self, clock: Clock, session: _Session) -> None:
        """For a bot known by its events alone: the database is what is up or not; its past is judged at once."""
        session.beaten(clock.now())
        told = asyncio.create_task(self._record.past_told.wait())
        pause = asyncio.ensure_future(self._wait(self._record.target.interval / SECOND))
        try:
            await asyncio.wait([told, pause], return_when=asyncio.FIRST_COMPLETED)
            if told.done() and not pause.done():
                session.settle(clock.now())
                self._record.revision += 1
                self._record.changed()
            await pause
        finally:
            told.cancel()
            pause.cancel()
        while True:
            session.beaten(clock.now())
            await self._wait(self._record.target.interval / SECOND)

    async def _tidy(self, clock: Clock, history: HistoryWriter | None) -> None:
        turns = 0
        while True:
            await self._wait(TIDY / 10 / SECOND)
            now = clock.now()
            self._record.store.trim(now - remembered(self._record), now - EVENT_MEMORY)
            # Soon after the start too: who is started anew all the time must keep to its limits as well.
            if history is not None and (turns % 10 == 0 or history.size > self._keeping.size):
                history.trim(now - self._keeping.retention, self._keeping.size)
            turns += 1


class _Session:
    """Takes results and writes them, from the time the lock was taken."""

    def __init__(
        self,
        record: Record,
        judge: Judge,
        derivation: Derivation,
        clock: Clock,
        history: HistoryWriter | None,
        judged: Callable[[], None] = _nothing,
    ) -> None:
        self._record = record
        self._judge = judge
        self._derivation = derivation
        self._clock = clock
        self._history = history
        self._judged = judged
        self.prober: Prober | None = None
        self._double: dict[str, int] = {}
        """By group: series that it could not write, for another group writes them."""

    def scraped(self, scrape: Scrape) -> None:
        record, target = self._record, self._record.target
        found = samples(scrape, target)
        page = scrape.page
        if page is not None:
            for name, metadata in page.metadata.items():
                record.store.set_metadata(name, metadata)
            record.page = scrape.text
        self._write("scrape", scrape.t, found)
        status = record.status
        record.say(
            up=scrape.up,
            scraped_at=scrape.t if scrape.up else status.scraped_at,
            tried_at=scrape.t,
            failing_since=None if scrape.up else status.failing_since or scrape.t,
            duration=scrape.duration,
            samples=len(page.samples) if page else 0,
            reason=scrape.reason,
            errors=page.errors if page else (),
            error_count=page.error_count if page else 0,
            first_seen=status.first_seen or scrape.t,
            **_version(status, found, scrape.t),
        )
        self._settle(scrape.t)
        if self._history is not None and page is not None:
            self._history.put_metadata(page.metadata)
            self._history.put_page(scrape.text)

    def probed(self, probe: Probe) -> None:
        record = self._record
        before = record.status.healths
        self._write("probe", probe.t, probing.samples(probe, record.target))
        if _news(probe.healths) == _news(before):
            # All is as it was, but for how long it took: shown with the next page, it costs nothing.
            record.status = replace(record.status, healths=probe.healths)
        else:
            said = (h.mode for h in probe.healths if h.mode is not Mode.UNKNOWN)
            record.say(healths=probe.healths, mode=next(said, record.status.mode))
        self._derivation.health(before, probe.healths, probe.t)
        self._keep_status()

    def followed(self, t: int, found: Mapping[Labels, float], *, into_history: bool = True) -> None:
        """Take what a server has of one scrape at `t` (ms); into the history, unless it comes there later."""
        self._write("scrape", t, found, into_history=into_history)
        up = next((value for labels, value in found.items() if labels.name == "up"), 1.0) == 1
        status = self._record.status
        self._record.say(
            up=up,
            scraped_at=t if up else status.scraped_at,
            failing_since=None if up else status.failing_since or t,
            duration=next((v for labels, v in found.items() if labels.name == "scrape_duration_seconds"), None),
            samples=sum(not labels.name.startswith(("up", "scrape_")) for labels in found),
            reason="" if up else status.reason,
            first_seen=min(t, status.first_seen or t),
            **_version(status, found, t),
        )

    def settle(self, t: int) -> None:
        """Judge at `t` (ms) by what is known then, and tell it."""
        self._settle(t)

    def beaten(self, t: int) -> None:
        record = self._record
        up = not record.status.database_reason
        self._write("scrape", t, {Labels({**target_labels(record.target), NAME: "up"}): float(up)})
        scraped_at = t if up else record.status.scraped_at
        record.say(up=up, tried_at=t, scraped_at=scraped_at, first_seen=record.status.first_seen or t)
        self._settle(t)

    def ruled(self, t: int) -> None:
        """Take what was judged at `t` (ms) when another target was scraped."""
        given = self._judge.ruled()
        self._take(given, t)
        said = self._say_faults()
        if RULES in given:
            self._judged()
            self._derivation.look_back()
        if given:
            self._record.revision += 1
        if given or said:
            self._keep_status()

    def _settle(self, t: int) -> None:
        """After samples: the judgement on them, what they tell, and the status for other processes."""
        given = self._judge.judge(t)
        self._take(given, self._judge.moment(t))
        self._say_faults()
        if given:
            self._judged()
        if self.prober is not None:
            self.prober.suggest(self._judge.dashboard.health)
        self._derivation.look_back()
        self._keep_status()

    def _say_faults(self) -> bool:
        """What is wrong with rules and their files; whether that is another than before."""
        judge = self._judge
        return self._record.say(rules_notice=judge.faults(), rule_files_notice=judge.file_faults())

    def _take(self, given: Mapping[str, Mapping[Labels, float]], t: int) -> None:
        """Write what was judged at `t` (ms); a court may have judged before the last scrape that was asked for."""
        for group, found in given.items():
            self._write(group, max(t, (self._record.store.last_time(group) or 0) + 1), found)

    def _write(self, group: str, t: int, found: Mapping[Labels, float], *, into_history: bool = True) -> None:
        last = self._record.store.last_time(group)
        if last is not None and t <= last:
            self._drop(len(found))
            return
        store = self._record.store
        try:
            store.append_scrape(group, t, found)
        except ValueError:
            # The page has what a rule records, or the other way round: who came first keeps it.
            kept = {labels: value for labels, value in found.items() if store.takes(group, labels)}
            store.append_scrape(group, t, kept)
            self._double[group] = len(found) - len(kept)
            found = kept
        else:
            self._double.pop(group, None)
        if self._history is not None and into_history:
            dropped = self._history.dropped
            self._history.append_scrape(group, t, found)
            self._record.say(store_reason=self._history.reason, store_notice=self._notice(self._history))
            if self._history.dropped > dropped:
                self._drop(self._history.dropped - dropped)

    def _drop(self, samples: int) -> None:
        """Count samples that came out of order or twice: they are dropped, as in Prometheus, but not in silence."""
        self._record.say(dropped=self._record.status.dropped + samples)

    def _notice(self, history: HistoryWriter) -> str:
        span, series = remembered(self._record), self._record.store.series_count
        short = f"{series:,} series: only the last {span // MINUTE:,} min of them stay in memory"
        both = (
            f"{count} series of {'the page' if group == 'scrape' else group} left out: page and rules both have them"
            for group, count in self._double.items()
        )
        dropped = self._record.status.dropped
        late = f"{dropped:,} samples dropped: out of order, or twice" if dropped else ""
        return "; ".join(filter(None, (history.notice, short if span < USUAL else "", late, *both)))

    def _keep_status(self) -> None:
        if self._history is not None:
            self._history.put_status(self._record.status)
        self._record.changed()


def _news(healths: Sequence[Health]) -> list[Health]:
    """What endpoints say, without when and how fast they said it."""
    return [replace(health, latency=None, checked_at=None) for health in healths]


def remembered(record: Record) -> int:
    """How much history of a record stays in memory (ms): less where its series are very many."""
    return min(MEMORY, max(2, CELLS // max(1, record.store.series_count)) * record.target.interval)


def _version(status: TargetStatus, found: Mapping[Labels, float], t: int) -> dict[str, object]:
    """The bot's version, and that it was deployed at `t` (ms) where it is another than before."""
    named = (labels for labels, value in found.items() if value == 1 and "version" in labels)
    info = sorted(labels["version"] for labels in named if _is_own_info(labels[NAME]))
    if not info or info[0] == status.version:
        return {}
    return {"version": info[0], "deployed_at": t if status.version else status.deployed_at}


def _is_own_info(name: str) -> bool:
    return name.endswith(("_info", "_version", "_build")) and not name.startswith(("python_", "process_", "go_"))
