"""One target's left half in this process: it records while nobody else does, and follows who does otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tradetop.document.thresholds import Levels
from tradetop.model.address import is_server
from tradetop.model.alert import RecordingRule, Rule, RuleGroup
from tradetop.model.clock import HOUR, LEEWAY, SECOND, Clock
from tradetop.model.frame import RecorderFrame
from tradetop.model.labels import Labels
from tradetop.model.panel import Dashboard
from tradetop.model.target import Target
from tradetop.recorder.clock import SteadyClock
from tradetop.recorder.derivation import Derivation
from tradetop.recorder.feed import Feed
from tradetop.recorder.judge import Judge
from tradetop.recorder.past import Past
from tradetop.recorder.plan import Plan
from tradetop.recorder.record import Record
from tradetop.recorder.recorder import EVENT_MEMORY, MEMORY, Recorder, remembered
from tradetop.recorder.rulebook import Rulebook
from tradetop.scrape.scrape import Scrape, Scraper
from tradetop.store.file import HistoryReader, HistoryWriter
from tradetop.store.keeping import KEEPING, Keeping
from tradetop.store.lock import Lock, acquire, holder
from tradetop.store.place import history_of, lock_path, prepare, subject

if TYPE_CHECKING:
    from tradetop.recorder.court import Court
    from tradetop.recorder.notifying import Notifying, Ringing

PAST = 6 * HOUR
"""How far back the feed is derived from a history that was loaded (ms)."""
FOLLOW = SECOND // 2
"""How often a recorder's file is looked at (ms): what it wrote is shown within a second."""

Wait = Callable[[float], Awaitable[None]]


