"""What holds for every bot, whatever it trades: that it is there, shows its metrics, works, and stays up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tradetop.model.alert import Rule
from tradetop.model.clock import MINUTE
from tradetop.model.labels import Labels, quote
from tradetop.model.level import severity_level
from tradetop.model.panel import Dashboard

_GRACE = 900
"""How long a process may take to its first cycle (s)."""
_EVENTS = "bot_events_total"
_LAST, _LIMIT, _USUAL = (
    f'{name}{{stream="events", strategy=""}}'
    for name in ("bot_last_event_timestamp_seconds", "bot_silence_limit_seconds", "bot_usual_events_per_hour")
)
_SEEN = "max(timestamp(up))"
"""Up to when it is known what the bot does: a server that follows it may be away, and the bot go on working."""
_MARKET = re.compile(r"(^|_)ticks?(_|$)")
"""Ticks may be the market's: that none has come yet says nothing of the bot."""


def alive(dashboard: Dashboard) -> tuple[Rule, ...]:
    """The alerts that a dashboard's bots get beside those of its own."""
    return (
        _rule("BotDown", "up == 0", "critical", "The bot does not answer", "Check the process", "up", hold=MINUTE),
        _rule(
            "MetricsStale",
            _missing(dashboard),
            "warning",
            "The page answers, but without the bot's metrics",
            "Is it the right port, is the bot's metrics library installed, has its exporter started?",
            "page without metrics",
            hold=2 * MINUTE,
        ),
        *_working(dashboard),
        _rule(
            "BotRestarted",
            _restarts(dashboard),
            "info",
            "The process has started anew",
            "If it was not you, look for a crash in the bot's log",
            "in 15m",
        ),
        _rule(
            "BotKeepsRestarting",
            "changes(process_start_time_seconds[1h]) >= 3",
            "critical",
            "The process starts again and again",
            "Stop it, read its log, check open positions by hand",
            ">= 3 in 1h",
        ),
    )


def _rule(name: str, expr: str, severity: str, summary: str, runbook: str, condition: str, hold: int = 0) -> Rule:
    return Rule(
        name=name,
        expr=expr,
        hold=hold,
        level=severity_level(severity),
        labels=Labels({"severity": severity}),
        summary=summary,
        runbook=runbook,
        condition=condition,
    )


def _missing(dashboard: Dashboard) -> str:
    """An empty page, or one without any metric of this kind of bot."""
    empty = "scrape_samples_scraped == 0 and on () up == 1"
    if not dashboard.detect:
        return empty
    names = _either(dashboard.detect)
    return f'up == 1 unless on () {{__name__=~"({names}).*"}} or ({empty})'


def _working(dashboard: Dashboard) -> Iterator[Rule]:
    if dashboard.cycles:
        yield _rule(
            "BotNotWorking",
            _frozen(dashboard.cycles),
            "critical",
            "Alive but not working: no cycle for three usual ones",
            "The loop hangs: nobody watches open positions. Look at the bot's log, restart it",
            "s without a cycle",
        )
        if started := tuple(name for name in dashboard.cycles if not _MARKET.search(name)):
            yield _rule(
                "BotNotStarted",
                _unbegun(started, dashboard),
                "critical",
                "Alive but not working: no first cycle since the process started",
                "It hangs before its first cycle, or never counts one: look at the bot's log, restart it",
                "s without a first cycle",
            )
    if dashboard.activity:
        yield _rule(
            "BotSilent",
            _silent(dashboard.activity),
            "critical",
            "Alive but not working: silent for longer than chance explains",
            "Is the bot stuck, its provider gone, or the market asleep? Look at the bot's log",
            "s of silence",
        )


def _frozen(cycles: tuple[str, ...]) -> str:
    """For how long (s) no cycle was counted, from three usual ones on, at least a minute and at most an hour.

    That is since the last moment at which the count was another than 5 s before, or was not there to compare with: a
    restart, an outage or a gap of ours begin the wait anew. What was before the last minutes is told by 15 s alone, for
    there are many of those. A usual cycle is what one of this process took until then:
    silent > 3 * (uptime - silent) / count, which is silent > 3 * uptime / (count + 3). Where no start is known, 60 s.
    """
    count = _first(cycles)
    starts = ["process_start_time_seconds", *map(_created, cycles)]
    moved = (
        f"max_over_time((vector(time()) unless on () {count} == {_first(cycles, f' offset {step}')})[{span}:{step}])"
        for span, step in (("3m", "5s"), ("1h", "15s"))
    )
    return (
        f"{_SEEN} - ({' or '.join(moved)} or vector(time() - 3600))"
        f" >= clamp(3 * (time() - ({' or '.join(f'max({start})' for start in starts)})) / ({count} + 3)"
        " or vector(180), 60, 3600)"
        f" and on () {count} > 0 and on () up == 1"
    )


