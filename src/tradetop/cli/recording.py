"""`tradetop record`: the left half alone; no screen is loaded."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tradetop.cli import started
from tradetop.cli.heartbeat import heartbeat
from tradetop.cli.options import TargetOptions
from tradetop.cli.receivers import Receivers
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import wire
from tradetop.model.clock import SECOND, SystemClock
from tradetop.model.target import TargetStatus
from tradetop.recorder.heartbeat import Heartbeat, trouble
from tradetop.recorder.watch import Watch
from tradetop.store.lock import holder
from tradetop.store.place import lock_path

if TYPE_CHECKING:
    from tradetop.cli.rule_files import RuleFiles
    from tradetop.cli.scouting import Scout

LOOK = SECOND
"""How often it is looked whether something is worth a line (ms)."""


def record(said: TargetOptions) -> int:
    """Record until told to stop. The exit code: 0, or 2 where another process records already."""
    # A hangup that comes before anybody can answer it waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGHUP,))
    try:
        return _run(said)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGHUP,))


def _run(said: TargetOptions) -> int:
    wiring = wire(said)
    watches = wiring.watches()
    for watch in watches:
        pid = holder(lock_path(watch.path))
        if pid is not None:
            raise Refusal(f"{watch.record.target.name} is being recorded already, by process {pid} ({watch.path})")
    for line in (*wiring.notices, *wiring.remarks, *wiring.rule_problems()):
        click.echo(f"tradetop: {line}", err=True)
    for watch in watches:
        target = watch.record.target
        click.echo(f"recording {target.name} every {target.interval / SECOND:g} s to {watch.path}", err=True)
    beat = heartbeat(wiring.settings.config.heartbeat)
    receivers = Receivers(wiring, said.config, watches)
    started()
    asyncio.run(_record(watches, wiring.rules, receivers, beat, wiring.scout()))
    return 0


async def _record(
    watches: tuple[Watch, ...],
    rules: RuleFiles | None,
    receivers: Receivers,
    beat: Heartbeat | None,
    scout: Scout | None,
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    # A recorder outlives the session that it was started from; to read rules and receivers again then does no harm.
    loop.add_signal_handler(signal.SIGHUP, _reload, watches, rules, receivers)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGHUP,))
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watch.run()) for watch in watches]
        running.append(tasks.create_task(_report(watches, beat, scout)))
        if scout is not None:
            running.append(tasks.create_task(scout.run()))
        if beat is not None:
            running.append(tasks.create_task(_tell(beat, watches)))
        await ended.wait()
        for task in running:
            task.cancel()


def _reload(watches: tuple[Watch, ...], rules: RuleFiles | None, receivers: Receivers) -> None:
    """Read the rule files and the receivers again: judge by what the ones say now, tell the others."""
    if rules is not None:
        said = rules.reload()
        for watch in watches:
            watch.judge_by(rules.book)
        for line in (*map(str, rules.book.problems), f"rules were read again: {said}"):
            _say(line)
    for line in receivers.reload():
        _say(line)


def _say(line: str) -> None:
    # Standard error may be a terminal that has gone.
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


async def _tell(beat: Heartbeat, watches: tuple[Watch, ...]) -> None:
    """Let the heartbeat say how recording goes; it has a task of its own, for an answer may take its time."""
    clock = SystemClock()
    since = clock.now()
    while True:
        await asyncio.sleep(LOOK / SECOND)
        watched = [(w.record.target, w.record.status, w.frame().reason or _unsent(w.record.status)) for w in watches]
        found = trouble(watched, since, clock.now())
        if found is not None:
            await beat.beat(clock.now(), found)


async def _report(watches: tuple[Watch, ...], beat: Heartbeat | None, scout: Scout | None) -> None:
    """One line on standard error whenever something goes wrong or well again."""
    said: dict[str, str] = {}
    while True:
        for name, wrong in _troubles(watches, beat, scout):
            if wrong != said.get(name, ""):
                said[name] = wrong
                _say(f"{name}: {wrong or 'all is well again'}")
        await asyncio.sleep(LOOK / SECOND)


def _unsent(status: TargetStatus) -> str:
    """Which receiver of notifications cannot be reached, and why."""
    return next((f"notify {fault.receiver}: {fault.text}" for fault in status.send_faults), "")


def _troubles(watches: tuple[Watch, ...], beat: Heartbeat | None, scout: Scout | None) -> Iterator[tuple[str, str]]:
    """What may be said, with what is wrong with it or ""."""
    for watch in watches:
        status = watch.record.status
        wrong = status.reason or status.database_reason or watch.frame().reason or _unsent(status)
        wrong = wrong or status.rules_notice
        yield watch.record.target.name, wrong
    if beat is not None:
        yield "heartbeat", beat.notice
    if scout is not None:
        yield "new bots", "; ".join(scout.notices)
