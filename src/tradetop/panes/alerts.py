"""Pane 0: what fires, what is about to, and what was firing when the data stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tradetop.model.alert import Alert, AlertState, DeadRule
from tradetop.model.bot_event import EventClass
from tradetop.model.clock import SECOND
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName
from tradetop.model.silence import Silence, SilenceKind
from tradetop.panes import cells, numbers, times
from tradetop.panes.alert_words import EVERYWHERE, AlertWords, colour, words
from tradetop.panes.content import Content, cursor, hidden, no_data, presence, silence
from tradetop.panes.faults import faults, lines_of, notes, state_width
from tradetop.panes.glyphs import marks
from tradetop.panes.line import (
    SEPARATOR,
    Line,
    dimmed,
    joined,
    selected,
    severity,
    size,
    spread,
    text,
    to_width,
    window,
)
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.row import Row, Span
from tradetop.panes.same import Same
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "series"), Hint("x", "explain"), Hint("a", "ack"), Hint("S", "snooze"), Hint("z", "zoom"))
_BAR = 12
_NAME, _LAST = 20, 24
"""Columns that a rule's name has in any case; most of the last alert's."""
_CONDITION = 22
"""Most columns of a value with its condition."""
_MEANING = 20
"""Columns kept for what alerts mean, where that has a place."""
_ROOMY = 70
"""Columns below which only ages stand at the end of a row."""
_MEANING_FROM = 100
"""Columns from which it has a place."""
_KEPT = 128
"""Alerts whose words are kept: their ages move on each second at first, and nothing else."""


def wanted(frame: Frame, look: Look, width: int) -> int:
    """Rows that the pane would fill with `width` columns for its content."""
    said = lines_of([*faults(frame, look), *notes(frame, look)], width, full=True)
    return max(1, len(frame.alerts) + len(said)) + bool(frame.dead)


def ages(frame: Frame, look: Look) -> Sequence[int]:
    """How long the alerts have been there, as far as it is shown; where there are none, the present time (ms)."""
    if not frame.alerts:
        return [frame.now // SECOND * SECOND]
    return [numbers.ticking(frame.at - _began(alert), look.slow) for alert in frame.alerts]


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """What fires, then faults of the watching, what is pending or was firing, drills, notes, and what never fires."""
    fires = [a for a in frame.alerts if a.is_firing and not a.is_drill]
    at = cursor(look, PaneName.ALERTS)
    tails = [_tail(frame, alert, look, width) for alert in frame.alerts]
    told = words(Same(frame.alerts), Same(frame.panels))
    columns = _columns(frame, told, tails, width)
    rows = [
        *(_row(alert, told[i], look, width, columns, tails[i]) for i, alert in enumerate(frame.alerts)),
        *(_dead(each, look, width, columns) for each in frame.dead),
    ]
    if at is not None and at < len(rows):
        rows[at] = selected(rows[at], look.mono)
    first = 0 if frame.subject is not None and frame.subject.up is False else len(fires)
    alerts, dead = rows[: len(frame.alerts)], rows[len(frame.alerts) :]
    found, noted = faults(frame, look), notes(frame, look)
    # Where room is short, what fires or is about to needs it more than the ends of long words.
    room = height - len(alerts)
    remarks = lines_of(noted, width, full=True)
    if len(lines_of(found, width, full=True)) + len(remarks) > room and (alerts or found or len(noted) > 1):
        remarks = lines_of(noted, width, full=False)
    troubles = lines_of(found, width, full=True)
    if first and len(troubles) + len(remarks) > room:
        troubles = lines_of(found, width, full=False)
    quiet = [] if alerts or troubles or remarks else [_quiet(frame, look, width)]
    rows = [*alerts[:first], *troubles, *alerts[first:], *remarks, *quiet, *dead]
    line = at
    if at is not None and at >= len(alerts):
        line = len(rows) - len(dead) + at - len(alerts)
    elif at is not None and at >= first:
        line = at + len(troubles)
    level = max((a.rule.level for a in fires), default=Level.OK)
    seen = window(len(rows), height, line)
    more = [s._replace(role=Role.WARN, bold=True) for s in hidden(look, PaneName.ALERTS, len(rows) - len(seen))]
    right = joined([x for x in (more, _counts(frame, level)) if x], SEPARATOR)
    calls = max((max(a.rule.level, Level.WARNING) for a in frame.alerts if _rings(a)), default=Level.OK)
    return Content("Alerts", [rows[i] for i in seen], right, hints=_HINTS, rings=calls)


def _rings(alert: Alert) -> bool:
    """Whether it fires and nobody has said that they know."""
    return alert.is_firing and not alert.is_quiet


def _tail(frame: Frame, alert: Alert, look: Look, width: int) -> list[Span]:
    if alert.silence is not None and alert.is_quiet:
        return _silenced(frame, alert.silence, look, width)
    if alert.state is AlertState.PENDING:
        return _progress(frame, alert, look, width)
    return _since(frame, alert, look, severity(alert.rule.level, Role.WARN), width)


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the parts of an alert's row: state, name, value with condition, what stands at the end."""

    state: int
    name: int
    condition: int
    meaning: int
    """Of the longest; there may be room for less."""
    end: int


