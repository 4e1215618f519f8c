"""A machine whose time passes only when a test says so, and a watch that runs on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from tradetop.document.thresholds import Levels
from tradetop.model.alert import Rule
from tradetop.model.clock import SECOND
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.sample import is_stale
from tradetop.model.target import Target
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.recorder.court import Court
from tradetop.recorder.notifying import Ringing
from tradetop.recorder.rulebook import Rulebook
from tradetop.recorder.watch import Watch

T0 = 1_767_323_045_000
"""2026-01-02 03:04:05 UTC."""
PATIENCE = 10
"""Seconds of the real world after which something that does not happen has failed."""


class Machine:
    """Wall clock, monotonic clock and sleep."""

    def __init__(self, wall: int = T0) -> None:
        self.wall = wall
        self.up = 0
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return self.wall

    def monotonic(self) -> int:
        return self.up

    async def wait(self, seconds: float) -> None:
        """Sleep until the test has let so much time pass."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.up + round(seconds * SECOND), future))
        await future

    async def slept(self, ms: int) -> None:
        """Wait until somebody has begun to sleep for so long."""
        async with asyncio.timeout(PATIENCE):
            while not any(due == self.up + ms for due, _ in self._sleepers):
                await asyncio.sleep(0)

    async def asleep(self, many: int) -> None:
        """Wait until so many sleep: whoever reads from a thread is slower than time that passes at once."""
        async with asyncio.timeout(PATIENCE):
            while len(self._sleepers) < many:
                await asyncio.sleep(0)

    def pass_by(self, ms: int) -> None:
        """Let time pass, and wake who has slept enough."""
        self.wall += ms
        self.up += ms
        awake = [f for due, f in self._sleepers if due <= self.up]
        self._sleepers = [(due, f) for due, f in self._sleepers if due > self.up]
        for future in awake:
            if not future.done():
                future.set_result(None)


class Ahead:
    """The clock of a machine, some milliseconds ahead."""

    def __init__(self, machine: Machine, ahead: int) -> None:
        self._machine = machine
        self._ahead = ahead

    def now(self) -> int:
        return self._machine.now() + self._ahead

    def monotonic(self) -> int:
        return self._machine.monotonic()


class Running:
    """A watch while it runs."""

    def __init__(self, watch: Watch, machine: Machine) -> None:
        self.watch = watch
        self.record = watch.record
        self.machine = machine
        self._changed = asyncio.Event()
        watch.record.changed = self._changed.set

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for changes of the record until a condition holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def scrape(self, count: int = 1) -> None:
        """Let intervals pass, and wait for what each brings."""
        for _ in range(count):
            self.machine.pass_by(self.record.target.interval)
            await self.until(partial(self._tried_since, self.record.status.tried_at or 0))

    def _tried_since(self, t: int) -> bool:
        return (self.record.status.tried_at or 0) > t

    async def first(self) -> None:
        """Wait for the first scrape and the first round of probing."""
        await self.until(lambda: self.record.status.tried_at is not None and self.record.status.healths)

    def value(self, expr: str) -> float | None:
        """What an expression gives now; None where it gives nothing."""
        value = Engine(self.record.store).instant(expr, at=self.record.status.tried_at or self.machine.now())
        assert isinstance(value, Vector)
        return value.samples[0].value if value.samples else None

    def derived(self) -> list[str]:
        """The types of the derived events, oldest first."""
        return [event.type for event in self.record.derived]

    def now(self, name: str) -> list[Labels]:
        """The label sets of a name that are there after the last judgement."""
        store = self.record.store
        columns = store.select([Matcher(NAME, MatchOp.EQUAL, name)], 0, 1 << 62)
        return [c.labels for c in columns if c.first + len(c.values) == len(c.times) and not is_stale(c.values[-1])]

    def labels(self, name: str) -> list[Labels]:
        """The label sets that a name has in the store."""
        return list(self.record.store.labels_of(name))


@asynccontextmanager
async def running(
    target: Target,
    directory: Path,
    machine: Machine,
    overrides: Mapping[str, Levels] | None = None,
    ringing: Ringing | None = None,
) -> AsyncIterator[Running]:
    """Run a watch in this directory; it is cancelled, and has ended, when the block is left."""
    async with _run(Watch(target, overrides or {}, directory, machine, machine.wait, ringing), machine) as found:
        yield found


@asynccontextmanager
async def together(
    targets: Sequence[Target],
    directory: Path,
    machine: Machine,
    book: Rulebook,
    ringing: Ringing | None = None,
    ahead: int = 0,
) -> AsyncIterator[Together]:
    """Run watches of one run, which are judged by the same rule files; each begins `ahead` (ms) after the last."""
    clocks = [Ahead(machine, i * ahead) for i in range(len(targets))]
    watches = [
        Watch(target, {}, directory, clock, machine.wait, ringing)
        for target, clock in zip(targets, clocks, strict=True)
    ]
    court = Court([watch.record for watch in watches])
    async with AsyncExitStack() as stack:
        for watch in watches:
            watch.share(court)
            watch.judge_by(book)
        runs = [await stack.enter_async_context(_run(watch, machine)) for watch in watches]
        yield Together(runs, machine)


class Together:
    """The watches of one run."""

    def __init__(self, runs: Sequence[Running], machine: Machine) -> None:
        self.runs = runs
        self.machine = machine

    async def first(self) -> None:
        """Wait for everybody's first scrape of this process."""
        for run in self.runs:
            await run.until(lambda run=run: (run.record.status.tried_at or 0) >= self.machine.now())

    async def scrape(self, count: int = 1) -> None:
        """Let intervals pass, and wait for what each brings to everybody."""
        for _ in range(count):
            self.machine.pass_by(self.runs[0].record.target.interval)
            await self.first()

    def judge_by(self, book: Rulebook) -> None:
        """Read other rule files."""
        for run in self.runs:
            run.watch.judge_by(book)

    def alerts(self) -> set[tuple[str, str, str]]:
        """The alerts of files that every bot has now: (bot, alert, state)."""
        return {
            (run.record.target.name, labels["alertname"], labels["alertstate"])
            for run in self.runs
            for labels in run.now("ALERTS")
            if labels["alertname"] in {rule.name for rule in run.watch.filed() if isinstance(rule, Rule)}
        }


@asynccontextmanager
async def _run(watch: Watch, machine: Machine) -> AsyncIterator[Running]:
    found = Running(watch, machine)
    task = asyncio.create_task(watch.run())
    try:
        yield found
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
