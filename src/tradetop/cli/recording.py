"""`tradetop record`: the left half alone; no screen is loaded."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

import click

from tradetop.cli import started
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import wire
from tradetop.model.clock import SECOND
from tradetop.recorder.watch import Watch
from tradetop.store.lock import holder
from tradetop.store.place import lock_path

if TYPE_CHECKING:
    from tradetop.cli.rule_files import RuleFiles

LOOK = SECOND
"""How often it is looked whether something is worth a line (ms)."""


def record(said: TargetOptions) -> int:
    """Record until told to stop. The exit code: 0, or 2 where another process records already."""
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
    started()
    asyncio.run(_record(watches, wiring.rules))
    return 0


async def _record(watches: tuple[Watch, ...], rules: RuleFiles | None) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    # A recorder outlives the session that it was started from; to read the rules again then does no harm.
    loop.add_signal_handler(signal.SIGHUP, _reload, watches, rules)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watch.run()) for watch in watches]
        running.append(tasks.create_task(_report(watches)))
        await ended.wait()
        for task in running:
            task.cancel()


def _reload(watches: tuple[Watch, ...], rules: RuleFiles | None) -> None:
    """Read the rule files again, and judge by what they say now."""
    if rules is None:
        return
    said = rules.reload()
    for watch in watches:
        watch.judge_by(rules.book)
    for line in (*map(str, rules.book.problems), f"rules were read again: {said}"):
        _say(line)


def _say(line: str) -> None:
    # Standard error may be a terminal that has gone.
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


async def _report(watches: tuple[Watch, ...]) -> None:
    """One line on standard error whenever something goes wrong or well again."""
    said = {id(watch): "" for watch in watches}
    while True:
        for watch in watches:
            status = watch.record.status
            trouble = status.reason or status.database_reason or watch.frame().reason
            if trouble != said[id(watch)]:
                said[id(watch)] = trouble
                _say(f"{watch.record.target.name}: {trouble or 'all is well again'}")
        await asyncio.sleep(LOOK / SECOND)