class Watch:
    """Keeps one record true until it is cancelled."""

    def __init__(
        self,
        target: Target,
        overrides: Mapping[str, Levels],
        directory: Path,
        clock: Clock,
        wait: Wait = asyncio.sleep,
        ringing: Ringing | None = None,
        offset: int = 0,
        keeping: Keeping = KEEPING,
    ) -> None:
        """`offset` is minutes east of UTC, for the day of P&L today."""
        self.record = Record(target)
        self.path = history_of(directory, target.url, target.database)
        self._clock = SteadyClock(clock)
        self._wait = wait
        self._ringing = ringing
        self._rung = asyncio.Event()
        """There are other receivers than at first."""
        self._notifying: Notifying | None = None
        self.past = Past(self.path, clock)
        self._judge = Judge(self.record, Plan(self.record, overrides, offset))
        self._derivation = Derivation(self.record, lambda: self._judge.rules, self._judge.wide, self._judge.interval)
        self._recorder = Recorder(self.record, self._judge, self._derivation, wait, keeping)
        self._reader: HistoryReader | None = None
        self._holder: int | None = None
        self._trouble = ""

    def frame(self) -> RecorderFrame:
        """Who records, for the header."""
        status = self.record.status
        trouble = self._trouble or status.store_reason
        # Rules stay broken for days: they come last, however much there is to say of them.
        said = (self._ahead(), *self._unsent(), status.outbox_notice, status.store_notice, *self.record.notices)
        notices = tuple(filter(None, (*said, status.rules_notice, self._files_notice())))
        return RecorderFrame(self._holder is not None, self._holder, str(self.path), trouble, notices)

    @property
    def ahead(self) -> int:
        """How far the record's present is ahead of the machine's (ms), whose clock was set back; 0 for next to none."""
        # A server's stamps are its own, and how far its clock is from ours is said of it.
        found = 0 if is_server(self.record.target.url) else self._clock.ahead()
        return found if found > LEEWAY else 0

    def _ahead(self) -> str:
        ahead = self.ahead // SECOND
        return f"the clock was set back: what is recorded is {ahead:,} s ahead of it, and shown as now" if ahead else ""

    def _files_notice(self) -> str:
        """What is wrong with the recorder's rule files: of those that were read here it is said by who read them."""
        said = self.record.status.rule_files_notice
        return "" if self._holder is None or said == self._judge.file_faults() else said

    def _unsent(self) -> Sequence[str]:
        """Which receivers cannot be reached; where none is named what notifies is not even loaded."""
        if not self.record.status.send_faults:
            return ()
        from tradetop.recorder.notifying import told

        return [f"notify {told(fault, self._clock.now())}" for fault in self.record.status.send_faults]

    def dashboard(self) -> Dashboard:
        """What the bots are shown with."""
        return self._judge.dashboard

    def rules(self) -> Sequence[Rule]:
        """The alerting rules that they are judged by."""
        return self._judge.rules

    def interval(self, rule: Rule) -> int:
        """How often one of them is evaluated (ms)."""
        return self._judge.interval(rule)

    def group(self, rule: Rule) -> RuleGroup | None:
        """The group by which one of them is judged here; None where a court judges by it."""
        return self._judge.group(rule)

    def filed(self) -> Sequence[Rule | RecordingRule]:
        """Every rule of files, in their order."""
        return self._judge.filed

    def judge_by(self, book: Rulebook) -> None:
        """Judge by these rule files too, from now on."""
        self._judge.take(book)
        self.record.revision += 1

    def share(self, court: Court) -> None:
        """Leave the rules of files to a court that judges for all targets of the run."""
        self._judge.court = court

    @property
    def shares(self) -> bool:
        """Whether rules of files see more than this target."""
        return self._judge.court is not None

    def external_labels(self) -> Labels:
        """What templates of rules see of the installation."""
        return self._judge.external_labels

    @property
    def ringing(self) -> Ringing | None:
        """Who is told of alerts; None for nobody."""
        return self._ringing

    def ring(self, ringing: Ringing) -> None:
        """Let these receivers be told of alerts, from now on."""
        self._ringing = ringing
        self._rung.set()
        if self._notifying is not None:
            self._notifying.take(ringing)

    def complain(self, problem: str) -> None:
        """Say also to who watches elsewhere why receivers stay as they were."""
        if self._notifying is not None:
            self._notifying.complain(problem)

    @property
    def begun(self) -> bool:
        """Whether the record holds what there is to know: its history has been read, or there can be none."""
        return self._reader is not None or bool(self._trouble)

    def scrape_with(self, scraper: Scraper) -> None:
        """Scrape with this one, which may have begun."""
        self._recorder.scrape_with(scraper)

    def glance(self, scrape: Scrape) -> None:
        """Take one answer into the record and leave it at that: without a history, and without a lock."""
        self._recorder.glance(self._clock, scrape)

    def recall(self) -> None:
        """Read the history and choose the rules; nothing is recorded, and no lock taken."""
        self._load()
        self._judge.prepare()

    async def recall_events(self, patience: float) -> None:
        """Read what the event database tells of the past, once, for so many seconds at most."""
        if not self.record.target.database:
            return
        heard = asyncio.Event()
        before, self.record.changed = self.record.changed, heard.set
        reading = asyncio.create_task(Feed(self.record, self._clock, self._wait).run())
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not (self.record.told or self.record.status.database_reason):
                    heard.clear()
                    await heard.wait()
        reading.cancel()
        await asyncio.wait([reading])
        self.record.changed = before
        self._judge.prepare()

    def lock(self) -> Lock | None:
        """Try to become the one who records; None where another process does, OSError where no lock can be made."""
        prepare(self.path.parent)
        return acquire(lock_path(self.path))

    async def run(self) -> None:
        """Record or follow, and follow the event database, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._run())
            if self.record.target.database:
                feed = Feed(self.record, self._clock, self._wait)
                tasks.create_task(feed.run())
            if is_server(self.record.target.url):
                from tradetop.recorder.foreign import follow

                tasks.create_task(follow(self.record, self._clock, self._wait))

    async def _run(self) -> None:
        while True:
            try:
                lock = self.lock()
            except OSError as error:
                why = error.strerror or str(error)
                self._trouble = f"no history is kept: {self.path.parent}: {why}: --store DIR keeps it elsewhere"
                await self._write(None)
                continue
            if lock is None:
                await self._follow()
                continue
            with lock:
                await self._record()

    async def _record(self) -> None:
        self._holder = None
        self._load()
        history = HistoryWriter.open(self.path, now=self._clock.now())
        if self._reader is not None and self._reader.damaged:
            history.set_aside(self._clock.now(), self._reader.reason.removeprefix("history: "))
        try:
            await self._write(history)
        finally:
            history.close()

    async def _write(self, history: HistoryWriter | None) -> None:
        """Record, and notify of what the judge says."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._notify())
            tasks.create_task(self._recorder.run(self._clock, history, self._judged))

    async def _notify(self) -> None:
        """Notify as soon as there is somebody to be told, for ever."""
        while self._ringing is None or not self._ringing.receivers:
            self.record.say(send_faults=(), outbox_notice="")
            self._rung.clear()
            await self._rung.wait()
        from tradetop.notify.outbox import outbox_path
        from tradetop.recorder.notifying import Notifying

        path, name = outbox_path(self.path), subject(self.path)
        self._notifying = Notifying(self.record, self._judge, path, name, self._ringing, self._clock)
        try:
            await self._notifying.run(self._wait)
        finally:
            self._notifying.close()
            self._notifying = None

    def _judged(self) -> None:
        if self._notifying is not None:
            self._notifying.judged()

    async def _follow(self) -> None:
        """Read what the other process writes, until it has gone."""
        lock = lock_path(self.path)
        while (pid := holder(lock)) is not None:
            self._holder = pid
            if self._reader is None:
                self._load()
            else:
                self._poll(self._reader)
            await self._wait(FOLLOW / SECOND)

    def _load(self) -> None:
        """Bring the history into memory, once."""
        if self._reader is not None:
            return
        self._reader = HistoryReader.open(self.path)
        self._reader.load(self.record.store, self._clock.now() - MEMORY)
        self._read_status(self._reader)
        self._derivation.begin(self._clock.now() - PAST)
        self._clock.raise_to(self._end())
        self._look_back()

    def _end(self) -> int:
        """The first moment after what is recorded (ms)."""
        ends = (self.record.store.last_time(group) for group in Recorder.GROUPS)
        return max((t + 1 for t in ends if t is not None), default=0)

    def _poll(self, reader: HistoryReader) -> None:
        if reader.poll(self.record.store):
            self._read_status(reader)
            self._look_back()
            self._clock.raise_to(self._end())
            now = self._clock.now()
            self.record.store.trim(now - remembered(self.record), now - EVENT_MEMORY)

    def _look_back(self) -> None:
        self._judge.prepare()
        self._derivation.look_back()
        self.record.revision += 1
        self.record.changed()

    def _read_status(self, reader: HistoryReader) -> None:
        for name, metadata in reader.metadata().items():
            self.record.store.set_metadata(name, metadata)
        self.record.page = reader.page()
        status = reader.status()
        if status is not None:
            before, self.record.status = self.record.status, status
            self._derivation.health(before.healths, status.healths, status.tried_at or self._clock.now())
