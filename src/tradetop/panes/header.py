"""The header: whose money, is the bot alive, since when, how bad; the least important goes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tradetop.model.address import is_page
from tradetop.model.bot_event import SPOKEN
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.frame import BotFrame, Frame
from tradetop.model.level import Level
from tradetop.model.target import Health, HealthState, Mode
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.glyphs import Marks, marks
from tradetop.panes.line import severity, text
from tradetop.panes.look import Glyphs, Look
from tradetop.panes.parts import Part, fitted
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

FRESH = "ok"
"""What is said of data that is as young as it should be."""
_LATE = 1.5
"""From so many intervals on it is said how old data is."""


def header(frame: Frame | None, look: Look, width: int, crumbs: Sequence[str] = ()) -> list[Span]:
    """One line of exactly `width` cells at most; `crumbs` tell the way down from the overview."""
    if frame is None:
        parts = [Part(1, [Span("tradetop", Role.PRIMARY, bold=True)]), Part(0, text("connecting…"))]
    else:
        parts = [*_left(frame, look, width, crumbs), *_right(frame, look, width, crumbs)]
    return fitted(parts, width)


def _left(frame: Frame, look: Look, width: int, crumbs: Sequence[str]) -> list[Part]:
    bot = frame.subject
    brand = Part(62, [Span("tradetop", Role.PRIMARY, bold=True)], gap=1)
    if bot is None:
        many = f"{len(frame.bots)} bot{'s' if len(frame.bots) != 1 else ''}"
        return [brand, Part(0, [Span(many, bold=True)]), *_badges(frame, look)]
    long, short = (
        [Span(cells.middle(bot.name, room), bold=True), Span(" "), *mode(bot.mode)] for room in (max(12, width // 5), 8)
    )
    parts = [brand, Part(5, long, gap=1, less=short, least=0)]
    parts += _badges(frame, look)
    if crumbs:
        return [*parts, *_briefly(bot, look), *_crumbs(crumbs)]
    parts += _heard(frame, bot, look) if _only_writes(frame, bot) else _health(bot, look)
    if bot.preset and bot.age is not None:
        parts.append(Part(74, text(bot.preset)))
    return parts


def _crumbs(crumbs: Sequence[str]) -> list[Part]:
    """The way down; where room is short the outermost levels go first, and the last one never does."""
    parts: list[Part] = []
    for index, crumb in enumerate(crumbs):
        said = cells.middle(crumb, 32)
        if index == len(crumbs) - 1:
            long, short = ([*text("› "), Span(cells.middle(said, room), bold=True)] for room in (32, 6))
            parts.append(Part(4, long, gap=1, less=short, least=0))
        else:
            less = text("› …") if not index else ()
            parts.append(Part(30 - min(index, 5), text(f"› {said}"), gap=1, less=less, least=8))
    return parts


def _briefly(bot: BotFrame, look: Look) -> list[Part]:
    """Below the overview: one sign for the bot's health and the age of its data."""
    sign = marks(look.glyphs)
    if bot.up is False:
        return [Part(0, [Span(f"{sign.crit} DOWN", Role.CRIT, bold=True)], gap=1), *_age(bot, look)]
    return [Part(0, _worst(bot.healths, sign), gap=1), *_age(bot, look)]


def _worst(healths: Sequence[Health], sign: Marks) -> list[Span]:
    """The sign of the worst state, and the word for it where it is bad."""
    states = {h.state for h in healths}
    worst = next((s for s in _WORST if s in states), HealthState.UNKNOWN)
    glyph, role = _signed(worst, sign)
    return [Span(glyph, role), *([Span(f" {worst.value}", role)] if worst in _WORST[:2] else [])]


def _age(bot: BotFrame, look: Look) -> list[Part]:
    """How old the data is; "no data" stands in the panes, in the header the seconds count."""
    if bot.age is None:
        return []
    role = Role.CRIT if bot.stale else Role.MUTED
    return [Part(10 if bot.stale else 33, [Span(_aged(bot.age, bot.interval, look), role)], gap=1)]


def _aged(ms: int, interval: int, look: Look) -> str:
    """The age of data that is late; while all is well it stands still, since it would change with every second."""
    return FRESH if ms < _LATE * interval else numbers.duration(numbers.ticking(ms, look.slow))


def mode(of: Mode) -> list[Span]:
    """The badge that says whose money it is; reversed, and never red, since red is for alerts."""
    if of is Mode.UNKNOWN:
        return [Span(" MODE ? ", Role.MUTED, bold=True, reverse=True)]
    return [Span(f" {of.value} ", Role.INFO if of is Mode.PAPER else Role.FOREGROUND, bold=True, reverse=True)]