def _columns(frame: Frame, told: Sequence[AlertWords], tails: Sequence[Line], width: int) -> Columns:
    """Widths in which names are cut last: meanings give way first, then what a condition says."""
    state = state_width(frame)
    said = max((size(each.condition) for each in told), default=0)
    which = max((cells.width(each.which) + 2 for each in told if each.which), default=0)
    end = max(map(size, tails), default=0)
    condition = min(said, _CONDITION)
    free = width - state - condition - end - 6 - (which if width < _MEANING_FROM else _MEANING)
    names = (*map(_name, frame.alerts), *(d.rule.name for d in frame.dead))
    name = max(map(cells.width, names), default=0)
    longest = max((cells.width(each.meaning) for each in told), default=0)
    return Columns(state, min(max(name, 14), max(_NAME, free)), condition, longest, end)


def _row(alert: Alert, told: AlertWords, look: Look, width: int, columns: Columns, tail: Line) -> Row:
    left = _left(Same(alert), Same(told), look.glyphs, width, columns, size(tail))
    row = spread(left, [Span(" "), *tail], width)
    return dimmed(row) if alert.last_seen is not None else row


@lru_cache(maxsize=_KEPT)
def _left(same: Same[Alert], meant: Same[AlertWords], glyphs: Glyphs, width: int, columns: Columns, taken: int) -> Row:
    """What does not move on with time: all but the row's end, which takes so many cells."""
    alert, told, sign = same.of, meant.of, marks(glyphs)
    pending = alert.state is AlertState.PENDING
    role = colour(alert)
    glyph = sign.pending if pending else sign.level(max(alert.rule.level, Level.WARNING))
    rings = _rings(alert)
    word = f"{glyph} {_word(alert)}"
    blank = " " * (columns.state + 3 - cells.width(word))
    head = [Span(word, role, bold=True, reverse=True), Span(blank)] if rings else [Span(word + blank, role, bold=True)]
    left: list[Span] = [
        *head,
        Span(cells.fit(cells.middle(_name(alert), columns.name), columns.name) + " ", bold=True),
    ]
    if width >= _MEANING_FROM:
        room = min(width - size(left) - columns.end - columns.condition - 5, 80, columns.meaning)
        which = f"{cells.cut(told.which, room // 2)}  " if told.which else ""
        rest = room - cells.width(which)
        left += [Span(f" {which}", Role.SECONDARY)]
        short = cells.cut(told.meaning, rest) if alert.rule.summary else cells.middle(told.meaning, rest)
        left.append(Span(f"{cells.fit(short, rest)}  ", Role.MUTED))
        left += to_width(told.condition, columns.condition)
    else:
        left += [*told.condition, Span(f"  {told.which}" if told.which else "", Role.SECONDARY)]
        room = width - size(left) - taken - 3
        left += [Span(f"  {cells.cut(told.failed, room)}", Role.MUTED)] if told.failed and room >= _NAME else []
    return tuple(left)


