"""About a series: its expression, the raw lines behind it, what they mean, and which rules and panels use it."""

from __future__ import annotations

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.detail_frame import DetailFrame
from tradetop.model.frame import Frame
from tradetop.model.level import Level
from tradetop.model.text import one_line
from tradetop.panes import cells, numbers
from tradetop.panes.content import Content, silence
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, severity, text
from tradetop.panes.look import Look
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

OURS = frozenset({"__name__", "job", "instance"})
"""Labels that every series of a bot has."""
_NAME = 9


def content(frame: Frame, of: DetailFrame, look: Look, width: int, height: int) -> Content:
    """As many lines as there is room for; the title says which, and that there are more."""
    found = lines(frame, of, look, width)
    first = max(0, min(look.scroll, len(found) - height))
    shown = found[first : first + height]
    right: list[Span] = []
    worst = max(alerts(frame, of), key=urgency, default=None)
    if worst is not None:
        right = [Span(_state(frame, worst, look), _role(worst), bold=True)]
    if len(found) > height:
        place = text(f"{first + 1}-{first + len(shown)} of {len(found)} PgDn")
        right = [*place, *([Span(" · ", Role.MUTED), *right] if right else [])]
    fires = worst is not None and worst.state is AlertState.FIRING and worst.last_seen is None
    level = worst.rule.level if worst is not None and fires else Level.OK
    return Content("about", shown, right, level, fires)


def alerts(frame: Frame, of: DetailFrame) -> list[Alert]:
    """The alerts of this very series."""
    named = {rule.name for rule in of.rules}
    return [
        a
        for a in frame.alerts
        if (a.rule.panel == of.panel.id or a.rule.name in named)
        and all(of.series.labels.get(k) in (v, None) for k, v in a.labels.items())
    ]


def lines(frame: Frame, of: DetailFrame, look: Look, width: int) -> list[Line]:
    """Everything known, the most telling first; nothing is cut but the middle of a raw line."""
    room = max(8, width - _NAME)
    found: list[Line] = [[Span(piece)] for piece in cells.wrap(of.expr, max(8, width))]
    # A line's number stands at its end.
    found += [[Span(cells.middle(line, width), Role.SECONDARY)] for line in of.raw]
    for rule in of.rules:
        found += _rule(frame, of, rule, look, width)
    found += _named(of.type or ("untyped" if of.help else ""), [of.help], room)
    if of.panel.thresholds:
        said = [Span(f"{t.level.name.lower()} {t}", severity(t.level)) for t in of.panel.thresholds]
        found.append([*text(cells.fit("limits", _NAME)), *(s for x in said for s in (x, Span("  ")))])
    found += _named("do", [of.panel.runbook], room)
    for index, note in enumerate(of.notes):
        found += _named("" if index else "note", [note], room)
    found += _named("used by", [" · ".join(of.used_by)], room)
    # The raw line says them too, but it may have been cut.
    found += _named("labels", [", ".join(f'{k}="{v}"' for k, v in of.series.labels.items() if k != "__name__")], room)
    return found


def _named(name: str, said: list[str], room: int) -> list[Line]:
    pieces = [piece for one in said if one for piece in cells.wrap(one, room)]
    return [
        [*text(cells.fit(name if not index else "", _NAME)), Span(piece, Role.SECONDARY)]
        for index, piece in enumerate(pieces)
    ] or ([[*text(name)]] if name and said == [""] and name not in {"do", "used by", "labels"} else [])


def _rule(frame: Frame, of: DetailFrame, rule: Rule, look: Look, width: int) -> list[Line]:
    """A rule with its state; its expression where there is room."""
    alert = max((a for a in alerts(frame, of) if a.rule.name == rule.name), key=urgency, default=None)
    if alert is not None:
        state = Span(_state(frame, alert, look), _role(alert), bold=True)
    elif silence(frame):
        state = Span(f"{marks(look.glyphs).off} {rule.name} has no data", Role.MUTED)
    else:
        state = Span(f"{marks(look.glyphs).ok} {rule.name} ok", Role.OK)
    hold = f" for {numbers.short(rule.hold)}" if rule.hold else ""
    said = f"{rule.condition or one_line(rule.expr)}{hold}"
    left = width - _NAME - cells.width(state.text) - 2
    tail = text("  " + cells.middle(said, left)) if left >= 6 else []
    return [[*text(cells.fit("rule", _NAME)), state, *tail]]


def urgency(alert: Alert) -> tuple[bool, bool, Level]:
    """How much an alert matters, to compare it with others."""
    return alert.last_seen is None, alert.state is AlertState.FIRING, alert.rule.level


def _state(frame: Frame, alert: Alert, look: Look) -> str:
    """`✖ RateLimitCritical firing 2m10s`, `◔ HighExposure pending 48s`."""
    sign = marks(look.glyphs)
    since = alert.fired_at or alert.active_at if alert.state is AlertState.FIRING else alert.active_at
    waited = numbers.duration(numbers.ticking(frame.at - since, look.slow))
    if alert.last_seen is not None:
        return f"{sign.off} {alert.rule.name} was {alert.state.value}"
    glyph = sign.level(alert.rule.level) if alert.state is AlertState.FIRING else sign.pending
    return f"{glyph} {alert.rule.name} {alert.state.value} {waited}"


def _role(alert: Alert) -> Role:
    if alert.last_seen is not None:
        return Role.MUTED
    return severity(alert.rule.level) if alert.state is AlertState.FIRING else Role.WARN
