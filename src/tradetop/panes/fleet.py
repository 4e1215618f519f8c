"""All bots: one row each, the worst first to the eye by its colour."""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.clock import SECOND
from tradetop.model.frame import BotFrame, Frame
from tradetop.model.level import Level, Presence
from tradetop.model.target import HealthState, Mode
from tradetop.panes import cells, numbers, sorting
from tradetop.panes.content import Content, figure, money_role, unsaid
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import Marks, marks
from tradetop.panes.header import mode
from tradetop.panes.line import SEPARATOR, Line, dimmed, selected, severity, text, window
from tradetop.panes.look import Hint, Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.panes.table import Column, table
from tradetop.theme.roles import Role


def fleet(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    notes: list[Line] = [[Span("NOTE  ", Role.WARN, bold=True), *text(notice)] for notice in frame.notices]
    lines = [*_rows(frame, look, columns, max(1, rows - len(notes))), *notes]
    below = len(frame.bots) - max(0, min(len(frame.bots), max(1, rows - len(notes)) - 1))
    content = Content("Bots", lines, _right(frame, below), hints=(Hint("↵", "open"),))
    return [framed("bots", 0, 1, width, height - 2, content, look, [Tab(None, "Bots")], boxed=boxed, focused=False)]


def _right(frame: Frame, unseen: int) -> Line:
    down = sum(bot.up is False for bot in frame.bots)
    more = text(f"+{unseen} bot{'s' if unseen > 1 else ''}", SEPARATOR.text) if unseen > 0 else []
    if down:
        return [*more, Span(f"{down} down", Role.CRIT, bold=True), *text(f" of {len(frame.bots)}")]
    return [*more, *text(f"{len(frame.bots)} watched")]


def _rows(frame: Frame, look: Look, width: int, height: int) -> list[Line]:
    sign = marks(look.glyphs)
    order = sorting.bots(frame, look)
    bots = [frame.bots[i] for i in order]
    columns = [
        Column("  BOT", [[*_dot(b, sign), Span(b.name, bold=True)] for b in bots], right=False, most=28),
        Column("MODE", [mode(b.mode) if b.mode is not Mode.UNKNOWN else text("MODE ?") for b in bots], right=False),
        Column("HEALTH", [_state(b) for b in bots], right=False, keep=6),
        Column("P&L", [_pnl(frame, b, look) for b in bots], keep=1),
        Column("ALERTS", [_alerts(b, sign) for b in bots], right=False, keep=1),
        Column("WORST LIMIT", [_worst(b) for b in bots], right=False, keep=2, most=min(44, max(15, width - 76))),
        Column("ERR/h", [[Span(numbers.count(b.errors), Role.WARN if b.errors else Role.MUTED)] for b in bots], keep=4),
        Column("AGE", [_age(b, look) for b in bots], keep=3),
        Column("PRESET", [text(b.preset or "") for b in bots], right=False, keep=7),
    ]
    if any(b.restarts for b in bots):
        restarts = [text(f"{sign.restart}{b.restarts}" if b.restarts else "") for b in bots]
        columns.append(Column("RESTARTS", restarts, keep=8))
    ordered = sorting.arrows(frame, look, "fleet")
    arrows = [ordered(c.heading.strip()) for c in columns]
    heading, body = table([c.marked(a) for c, a in zip(columns, arrows, strict=True)], width)
    if not bots:
        return [text("no bots: give tradetop a URL, or list them under `targets:` in the config")]
    rows: list[Line] = [heading]
    for index in window(len(bots), height - 1, look.selected):
        row = dimmed(body[index]) if bots[index].stale and bots[index].up is not False else body[index]
        rows.append(selected(row, look.mono) if index == look.selected else row)
    faults = [bot for bot in bots if bot.reason][: max(0, height - len(rows) - 1)]
    if faults:
        rows.append([])
    for bot in faults:
        role = Role.CRIT if bot.up is False else Role.WARN
        rows.append([Span(f"{bot.name}: ", role, bold=True), Span(bot.reason, Role.SECONDARY)])
    return rows


def _dot(bot: BotFrame, sign: Marks) -> list[Span]:
    if bot.up is False:
        return [Span(f"{sign.crit} ", Role.CRIT)]
    if bot.critical or bot.firing:
        level = Level.CRITICAL if bot.critical else Level.WARNING
        return [Span(f"{sign.level(level)} ", severity(level))]
    if bot.up is None and not bot.healths:
        return [Span(f"{sign.off} ", Role.MUTED)]
    return [Span(f"{sign.ok} ", Role.OK)]


def _state(bot: BotFrame) -> list[Span]:
    if bot.up is False:
        return [Span("DOWN", Role.CRIT, bold=True)]
    if bot.up is None and bot.age is None and not bot.healths:
        return text(("connecting…", Role.INFO))
    bad = [h for h in bot.healths if h.state in {HealthState.UNHEALTHY, HealthState.DEGRADED}]
    if bad:
        return [
            Span(
                f"{bad[0].role} {bad[0].state.value}", Role.CRIT if bad[0].state is HealthState.UNHEALTHY else Role.WARN
            )
        ]
    states = {h.state for h in bot.healths}
    if HealthState.STARTING in states:
        return text(("starting", Role.INFO))
    if HealthState.HEALTHY in states:
        return text(("healthy", Role.OK))
    return text("up" if bot.up else "health ?")


def _pnl(frame: Frame, bot: BotFrame, look: Look) -> list[Span]:
    reading = bot.pnl
    if bot.stale and bot.age is not None and not unsaid(reading):
        reading = replace(reading, presence=Presence.STALE, t=frame.now - bot.age)
    said = numbers.amount(reading.value, reading.unit, signed=True)
    brief = reading.presence in {Presence.ABSENT, Presence.STALE}
    return figure(frame, reading, said, look, money_role(reading.value), brief=brief)


def _alerts(bot: BotFrame, sign: Marks) -> list[Span]:
    found: list[Span] = []
    if bot.firing:
        role = Role.CRIT if bot.critical else Role.WARN
        found.append(Span(f"{sign.crit if bot.critical else sign.warn}{bot.firing} ", role, bold=True))
    if bot.pending:
        found.append(Span(f"{sign.pending}{bot.pending}", Role.WARN, bold=True))
    return found or text(numbers.UNKNOWN)


def _worst(bot: BotFrame) -> list[Span]:
    limit = bot.worst
    if limit is None:
        return text(numbers.UNKNOWN)
    word = dict(limit.panel.states).get(limit.reading.value, "") if limit.reading.value is not None else ""
    if word:
        return [Span(word, severity(limit.reading.level), bold=True), *text((f" {limit.label}", Role.SECONDARY))]
    said = numbers.amount(limit.reading.value, limit.reading.unit, decimals=limit.panel.decimals)
    role = severity(limit.reading.level)
    name = f"{limit.label} {limit.legend}".strip()
    end = numbers.brief(limit.limit.value, limit.reading.unit)
    return [Span(str(said), role, bold=True), *text(f" / {end} "), Span(cells.middle(name, 26), Role.SECONDARY)]


def _age(bot: BotFrame, look: Look) -> list[Span]:
    if bot.age is None:
        return text(numbers.UNKNOWN)
    if look.slow and bot.age < 10 * SECOND and not bot.stale:
        return text("<10s")
    age = bot.age if bot.age < 10 * SECOND else numbers.ticking(bot.age, look.slow)
    return [Span(numbers.duration(age), Role.CRIT if bot.stale else Role.MUTED)]
