"""`tradetop status [TARGET]...`: whether each target is recorded and how it is, from history file and lock alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

import click

from tradetop.cli.configured import INTERVAL, settings
from tradetop.cli.places import Place, places_of
from tradetop.cli.zone import UTC, Zone
from tradetop.model.clock import LEEWAY, SECOND, SystemClock
from tradetop.model.labels import NAME, Labels
from tradetop.model.target import STALE_AFTER, TargetStatus
from tradetop.model.text import clean
from tradetop.panes.numbers import duration
from tradetop.store.lock import holder
from tradetop.store.place import lock_path, store_directory
from tradetop.store.reader import HistoryReader

FINE, DOWN = 0, 3
GROUPS = ("scrape", "probe", "rules")
"""What a recorder writes."""
NAMED = 3
"""Alerts whose names are said; the others are counted."""
RULES = 200
"""Most characters of what is said of rules that cannot be evaluated."""
RULE_FILES = 500
"""Most characters of what is said of rule files, whose paths are long."""
_SAMPLE = 9
"""Scrapes that tell how often a target is scraped."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one target stands; times in milliseconds since the epoch, None where they are not known."""

    name: str
    history: str
    state: str = ""
    """ok, DOWN (the bot), STOPPED or STALLED (the recorder), AHEAD or FAULT (the history), NEVER (recorded)."""
    said: str = ""
    """What is said of the state."""
    pid: int | None = None
    """Who records."""
    since: int | None = None
    """Since when that process does."""
    scraped_at: int | None = None
    """The last scrape that succeeded."""
    wrote_at: int | None = None
    """The last thing that was recorded."""
    up: bool | None = None
    reason: str = ""
    firing: tuple[str, ...] = ()
    """Names of the alerts that fire, as of then."""
    pending: int = 0
    waiting: int = 0
    """Notifications that their receivers did not take yet."""
    rules: str = ""
    """Which rules cannot be evaluated, and why."""
    rule_files: str = ""
    """What is wrong with the rule files."""
    problem: str = ""
    """What is wrong with the history."""
    notice: str = ""
    """What else is to be said of it."""
    history_bytes: int = 0
    history_since: int | None = None
    """When the oldest of it was."""

    @property
    def fine(self) -> bool:
        """Whether it is recorded, and the bot not down."""
        return self.state == "ok"


def status(named: tuple[str, ...], config: Path | None, store: Path | None, as_json: bool, local: bool) -> int:
    """Print a line for each target. The exit code: 0, or 3 where one is not recorded or its bot is down.

    `local` wants times in the local zone, whatever the configuration says.
    """
    known = settings(config)
    zone = Zone(local or known.config.local_time)
    directory = store_directory(store or (Path(known.config.store) if known.config.store else None))
    now = SystemClock().now()
    found = [standing(place, directory, now, zone) for place in places_of(named, known, directory)]
    fine = all(one.fine for one in found)
    if as_json:
        said = [{k: v for k, v in asdict(one).items() if k != "said"} for one in found]
        click.echo(json.dumps({"at": now, "ok": fine, "targets": said}, indent=2))
    else:
        width = max(len(one.name) for one in found)
        for one in found:
            wrong = "".join(f", {said}" for said in (one.problem, one.notice) if said)
            click.echo(f"{one.state:<7}  {one.name:<{width}}  {one.said}{wrong}")
    return FINE if fine else DOWN


def standing(place: Place, directory: Path, now: int, zone: Zone = UTC) -> Standing:
    """How a target stands at `now` (ms)."""
    path = directory / f"{place.subject}.db"
    lock = lock_path(path)
    pid = holder(lock)
    reader = HistoryReader.open(path)
    told = reader.status() or TargetStatus()
    scrapes = reader.times("scrape", _SAMPLE)
    firing, pending = _alerts(reader.newest("rules"))
    found = Standing(
        name=place.name,
        history=str(path),
        pid=pid,
        since=_modified(lock) if pid is not None else None,
        scraped_at=told.scraped_at,
        wrote_at=max((t for group in GROUPS for t in reader.times(group, 1)), default=None),
        up=told.up,
        reason=told.reason or told.database_reason,
        firing=firing,
        pending=pending,
        waiting=sum(fault.waiting for fault in told.send_faults),
        rules=told.rules_notice,
        rule_files=told.rule_files_notice,
        problem=reader.reason or told.store_reason,
        notice=told.store_notice,
        history_bytes=_size(path),
        history_since=reader.oldest(),
    )
    reader.close()
    interval = place.target.interval if place.target is not None else _rhythm(scrapes)
    state, said = _judged(found, interval, now, zone)
    return replace(found, state=state, said=said)


def _judged(found: Standing, interval: int, now: int, zone: Zone) -> tuple[str, str]:
    """The word for how it stands, and why."""
    who = f"recorded by process {found.pid} since {_stamp(found.since, zone)}"
    if found.pid is None and found.wrote_at is None:
        return "NEVER", f"was never recorded: start tradetop record ({found.history})"
    if found.pid is None:
        return "STOPPED", f"recorded last {_ago(now, found.wrote_at)}, nobody records now: start tradetop record"
    wrote_at = max(found.wrote_at or 0, found.since or 0)
    if now - wrote_at > STALE_AFTER * interval:
        return "STALLED", f"{who}, but nothing was written since {_stamp(wrote_at, zone)}"
    scraped = "not scraped yet" if found.scraped_at is None else f"scraped {_ago(now, found.scraped_at)}"
    if found.up is False:
        return "DOWN", f"{found.reason or 'the bot does not answer'}, {scraped}, {who}"
    if found.wrote_at is not None and found.wrote_at > now + LEEWAY:
        ahead = (found.wrote_at - now) // SECOND
        return "AHEAD", f"the clock was set back: what is recorded is {ahead:,} s ahead of it, {who}, {_fires(found)}"
    if found.problem:
        return "FAULT", f"{scraped}, {who}, {_fires(found)}"
    return "ok", f"{scraped}, {who}, {_fires(found)}"


def _alerts(samples: Iterable[Labels]) -> tuple[tuple[str, ...], int]:
    """Names of the alerts that fire, and how many are pending."""
    alerts = [labels for labels in samples if labels[NAME] == "ALERTS"]
    firing = sorted(a.get("alertname", "") for a in alerts if a.get("alertstate") == "firing")
    return tuple(firing), len(alerts) - len(firing)


def _fires(found: Standing) -> str:
    names = [*dict.fromkeys(found.firing)]
    named = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    fires = f"{len(found.firing)} firing ({named})" if names else "no alert firing"
    waits = f", {found.waiting} notification{'s' if found.waiting > 1 else ''} waiting" if found.waiting else ""
    ruled = ((found.rules, RULES), (found.rule_files, RULE_FILES))
    rules = "".join(f", {clean(text, most)}" for text, most in ruled if text)
    return fires + (f", {found.pending} pending" if found.pending else "") + waits + rules


def _rhythm(times: list[int]) -> int:
    """How often a target is scraped (ms), told from when it was."""
    gaps = sorted(later - earlier for later, earlier in pairwise(times))
    return gaps[len(gaps) // 2] if gaps else INTERVAL


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _modified(lock: Path) -> int | None:
    """When the lock was taken (ms): its file is written then, and never again."""
    try:
        return lock.stat().st_mtime_ns // 1_000_000
    except OSError:
        return None


def _stamp(t: int | None, zone: Zone) -> str:
    return "?" if t is None else zone.stamp(t)


def _ago(now: int, t: int | None) -> str:
    return "never" if t is None else f"{duration(max(0, now - t))} ago"
