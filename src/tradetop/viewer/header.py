"""The header: is the bot alive and working, since when, and with whose money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tradetop.events.log import between
from tradetop.model.address import is_page, shown
from tradetop.model.alert import Alert, AlertState
from tradetop.model.bot_event import BotEvent, EventClass, EventSource
from tradetop.model.frame import BotFrame
from tradetop.model.level import Level, Presence
from tradetop.model.mark import Mark
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading
from tradetop.model.ports import Querier
from tradetop.model.target import STALE_AFTER, Health, HealthState, Mode, Target, TargetStatus
from tradetop.model.unit import Kind, Unit
from tradetop.scrape.locate import masked
from tradetop.viewer.bot import Bot
from tradetop.viewer.hours import HourStrip
from tradetop.viewer.noted import deployed
from tradetop.viewer.reading import number, samples
from tradetop.viewer.told import Told

_MODE = re.compile(r"(?i)live|paper|dry.?run|sandbox")
_TELLING = 200
"""Events that may tell the mode."""
NOTHING = Reading(None, Unit.USD, Kind.MONEY, Presence.ABSENT)


def is_stale(target: Target, status: TargetStatus, now: int) -> bool:
    """Whether the bot's own data is too old to act on."""
    if status.up is False:
        return True
    return status.scraped_at is not None and now - status.scraped_at > STALE_AFTER * target.interval


def deployed_at(target: Target, status: TargetStatus, marks: Iterable[Mark], at: int) -> int | None:
    """The deployment that T+ counts from at `at` (ms): the latest that the user said, the version told or a mark says.

    Where there was none yet, when the bot was first seen.
    """
    found = deployed(target, status, marks, at)
    return (target.since or status.first_seen) if found is None else found


def mode_of(target: Target, status: TargetStatus, querier: Querier, at: int, newest: Sequence[BotEvent]) -> Mode:
    """LIVE or PAPER where a source says so: the user, health, a `mode` label, then the newest events."""
    if target.mode is not Mode.UNKNOWN:
        return target.mode
    if status.mode is not Mode.UNKNOWN:
        return status.mode
    said: Iterable[str] = (
        *(h.mode.value for h in status.healths),
        *(mode for s in samples(querier, '{mode!=""}', at) if s.value and _MODE.fullmatch(mode := s.labels["mode"])),
        *(str(f.value) for e in reversed(newest) for f in e.facts if f.name == "mode"),
    )
    return next((mode for mode in map(read_mode, said) if mode is not Mode.UNKNOWN), Mode.UNKNOWN)


def read_mode(text: str) -> Mode:
    """What a bot's own word for its mode means."""
    if re.fullmatch(r"(?i)live|prod(uction)?|real", text):
        return Mode.LIVE
    if re.fullmatch(r"(?i)paper|dry.?run|sandbox|sim(ulation)?|demo|test(net)?", text):
        return Mode.PAPER
    return Mode.UNKNOWN


def restarts(querier: Querier, incidents: Iterable[BotEvent], since: int, at: int) -> int:
    """How often the process started anew since `since` (ms): as its start time says, else as its counters told."""
    # A range leaves out its start, where the first of the samples to compare lies.
    window = max(1, at - since + 1)
    changes = number(querier, f"changes(process_start_time_seconds[{window}ms])", at)
    own = (e for e in incidents if e.cls is EventClass.RESTART and e.source is EventSource.DERIVED)
    return sum(since <= event.t <= at for event in own) if changes is None else int(changes)


def ill(healths: Sequence[Health]) -> str:
    """What is wrong with the bot by its own word: the endpoints that are not well, and why."""
    found: dict[tuple[HealthState, str], list[str]] = {}
    for health in healths:
        if health.state in (HealthState.UNHEALTHY, HealthState.DEGRADED):
            found.setdefault((health.state, health.reason), []).append(health.role)
    said = (f"{', '.join(roles)} {state.value}" + (f": {why}" if why else "") for (state, why), roles in found.items())
    return "; ".join(said)


def headline(panels: Sequence[PanelFrame]) -> Reading:
    """The bot's P&L: the reading of the P&L pane's headline."""
    for panel in panels:
        if panel.panel.pane is PaneName.PNL and panel.panel.kind is PanelKind.HEADLINE and panel.first:
            return panel.first.reading
    return NOTHING


def header(
    bot: Bot,
    status: TargetStatus,
    querier: Querier,
    strip: HourStrip,
    panels: Sequence[PanelFrame],
    limits: Sequence[LimitFrame],
    alerts: Sequence[Alert],
    told: Told,
    at: int,
) -> BotFrame:
    """The header of one bot at `at` (ms)."""
    target = bot.target
    since = deployed_at(target, status, bot.marks(), at)
    stale, pnl = is_stale(target, status, at), headline(panels)
    if stale and pnl.presence is Presence.LIVE and status.scraped_at is not None:
        # Events may still tell it, but of a bot that is gone no figure is the last word.
        pnl = replace(pnl, presence=Presence.STALE, t=status.scraped_at)
    current = [a for a in alerts if a.last_seen is None]
    firing = [a for a in current if a.state is AlertState.FIRING]
    return BotFrame(
        name=bot.name,
        mode=mode_of(target, status, querier, at, between(bot.log().events, 0, at)[-_TELLING:]),
        url=masked(target.url) if is_page(target.url) else shown(target.url or target.database),
        up=status.up,
        reason=status.reason or ill(status.healths) or status.database_reason or status.database_notice,
        age=None if status.scraped_at is None else max(0, at - status.scraped_at),
        stale=stale,
        interval=target.interval,
        healths=status.healths,
        deployed_at=since,
        hours=() if since is None or since > at else strip.hours(since, at),
        restarts=0 if since is None else restarts(querier, bot.log().incidents, since, at),
        preset=status.preset,
        version=status.version,
        pnl=pnl,
        worst=limits[0] if limits else None,
        firing=len(firing),
        pending=sum(a.state is AlertState.PENDING for a in current),
        critical=sum(a.rule.level is Level.CRITICAL for a in firing),
        errors=told.errors,
        to_review=told.to_review,
        page_errors=status.errors,
        page_error_count=status.error_count,
        series=status.samples,
        first_seen=status.first_seen,
        bell=status.bell,
    )