def _dead(dead: DeadRule, look: Look, width: int, columns: Columns) -> Row:
    """A rule that can never fire, and why."""
    return to_width(
        [
            Span(f"{marks(look.glyphs).never} {'DEAD':<{columns.state}} ", Role.WARN, bold=True),
            Span(cells.fit(cells.middle(dead.rule.name, columns.name), columns.name) + " ", bold=True),
            *text(f" can never fire: {dead.reason}"),
        ],
        width,
    )


def _name(alert: Alert) -> str:
    """The name of its rule, and whether a server has raised it by rules of its own."""
    return f"server: {alert.rule.name}" if alert.server else alert.rule.name


def _word(alert: Alert) -> str:
    """The word at the head of an alert's row."""
    if alert.is_drill:
        return "DRILL"
    if alert.last_seen is not None:
        return "was firing"
    return "PENDING" if alert.state is AlertState.PENDING else "FIRING"


def _silenced(frame: Frame, silence: Silence, look: Look, width: int) -> list[Span]:
    """What a person did to an alert: that they know, or until when it shall be quiet, and why."""
    if silence.kind is SilenceKind.ACK:
        return text(("acknowledged", Role.SECONDARY))
    until = "" if silence.until is None else times.since(silence.until, frame.now, look.offset)
    reason = cells.cut(silence.reason, max(8, width // 4))
    return text("snoozed until ", (until, Role.SECONDARY), f": {reason}")


def _since(frame: Frame, alert: Alert, look: Look, role: Role, width: int) -> list[Span]:
    if alert.last_seen is not None:
        return text(no_data(frame.at - alert.last_seen, look.slow))
    started = _began(alert)
    age = numbers.ticking(frame.at - started, look.slow)
    where = ""
    if width >= 150:
        where = cells.cut(" ".join(f"{k}={v}" for k, v in alert.labels.items() if k not in EVERYWHERE), width // 4)
    if width < _ROOMY:
        return [Span(cells.right(numbers.duration(age), 8), role)]
    lead = [Span(f"{where}  ", Role.MUTED)] if where else []
    return [
        *lead,
        *text("since "),
        Span(times.clock(started, look.offset), Role.SECONDARY),
        Span(cells.right(numbers.duration(age), 8), role),
    ]


def _began(alert: Alert) -> int:
    """Since when an alert has been what it is: when it was last seen, when it fired, or when it began to wait."""
    if alert.last_seen is not None:
        return alert.last_seen
    return alert.active_at if alert.fired_at is None else alert.fired_at


def _progress(frame: Frame, alert: Alert, look: Look, width: int) -> list[Span]:
    waited = numbers.ticking(frame.at - alert.active_at, look.slow)
    hold = alert.rule.hold
    if hold <= 0:
        return text(f"for {numbers.duration(waited)}")
    sign = marks(look.glyphs)
    lit = min(_BAR, waited * _BAR // hold)
    ticks = look.mono or look.ticks or look.glyphs.value != "braille"
    rest = Span((sign.unlit if ticks else sign.lit) * (_BAR - lit), Role.MUTED if ticks else Role.TRACK)
    wait, end = _longest(frame, look)
    said = f" {cells.right(numbers.duration(min(waited, hold)), wait)} of {cells.right(numbers.duration(hold), end)}"
    return [Span(sign.lit * lit, Role.WARN), rest, *text(said)] if width >= _ROOMY else text(said)


def _longest(frame: Frame, look: Look) -> tuple[int, int]:
    """Columns of the longest wait of a pending alert and of its hold, so that their bars stand below each other."""
    held = [a for a in frame.alerts if a.state is AlertState.PENDING and a.rule.hold]
    waits = [min(numbers.ticking(frame.at - a.active_at, look.slow), a.rule.hold) for a in held]
    wait = max((len(numbers.duration(w)) for w in waits), default=0)
    return wait, max((len(numbers.duration(a.rule.hold)) for a in held), default=0)


def _quiet(frame: Frame, look: Look, width: int) -> Row:
    sign = marks(look.glyphs)
    gone = silence(frame, look)
    if gone:
        return to_width([Span(f"{sign.off} {gone}", Role.WARN, bold=True), *text(", limits cannot be judged")], width)
    bot = frame.subject
    if bot is not None and bot.url and bot.age is None:
        return to_width([Span(f"connecting to {bot.url}…", Role.INFO)], width)
    crossed = max(frame.limits, key=lambda x: x.reading.level, default=None)
    if crossed is not None and crossed.reading.level > Level.OK:
        role = severity(crossed.reading.level)
        said = f"{sign.level(crossed.reading.level)} {crossed.legend or crossed.label} is past a limit"
        return to_width([Span(said, role, bold=True), *text(", no alert has it yet")], width)
    if not frame.rules_ok:
        return to_width(
            text(f"{sign.off} no limits are watched yet: thresholds come from a preset, the config or rules"), width
        )
    blind = [x for x in frame.limits if x.reading.presence in {Presence.STALE, Presence.NOT_RECORDED}]
    if blind and len(blind) == len(frame.limits):
        cannot = presence(blind[0].reading, frame.now, look.offset, look.slow)
        return to_width([Span(f"{sign.off} {cannot}", Role.WARN, bold=True), *text(", limits cannot be judged")], width)
    said = f", {frame.rules_ok} limit{'s' if frame.rules_ok > 1 else ''} ok"
    quiet = [Span(f"{sign.ok} all quiet", Role.OK, bold=True), *text(said)]
    if blind:
        quiet += text(", ", (f"{len(blind)} without data", Role.WARN))
    last = _last(frame, look)
    return spread(quiet, last, width) if size(quiet) + size(last) + 2 <= width else to_width(quiet, width)


def _last(frame: Frame, look: Look) -> list[Span]:
    """Which alert was the last to end, as far as the feed goes back."""
    over = (e for e in reversed(frame.feed.events) if e.cls is EventClass.ALERT and e.level is Level.OK)
    event = next(over, None)
    name = next((f.value for f in event.facts if f.name == "alert"), "") if event is not None else ""
    if event is None or not isinstance(name, str) or not name:
        return []
    ago = numbers.short(numbers.ticking(frame.at - event.t, look.slow))
    return text("last alert ", (cells.middle(name, _LAST), Role.FOREGROUND), f" ended {ago} ago")


def _counts(frame: Frame, level: Level) -> list[Span]:
    real = [a for a in frame.alerts if not a.is_drill]
    fires = sum(a.is_firing for a in real)
    quiet = sum(a.is_firing and a.is_quiet for a in real)
    pending = sum(a.state is AlertState.PENDING for a in real)
    gone = sum(a.last_seen is not None for a in frame.alerts)
    parts: list[Line] = []
    if fires:
        known = text(f", {quiet} quiet") if quiet else []
        parts.append([Span(f"{fires} firing", severity(level, Role.WARN), bold=True), *known])
    if pending:
        parts.append([Span(f"{pending} pending", Role.WARN, bold=True)])
    if gone:
        parts.append(text(f"{gone} was firing"))
    if frame.dead:
        parts.append([Span(f"{len(frame.dead)} dead", Role.WARN, bold=True)])
    if frame.rules_ok:
        parts.append([Span(f"{frame.rules_ok} ok", Role.MUTED if silence(frame) else Role.OK)])
    return joined(parts, SEPARATOR)