def _unbegun(cycles: tuple[str, ...], dashboard: Dashboard) -> str:
    """For how long (s) a process has been up that has not counted a first cycle: from a quarter of an hour on, watched.

    Where a cycle took longer over the last day, three of those, at most an hour. A counter that is not there claims
    nothing, unless the page declares it or an earlier process counted with it: there are versions without it. Nor does
    one that stays at zero while what the bot sets in its work moves: that exporter does not count.
    """
    count = _first(cycles)
    starts = " or ".join(f"max({name})" for name in ("process_start_time_seconds", *map(_created, cycles)))
    # Without a known start it is up for as long as it was watched.
    up_for = f"({_SEEN} - ({starts}) or {_GRACE} * max(up))"
    unborn = f"max(up) unless on () {count}"
    if not dashboard.declared:
        unborn += f" and on () ({_any_of(cycles, 'max_over_time({}[1d])')}) > 0"
    usual = f"1 / (({_any_of(cycles, 'max_over_time(rate({}[1h])[1d:15m])')}) > 0)"
    moved = ""
    if dashboard.set_in_work:
        names = f'{{__name__=~"{_either(tuple(sorted(dashboard.set_in_work)))}"}}'
        moved = f" unless on () sum by (__name__) ({names}) != on (__name__) sum by (__name__) ({names} offset 15m)"
    return (
        f"{up_for} >= {_GRACE} and on () ({count} == 0 or {unborn})"
        f" and on () min_over_time(up[15m]) == 1 and on () up offset 15m{moved}"
        f" and on () {up_for} >= (clamp(3 * {usual}, {_GRACE}, 3600) or vector({_GRACE}))"
    )


def _silent(activity: tuple[str, ...]) -> str:
    """For how long (s) nothing has happened, where chance makes that once in ten months.

    What happens at random with a rate of r stays away for longer than ln(10 N) / r once in ten times as long as N
    happenings take; N are those of a month here. The rate, per five minutes, is that of what was watched of the last
    day, told by the share of them that had anything in them, so that what comes in clusters counts once: 1 - exp(-r).
    """
    names = activity[0] if len(activity) == 1 else f'{{__name__=~"{_either(activity)}"}}'
    total, before = f"sum({names})", f"sum({names} offset 5m)"
    rate = f"-ln(1 - clamp_max(avg_over_time(({total} != bool {before})[1d:5m]) > 0, 0.99))"
    last = f"max_over_time((vector(time()) unless on () {total} == {before})[1d:5m])"
    silent = f"time() - ({last} or vector(time() - 86400))"
    heard = ""
    if _EVENTS in activity:
        # Where events are heard one by one each bot has its limit, which knows its times of day.
        # One that is above a day is another rule's.
        heard = f"time() - {_LAST} > ({_LIMIT} <= 86400) and {_USUAL} unless on () up == 0 or "
        silent = f"({silent} unless on () {_LIMIT})"
    unseen = "(up == 0 or timestamp(up) < time() - 120)"
    return f"{heard}{silent} > 300 * ln(86400 * {rate}) / {rate} and on () {total} unless on () {unseen}"


def _restarts(dashboard: Dashboard) -> str:
    """Starts of the process, or counts that began anew where it does not tell its start."""
    resets = (f"sum(resets({name}[15m])) > 0 unless on () process_start_time_seconds" for name in dashboard.cycles)
    return " or ".join(["changes(process_start_time_seconds[15m]) > 0", *(f"({reset})" for reset in resets)])


def _first(names: tuple[str, ...], offset: str = "") -> str:
    """The sum of the first of some metrics that is there."""
    sums = " or ".join(f"sum({name}{offset})" for name in names)
    return sums if len(names) == 1 else f"({sums})"


def _any_of(names: tuple[str, ...], shape: str) -> str:
    """The sum of what a shape such as `rate({}[1h])` gives of the first of some metrics that was there."""
    return " or ".join(f"sum({shape.format(name)})" for name in names)


def _either(names: tuple[str, ...]) -> str:
    """A regular expression for these texts, within a quoted one."""
    return quote("|".join(map(re.escape, names)))


def _created(name: str) -> str:
    """The metric that tells since when a counter counts."""
    return name.removesuffix("_total").removesuffix("_count") + "_created"