def _badges(frame: Frame, look: Look) -> list[Part]:
    """What the person must not forget: that time stands still, that values are hidden, that events are left out."""
    parts: list[Part] = []
    if look.paused:
        parts.append(_badge("PAUSED", Role.WARN))
    elif frame.view.at is not None:
        parts.append(_badge(f"REPLAY {times.clock(frame.at, look.offset)}", Role.WARN))
    if frame.redacted or look.redacted:
        sign = marks(look.glyphs).lit
        brief = _badge(sign, Role.INFO).line
        parts.append(replace(_badge(f"{sign} REDACTED", Role.INFO), priority=3, less=brief, least=0))
    feed = frame.feed
    typed = feed.filter or frame.view.filter
    if typed:
        role = Role.WARN if feed.problem else Role.PRIMARY
        said = typed if typed.startswith("!") else f"/{typed}"
        brief = _badge(said[:1], role).line
        parts.append(Part(24, _badge(cells.cut(said, 16), role).line, gap=1, less=brief, least=0))
    return parts


def _badge(said: str, role: Role) -> Part:
    return Part(0, [Span(f" {said} ", role, bold=True, reverse=True)], gap=1)


def _health(bot: BotFrame, look: Look) -> list[Part]:
    sign = marks(look.glyphs)
    parts: list[Part] = []
    if bot.up is False:
        parts.append(Part(0, [Span(f"{sign.crit} DOWN", Role.CRIT, bold=True)], gap=1))
    else:
        telling = _telling(bot.healths)
        worst = [_worst(telling, sign)[0]]
        named = _states(telling, sign)
        parts.append(Part(75, _states(telling, sign, timed=True), gap=1, less=named, least=6, last=worst))
    if bot.age is not None:
        role = Role.CRIT if bot.stale else Role.FOREGROUND
        age = Span(_aged(bot.age, bot.interval, look), role)
        if age.text == FRESH:
            # By itself it would stand behind the health and be taken for that.
            parts.append(Part(52, [*text("scrape"), Span(" "), age]))
        else:
            parts.append(Part(52, text("scrape")))
            parts.append(Part(10, [age], gap=1))
        parts.append(Part(72, text(f"/{numbers.duration(bot.interval)}"), gap=0))
    return parts


def _only_writes(frame: Frame, bot: BotFrame) -> bool:
    """Whether a bot has no page at all, but a database of events."""
    page = is_page(bot.url) or bot.healths or bot.series
    return bool(bot.url) and not page and any(e.source in SPOKEN for e in frame.feed.events[-1:])


def _heard(frame: Frame, bot: BotFrame, look: Look) -> list[Part]:
    """Of a bot that only writes events: when it last did, since no endpoint says that it lives."""
    if bot.up is False:
        return _health(bot, look)
    events = () if frame.feed.filter or frame.view.filter else frame.feed.events
    last = max((e.t for e in events if e.source in SPOKEN), default=None)
    if last is None:
        return []
    ago = numbers.short(numbers.ticking(max(0, frame.at - last), look.slow))
    return [Part(6, text("last event ", (f"{ago} ago", Role.FOREGROUND)), gap=1, less=text(f"{ago} ago"), least=0)]


def _telling(healths: Sequence[Health]) -> list[Health]:
    """The endpoints that tell something: where live and ready are healthy, a healthy third one does not."""
    roles = {h.role for h in healths}
    well = all(h.state is HealthState.HEALTHY for h in healths)
    return [h for h in healths if not (well and {"live", "ready"} <= roles and h.role not in {"live", "ready"})]


def _states(healths: Sequence[Health], sign: Marks, *, timed: bool = False) -> list[Span]:
    """Each endpoint's sign and name; `timed` with how long a healthy one took to answer."""
    if not healths:
        return [Span(f"{sign.off} ", Role.MUTED), *text("health ?")]
    found: list[Span] = []
    for health in healths:
        glyph, role = _signed(health.state, sign)
        if found:
            found.append(Span(" "))
        bad = health.state in {HealthState.UNHEALTHY, HealthState.DEGRADED}
        found += [Span(f"{glyph} ", role), Span(cells.cut(health.role, 10), role if bad else Role.SECONDARY)]
        if timed and health.latency is not None and health.state is HealthState.HEALTHY:
            found += text(f" {numbers.amount(round(health.latency, 3) or 0.001, Unit.SECONDS, decimals=0)}")
    return found


def _right(frame: Frame, look: Look, width: int, crumbs: Sequence[str]) -> list[Part]:
    bot = frame.subject
    parts: list[Part] = []
    if bot is not None:
        parts += _deployment(bot, frame, look, width, bool(crumbs))
    parts.append(Part(0, _counts(frame, look), right=True))
    if waiting := sum(b.to_review for b in ([bot] if bot is not None else frame.bots)):
        long, short = [Span(f"{waiting} to review", Role.WARN, bold=True)], [Span(f"{waiting}?", Role.WARN, bold=True)]
        parts.append(Part(8, long, right=True, less=short, least=0))
    brief = text(("reads", Role.INFO)) if frame.recorder.attached and not frame.recorder.reason else ()
    parts.append(Part(45, _recorder(frame, look), right=True, gap=1, less=brief))
    parts.append(Part(0, text((times.clock(frame.now, look.offset), Role.FOREGROUND)), right=True))
    if look.zone:
        parts.append(Part(60, text(look.zone), right=True, gap=1))
    return parts


def _deployment(bot: BotFrame, frame: Frame, look: Look, width: int, down: bool) -> list[Part]:
    parts: list[Part] = []
    if bot.restarts:
        parts.append(
            Part(31 if down else 20, text((f"{marks(look.glyphs).restart}{bot.restarts}", Role.WARN)), right=True)
        )
    if bot.deployed_at is None:
        return parts
    # Below the overview the way back up matters more.
    parts.append(
        Part(32 if down else 15, [*text("T+"), Span(_since(frame.at - bot.deployed_at), bold=True)], right=True)
    )
    if bot.hours:
        count = 48 if width >= 160 else 24 if width >= 110 else 8
        less = strip(bot.hours, count // 2, look) if count > 8 else ()
        parts.append(Part(68 if less else 40, strip(bot.hours, count, look), right=True, gap=1, less=less))
        parts.append(Part(50, text("24h"), right=True, gap=1))
    return parts


_WORST = (HealthState.UNHEALTHY, HealthState.DEGRADED, HealthState.STARTING, HealthState.HEALTHY)


def _signed(state: HealthState, sign: Marks) -> tuple[str, Role]:
    return {
        HealthState.HEALTHY: (sign.ok, Role.OK),
        HealthState.STARTING: (sign.pending, Role.INFO),
        HealthState.DEGRADED: (sign.warn, Role.WARN),
        HealthState.UNHEALTHY: (sign.crit, Role.CRIT),
        HealthState.UNKNOWN: (sign.off, Role.MUTED),
    }[state]


def _since(ms: int) -> str:
    ms = max(0, ms)
    if ms >= 100 * HOUR:
        return f"{ms // DAY}d{ms % DAY // HOUR:02d}h"
    return f"{ms // HOUR:02d}:{ms % HOUR // MINUTE:02d}"


def strip(hours: Sequence[Level | None], count: int, look: Look) -> list[Span]:
    """The first 24 hours in `count` cells (8, 24 or 48), each in the colour of its worst hour."""
    sign = marks(look.glyphs)
    ticks = look.mono or look.ticks or look.glyphs is not Glyphs.BRAILLE
    found: list[Span] = []
    for index in range(count):
        mine = hours[index * 24 // count : max(index * 24 // count + 1, (index + 1) * 24 // count)]
        known = [level for level in mine if level is not None]
        if known:
            level = max(known)
            glyph = sign.level(level) if ticks and level else sign.lit
            found.append(Span(glyph, severity(level, Role.OK)))
        elif mine:
            found.append(Span(sign.off if ticks else sign.lit, Role.FAINT))
        else:
            found.append(Span(sign.unlit if ticks else sign.lit, Role.MUTED if ticks else Role.TRACK))
    merged: list[Span] = []
    for span in found:
        if merged and merged[-1].role is span.role:
            merged[-1] = merged[-1]._replace(text=merged[-1].text + span.text)
        else:
            merged.append(span)
    return merged


def _counts(frame: Frame, look: Look) -> list[Span]:
    sign = marks(look.glyphs)
    bots = [frame.subject] if frame.subject is not None else list(frame.bots)
    firing, pending = sum(b.firing for b in bots), sum(b.pending for b in bots)
    critical, quiet = sum(b.critical for b in bots), sum(b.quiet for b in bots)
    glyph, role = (sign.crit, Role.CRIT) if critical else (sign.warn, Role.WARN)
    found: list[Span] = []
    if firing > quiet:
        found.append(Span(f"{glyph}{firing - quiet}", role, bold=True))
    if quiet:
        # Somebody knows of these: they do not call any more.
        found += [*([Span(" ")] if found else []), Span(f"{glyph}{quiet}", Role.MUTED)]
    if pending:
        found += [*([Span(" ")] if found else []), Span(f"{sign.pending}{pending}", Role.WARN, bold=True)]
    if found:
        return found
    blind = any(b.stale or (b.url and not b.series and not _only_writes(frame, b)) for b in bots) or (
        frame.subject is not None and not frame.rules_ok
    )
    return text(f"{sign.off} ?") if blind else text((f"{sign.ok} ok", Role.OK))


def _recorder(frame: Frame, look: Look) -> list[Span]:
    sign = marks(look.glyphs)
    recorder = frame.recorder
    if recorder.reason:
        return [Span(f"{sign.warn} not kept", Role.WARN)]
    return text(("attached", Role.INFO)) if recorder.attached else text("rec")
